from __future__ import annotations

import json
from pathlib import Path

from tests.fleet.sigma.conftest import event

from sekisho.app.checking import keeping
from sekisho.app.checking.keeping import LakeKeeper
from sekisho.model.terminals import Sighting
from sekisho.store.event_staging import MOST_REASONS
from sekisho.store.lake import Lake


def test_logs_count_when_their_collection_does(tmp_path: Path) -> None:
    notes: list[str] = []
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keeper = LakeKeeper(lake.events.intake)
        keeper.begin("a" * 64, "PC1.zip")
        log = keeper.log("C/Security.evtx")
        for row in range(1, 4):
            log.add(row, event({"CommandLine": "x" * (40_000 if row == 1 else 1)}, record=row))
        for row in range(4, 9):
            log.miss(row, "is cut off")
        log.add(9, {"Event": {"System": {"EventID": "none"}}})
        keeper.end(Sighting("PC1", uuid="u"), notes)
        assert lake.events.files().num_rows == 0
        keeper.commit()
        (file,) = lake.events.files().to_pylist()
        # The same again is the same.
        keeper.begin("a" * 64, "PC1.zip")
        keeper.log("C/Security.evtx").add(1, event({}))
        keeper.end(None, [])
        keeper.commit()
        assert lake.events.files().num_rows == 1
    assert (file["name"], file["within"], file["rows"]) == ("C/Security.evtx", "PC1.zip", 3)
    assert (file["unread"], file["cut"]) == (6, 1)
    assert file["why"].count("record") == MOST_REASONS
    assert json.loads(file["owner"])["uuid"] == "u"
    assert "3 events are kept" in notes[0]
    assert "1 of them are shortened" in notes[1]


def test_what_is_dropped_leaves_nothing(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keeper = LakeKeeper(lake.events.intake)
        keeper.begin("a" * 64, "x.evtx")
        keeper.log("").add(1, event({}))
        keeper.begin("b" * 64, "y.evtx")
        log = keeper.log("")
        log.add(1, event({}))
        keeper.end(None, [])
        keeper.drop()
        assert lake.events.files().num_rows == 0
        assert list((tmp_path / "lake" / "staging").iterdir()) == []


def test_many_events_are_not_held(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keeper = LakeKeeper(lake.events.intake)
        keeper.begin("a" * 64, "x.evtx")
        log = keeper.log("")
        for row in range(1, keeping.AT_ONCE + 3):
            log.add(row, event({}, record=row))
        assert log.rows.count == 2
        keeper.end(None, [])
        keeper.commit()
        assert lake.events.files()["rows"].to_pylist() == [keeping.AT_ONCE + 2]
        assert lake.events.files()["name"].to_pylist() == ["x.evtx"]


def test_a_log_that_was_read_is_not_held_while_the_next_one_is(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keeper = LakeKeeper(lake.events.intake)
        keeper.begin("a" * 64, "PC1.zip")
        first = keeper.log("C/Security.evtx")
        first.add(1, event({}))
        keeper.log("C/System.evtx").add(1, event({}, record=2))
        assert first.rows.count == 0
        assert len(list(lake.layout.staging.rglob("*.parquet"))) == 1
        notes: list[str] = []
        keeper.end(None, notes)
        keeper.commit()
        assert lake.events.files()["rows"].to_pylist() == [1, 1]
    assert notes[0].startswith("2 events are kept")
