from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sekisho.intel import hunt_log
from sekisho.intel.hunt_log import FILE, hunts, note
from sekisho.model.findings import Span
from sekisho.model.hunts import HuntDocument

NOW = datetime(2020, 6, 11, tzinfo=UTC)


def hunt(number: int) -> HuntDocument:
    return HuntDocument(
        made=NOW,
        window=Span.model_validate({"from": None, "to": None}),
        feeds=(),
        hunted={"address": number},
        recorded=True,
        named=False,
        total=0,
        hits=(),
    )


def test_the_last_hunts_are_kept(tmp_path: Path) -> None:
    root = tmp_path / "intel"
    assert hunts(root) == ()
    for number in range(hunt_log.MOST + 2):
        note(root, hunt(number))
    found = hunts(root)
    assert len(found) == hunt_log.MOST
    assert (found[-1].looked, found[-1].at, found[-1].recorded) == (
        {"address": hunt_log.MOST + 1},
        NOW,
        True,
    )


def test_a_damaged_log_is_no_evidence_and_the_next_hunt_begins_it_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    assert hunts(tmp_path) == ()
    note(tmp_path, hunt(1))
    assert len(hunts(tmp_path)) == 1
