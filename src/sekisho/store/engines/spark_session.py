"""Starting Spark in this process, joining a cluster, and leaving nothing running."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sekisho.errors import RequestError
from sekisho.store.engines.portable import Target, missing
from sekisho.store.layout import new_run, remove_tree

_JAVA = "Install a Java runtime, 17 or 21: apt-get install openjdk-17-jre-headless."
_LOOPBACK = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "localhost"}


def connected(target: Target, options: Mapping[str, str]) -> tuple[Any, Callable[[], None]]:
    """A session of a Spark Connect server (`sc://host:port`), and what ends it.

    Raises RequestError where it does not answer.
    """
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.session import SparkSession
    except ImportError as error:
        raise missing("spark", error) from error
    url = target.url or ""
    try:
        _check_answers(url)
        session = SparkSession.builder.remote(url).create()
        # The driver's own patience is ten minutes.
        session.client.set_retry_policies([DefaultPolicy(max_retries=5, max_backoff=2000)])
        session.conf.get("spark.sql.session.timeZone")
    except (PySparkException, OSError) as error:
        # What follows may be a token.
        shown = url.partition(";")[0]
        raise RequestError(
            f"no Spark Connect server answers at {shown}: {str(error)[:500]}", "See engine.url."
        ) from error
    for name, value in options.items():
        session.conf.set(name, value)

    def stop() -> None:
        with suppress(Exception):
            session.stop()

    return session, stop


def _check_answers(url: str) -> None:
    """Raises OSError where nothing listens at a Spark Connect URL."""
    parts = urlsplit(url.partition(";")[0])
    try:
        port = parts.port or 15_002
    except ValueError as error:
        raise OSError(str(error)) from error
    socket.create_connection((parts.hostname or "", port), timeout=10).close()


def started(target: Target, options: Mapping[str, str]) -> tuple[Any, Callable[[], None]]:
    """A session whose driver is a Java process below this one, and what ends it.

    The executors are threads of it (`local[*]`, the default), processes on this machine
    (`local-cluster[…]`), or those of the master in the URL. What is local listens on loopback only.
    """
    from pyspark import SparkContext
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    _check_java()
    master = target.url or f"local[{target.threads or '*'}]"
    running = SparkContext._active_spark_context
    if running is not None:
        if running.master != master:
            raise RequestError(
                f"this process already runs Spark on {running.master}, and one process has one Spark",
                "Close that one first.",
            )
        return SparkSession.builder.getOrCreate().newSession(), lambda: None
    local = master.startswith("local")
    # Of the kind that the lake sweeps once their process is gone.
    spill = target.temporary / f"engine-{os.getpid()}-{new_run()}"
    spill.mkdir(parents=True)
    environment = dict(_LOOPBACK) if local else {}
    if master.startswith("local-cluster"):
        environment["SPARK_HOME"] = str(_home(spill))
    builder = SparkSession.builder.master(master).appName("sekisho")
    for name, value in {**_defaults(target, spill, local=local), **options}.items():
        builder = builder.config(name, value)
    with ExitStack() as undo:
        undo.callback(remove_tree, spill)
        undo.callback(_end_gateway)
        try:
            with _environment(environment), _logging_to(spill / "driver.log"):
                first = builder.getOrCreate()
        except (PySparkException, OSError) as error:
            raise RequestError(f"Spark does not start: {str(error)[:500]}", _JAVA) from error
        except Exception as error:  # py4j raises what the Java side threw
            raise RequestError(
                f"Spark does not start on {master}: {str(error)[:500]}", "See engine.url and options."
            ) from error
        ending = undo.pop_all()

    def stop() -> None:
        with ending, suppress(Exception):
            first.stop()

    return first.newSession(), stop


def _home(spill: Path) -> Path:
    """Spark's home as links in a folder of ours: what executors on this machine log goes to `work` in it,
    and no setting says otherwise."""
    import pyspark

    home = spill / "home"
    home.mkdir()
    real = Path(os.environ.get("SPARK_HOME") or Path(pyspark.__file__).parent)
    for part in real.absolute().iterdir():
        if part.name != "work":
            (home / part.name).symlink_to(part)
    return home


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """Let the Java process that is started meanwhile write what it says to a file, not to the terminal,
    where a person reads results."""
    kept = os.dup(2)
    with path.open("ab") as log:
        os.dup2(log.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _defaults(target: Target, spill: Path, *, local: bool) -> dict[str, str]:
    common = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(spill / "warehouse"),
        "spark.driver.memory": f"{max(target.memory_limit >> 20, 512)}m",
    }
    if not local:
        return common
    return common | {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": str(spill),
        "spark.sql.shuffle.partitions": str(2 * (target.threads or os.cpu_count() or 1)),
    }


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = Path(home, "bin", "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        raise RequestError("Spark needs Java, and there is none", _JAVA)


def _end_gateway() -> None:
    """End the Java process, which outlives the last session otherwise."""
    from pyspark import SparkContext

    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
    if gateway is None:
        return
    with suppress(Exception):
        gateway.shutdown()
    process = getattr(gateway, "proc", None)
    if process is not None:
        process.stdin.close()
        process.kill()
        process.wait()


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """What the Java process is to find in its environment, and later ones not."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
