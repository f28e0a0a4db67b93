"""Logons of steps out of the lake."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.investigate.logons.base import Answer, Step
from sekisho.investigate.logons.corroborate import corroborate
from sekisho.investigate.logons.gather import gather
from sekisho.model.addresses import key, parse_address
from sekisho.model.logons import LOGON_SCHEMA
from sekisho.store.lake import Lake
from sekisho.store.writer import FileIdentity

NOON = datetime(2024, 3, 4, 12, 30, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "lake", create=True, threads=1, memory_limit="300MB") as found:
        yield found


def put(lake: Lake, *rows: dict[str, Any]) -> None:
    content = repr(rows).encode()
    sha, size = hashlib.sha256(content).hexdigest(), len(content)
    labels = {"sensor": "hosts", "src_realm": "", "dst_realm": "", "row": 1, "event": 4624}
    made = [labels | {"kind": "logon", "success": True, "account": "anna"} | row for row in rows]
    schema = pa.schema([field for field in LOGON_SCHEMA if field.name != "file"])
    with lake.writer() as writer:
        writer.begin(
            FileIdentity("a.evtx", "hosts", "windows-evtx", sha, size, sha, size, unterminated=False)
        )
        writer.add_logons(pa.Table.from_pylist(made, schema=schema))
        writer.finish(1)
        writer.commit()


def step() -> Step:
    names = frozenset({"pc1"}), frozenset({"srv2"})
    return Step("10.0.0.1", "10.0.0.2", 445, "tcp", NOON, NOON + timedelta(minutes=1), *names)


def test_what_is_on_record_about_both_ends_is_judged(lake: Lake) -> None:
    hi, lo = key(parse_address("10.0.0.1"))
    put(
        lake,
        {"time": NOON, "host": "SRV2.corp.example", "src_hi": hi, "src_lo": lo},
        {"time": NOON, "host": "other", "account": "nobody"},
        {"time": NOON + timedelta(days=3), "host": "srv2", "account": "late"},
    )
    found = gather(lake, [step()], {})
    assert [(one.account, one.src) for one in found.logons] == [("anna", "10.0.0.1")]
    assert (found.cut, found.damaged) == (False, 0)
    (said,) = corroborate([step()], found.logons, found.hours, {})
    assert (said.answer, said.accounts) == (Answer.SEEN, ("anna",))
    assert said.evidence[0].path == "a.evtx"


def test_a_host_whose_log_speaks_of_others_alone_lacks_this_one(lake: Lake) -> None:
    hi, lo = key(parse_address("10.0.0.9"))
    put(lake, {"time": NOON, "host": "SRV2", "src_hi": hi, "src_lo": lo})
    found = gather(lake, [step()], {"hosts": timedelta(seconds=3)})
    (said,) = corroborate([step()], found.logons, found.hours, {})
    assert said.answer is Answer.TRACES_REMOVED


def test_nothing_asked_is_nothing_found(lake: Lake) -> None:
    found = gather(lake, [], {})
    assert (found.logons, found.hours) == ((), ())
