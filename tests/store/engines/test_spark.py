"""Spark with its executors as processes of their own, some of which are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from ibis import _

from sekisho.errors import RequestError, SekishoError
from sekisho.store.engines.portable import Target
from sekisho.store.engines.spark import Spark

pytestmark = pytest.mark.xdist_group("spark")


def test_a_killed_executor_costs_time_and_no_row(
    spark: Spark, executors: Callable[[], set[int]]
) -> None:
    numbers = spark.table("numbers", pa.table({"x": list(range(300))}))
    kept = spark.keep("kept_numbers", numbers)
    a, b, c = kept, kept.view().rename(y="x"), kept.view().rename(z="x")
    question = a.cross_join(b).cross_join(c).agg(n=_.count(), total=(_.x * _.y % 7 + _.z).sum())
    assert len(executors()) == 2
    answers: list[pa.Table | SekishoError] = []

    def ask() -> None:
        try:
            answers.append(spark.fetch(question))
        except SekishoError as error:
            answers.append(error)

    asking = threading.Thread(target=ask)
    tracker = spark._session._sc.statusTracker()
    asking.start()
    while not any(
        (stage := tracker.getStageInfo(number)) and stage.numActiveTasks
        for number in tracker.getActiveStageIds()
    ):
        assert asking.is_alive(), answers
        time.sleep(0.005)
    victims = executors()
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    asking.join()
    inner = sum(x * y % 7 for x in range(300) for y in range(300))
    total = 300 * inner + 300 * 300 * sum(range(300))
    answer = answers[0]
    assert isinstance(answer, pa.Table), answer
    assert answer.to_pylist() == [{"n": 27_000_000, "total": total}]
    assert not victims & executors()
    assert spark.fetch(kept.agg(n=_.count()))["n"].to_pylist() == [300]


def test_a_sum_beyond_64_bits_is_an_error(spark: Spark) -> None:
    large = spark.table("large", pa.table({"x": [2**62] * 4}))
    with pytest.raises(SekishoError, match="overflow"):
        spark.fetch(large.agg(x=_.x.sum()))


def test_two_sessions_see_nothing_of_each_other(spark: Spark, target: Callable[..., Target]) -> None:
    spark.table("mine", pa.table({"x": [1]}))
    with Spark.open(target(url="local-cluster[2,1,1024]")) as other:
        theirs = other.table("mine", pa.table({"x": [2]}))
        assert other.fetch(theirs)["x"].to_pylist() == [2]
    assert spark.fetch(spark.table("still", pa.table({"x": [3]})))["x"].to_pylist() == [3]
    assert spark._session.sql("SELECT x FROM mine").toArrow()["x"].to_pylist() == [1]


def test_a_file_that_executors_do_not_see_is_an_error_with_its_mend(
    spark: Spark, lake_folder: Path, rows: pa.Table
) -> None:
    with pytest.raises(SekishoError) as caught:
        spark.fetch(spark.parquet([lake_folder / "gone.parquet"], rows.schema))
    assert "engine.lake" in caught.value.mend


SCRIPT = """
import os, signal, sys
from pathlib import Path
import pyarrow as pa
from sekisho.errors import SekishoError
from sekisho.store.engines.portable import Target
from sekisho.store.engines.spark import Spark
root = Path(sys.argv[1])
engine = Spark.open(Target(root=root, temporary=root / "tmp", memory_limit=600 << 20, threads=1))
java = engine._session._sc._gateway.proc.pid
print(java, engine._session._jvm.java.lang.Runtime.getRuntime().maxMemory() >> 20)
rows = engine.table("rows", pa.table({"x": [1, 2]}))
if sys.argv[2] == "kill":
    import threading
    many = engine.keep("many", engine.table("few", pa.table({"x": list(range(2000))})))
    question = many.cross_join(many.view().rename(y="x")).cross_join(many.view().rename(z="x"))
    tracker = engine._session._sc.statusTracker()
    def kill():
        while not tracker.getActiveStageIds():
            pass
        os.kill(java, signal.SIGKILL)
    threading.Thread(target=kill).start()
    try:
        engine.fetch(question.agg(n=(question.x * question.y % 7 + question.z).sum()))
    except SekishoError as error:
        print(type(error).__name__, error, error.mend, sep="|")
engine.close()
print(sorted((root / "tmp").iterdir()))
try:
    os.kill(java, 0)
except ProcessLookupError:
    print("no Java is left")
"""


@pytest.mark.parametrize("how", ["close", "kill"])
def test_no_java_is_left_and_a_killed_driver_is_told_of(tmp_path: Path, how: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), how], capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    first, *rest = ran.stdout.splitlines()
    assert int(first.split()[1]) <= 600
    if how == "kill":
        assert rest.pop(0).startswith("EngineStopped|the engine stopped: Spark's driver went away")
    assert rest == ["[]", "no Java is left"]


def test_without_the_packages_the_error_names_the_extra(
    target: Callable[..., Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ibis.backends.pyspark", None)
    with pytest.raises(RequestError) as caught:
        Spark.open(target())
    assert caught.value.mend == "pip install 'sekisho[spark]'"


def test_an_option_that_would_change_answers_is_refused(target: Callable[..., Target]) -> None:
    with pytest.raises(RequestError, match="would change what Spark answers"):
        Spark.open(target(options={"spark.sql.ansi.enabled": False}))
