"""Connecting to a ClickHouse server, and running its engine in this process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError

from sekisho.errors import RequestError
from sekisho.store.engines.clickhouse_tables import InProcess, Tables
from sekisho.store.engines.portable import Target
from sekisho.store.layout import remove_tree

Opened = tuple[Any, Tables, Callable[[], None]]


def connected(target: Target, options: Mapping[str, str]) -> Opened:
    """A client of the server at `http(s)://host[:port]`, its tables, and what ends it.

    Raises RequestError where the URL is none or the server does not let us in.
    """
    url = urlsplit(target.url or "")
    secure = url.scheme == "https"
    try:
        port = url.port or (8443 if secure else 8123)
    except ValueError:
        port = 0
    whole = url.scheme in {"http", "https"} and url.hostname and port
    if not whole or url.username or url.path.strip("/") or url.query:
        raise RequestError(
            f"engine.url: {target.url or 'nothing'} is no ClickHouse server",
            "Write http://HOST:8123 or https://HOST:8443 (user, password and database are keys of "
            "their own), or chdb: for the engine in this process.",
        )
    try:
        client = clickhouse_connect.get_client(
            interface=url.scheme,
            host=url.hostname,
            port=port,
            username=target.user or "default",
            password=target.password or "",
            database=target.database or "__default__",
            client_name="sekisho",
            settings=dict(options),
            query_limit=0,
            autogenerate_session_id=False,
        )
        tables = Tables(client, target.cluster, target.root)
        tables.sweep()
    except (ClickHouseError, OSError) as error:
        raise RequestError(
            f"ClickHouse at {url.hostname}:{port} does not answer: {str(error)[:500]}",
            "See engine.url, user, password and database.",
        ) from error
    return client, tables, client.close


def started(target: Target, options: Mapping[str, str]) -> Opened:
    """The engine in this process, its tables in a temporary folder of its own, and what ends it.

    One process has one. It spills beyond half of `memory_limit` and refuses beyond all of it.
    """
    if target.lake is not None or target.cluster is not None:
        raise RequestError("the engine in this process has no cluster and sees the lake as it is here")
    folder = Path(tempfile.mkdtemp(prefix=f"sekisho-{os.getpid()}-"))
    limits = {
        "max_memory_usage": str(target.memory_limit),
        "max_bytes_before_external_group_by": str(target.memory_limit // 2),
        "max_bytes_before_external_sort": str(target.memory_limit // 2),
        "max_threads": str(target.threads or os.cpu_count() or 1),
    }
    try:
        client = clickhouse_connect.get_client(
            interface="chdb", path=str(folder / "data"), settings={**limits, **options}, query_limit=0
        )
    except ImportError as error:
        remove_tree(folder)
        raise RequestError(
            "the engine in this process needs a package that is not installed: chdb", "pip install chdb"
        ) from error
    except (ClickHouseError, RuntimeError) as error:
        remove_tree(folder)
        raise RequestError(
            f"the engine does not start in this process: {str(error)[:500]}",
            "One process has one; close the other. See engine.options.",
        ) from error

    def stop() -> None:
        client.close()
        remove_tree(folder)

    return client, InProcess(client, folder), stop
