"""Puts logons into a lake, as a reader of hosts' logs gives them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from sekisho.model.logons import LOGON_SCHEMA
from sekisho.store.lake import Lake
from sekisho.store.writer import FileIdentity


def write(lake: Lake, *rows: dict[str, Any]) -> None:
    """One file of them; what a row does not say is as in most."""
    content = repr(rows).encode()
    sha, size = hashlib.sha256(content).hexdigest(), len(content)
    labels = {"sensor": "hosts", "src_realm": "", "dst_realm": "", "event": 4624}
    plain = {"kind": "logon", "success": True, "account": "anna"}
    made = [labels | {"row": n} | plain | row for n, row in enumerate(rows, 1)]
    schema = pa.schema([field for field in LOGON_SCHEMA if field.name != "file"])
    with lake.writer() as writer:
        writer.begin(
            FileIdentity("a.evtx", "hosts", "windows-evtx", sha, size, sha, size, unterminated=False)
        )
        writer.add_logons(pa.Table.from_pylist(made, schema=schema))
        writer.finish(len(rows))
        writer.commit()


@pytest.fixture(scope="session")
def put() -> Callable[..., None]:
    """Writes rows of logons as one file: `put(lake, {...}, ...)`."""
    return write
