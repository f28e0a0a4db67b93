from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.restorations import GateDocument, RestorationDocument

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_names_that_others_rely_on() -> None:
    gate = GateDocument(name="fleet", state="unknown", passes=False, asks="all", why="no fleet")
    assert gate.model_dump(by_alias=True)["waived"] is None
    one = RestorationDocument(id="R-1", at=AT, by="a", made=AT, plans=("P-1",), since=AT, stages=())
    assert one.model_dump(by_alias=True)["schema"] == "sekisho.restoration/1"
