from __future__ import annotations

from pathlib import Path

import pytest
from tests.fleet.sigma.conftest import SYSMON, event, keep

from sekisho.model.predicates import Compared, Every, Expression, Like, Present, Wild
from sekisho.store import events
from sekisho.store.lake import Lake
from sekisho.store.queries.events import AskedOfEvents, EventSource

PROCESS = EventSource(SYSMON, frozenset({1}))
AUDITED = EventSource("Security", frozenset({4688}), names=(("Image", "NewProcessName"),))
CMD = Like("Image", (Wild.MANY, "\\cmd.exe"))


def test_what_is_recorded_is_told_by_host_file_channel_and_number(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "lake", create=True) as lake:
        assert lake.events.recorded()[0].num_rows == 0
        keep(lake, [event({}), event({}, record=2, time="2020-06-12T00:00:00Z"), event({}, number=3)])
        found = lake.events.recorded()[0].sort_by("event_id").to_pylist()
    assert [(r["host"], r["channel"], r["event_id"], r["events"]) for r in found] == [
        ("PC-1", SYSMON.lower(), 1, 2),
        ("PC-1", SYSMON.lower(), 3, 1),
    ]
    assert (found[0]["first"].day, found[0]["last"].day) == (11, 12)


def test_a_value_is_found_under_each_sources_own_name(tmp_path: Path) -> None:
    asked = [AskedOfEvents(7, (PROCESS, AUDITED), CMD)]
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keep(
            lake,
            [
                event({"Image": "C:\\CMD.exe"}, host="a"),
                event({"NewProcessName": "C:\\cmd.exe"}, host="b", channel="SECURITY", number=4688),
                event({"Image": "C:\\cmd.exe"}, host="c", number=3),
                event({"Image": "C:\\cmd.exe"}, host="d", channel="Security", number=4688),
            ],
        )
        met = lake.events.met(asked)
    assert [(row["rule"], row["terminal"]) for row in met.summed.to_pylist()] == [(7, "a"), (7, "b")]
    first = met.evident.to_pylist()[0]
    assert (first["name"], first["row"], first["record"], first["event_id"]) == ("log.evtx", 1, 1, 1)


def test_a_value_may_be_said_in_another_way(tmp_path: Path) -> None:
    source = EventSource(
        "Security",
        names=(("Initiated", "Direction"),),
        values=(("Initiated", (("%%1", "true"), ("%%2", "false"))),),
    )
    asked = [AskedOfEvents(0, (source,), Like("Initiated", ("true",)))]
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keep(lake, [event({"Direction": f"%%{n}"}, channel="Security", host=f"{n}") for n in (1, 2, 3)])
        assert [row["terminal"] for row in lake.events.met(asked).summed.to_pylist()] == ["1"]


def test_copies_of_a_log_are_one_log(tmp_path: Path) -> None:
    asked = [AskedOfEvents(0, (PROCESS,), Present("Image"))]
    one, two = event({"Image": "a"}), event({"Image": "b"}, record=2)
    unnumbered = event({"Image": "c"}, record=None)
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keep(lake, [one], "march.evtx")
        keep(lake, [one, two, unnumbered], "april.evtx")
        met = lake.events.met(asked)
    assert met.summed.to_pylist()[0]["events"] == 3
    assert [row["name"] for row in met.evident.to_pylist()] == [
        "march.evtx",
        "april.evtx",
        "april.evtx",
    ]


def test_the_same_is_found_in_however_many_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [
        AskedOfEvents(n, (PROCESS,), Every((Compared("EventID", "=", 1), Like("Image", (str(n),)))))
        for n in range(20)
    ]
    with Lake.open(tmp_path / "lake", create=True) as lake:
        for part in range(4):
            keep(lake, [event({"Image": str(n)}, record=n) for n in range(part, 20, 2)], str(part))
        whole = lake.events.met(asked).summed.to_pylist()
        monkeypatch.setattr(events, "AT_ONCE", 1)
        monkeypatch.setattr(events, "RULES_AT_ONCE", 3)
        told: list[tuple[str, int, int | None]] = []
        parts = lake.events.met(asked, progress=lambda *step: told.append(step)).summed.to_pylist()
    assert parts == whole
    assert {row["rule"] for row in whole} == set(range(20))
    assert told[-1] == ("rules", 4, 4)


def test_an_expression_that_the_engine_does_not_take_is_said(tmp_path: Path) -> None:
    asked = [
        AskedOfEvents(n, (PROCESS,), Expression("Image", text))
        for n, text in enumerate(["a+", "(?=x)"])
    ]
    with Lake.open(tmp_path / "lake", create=True) as lake:
        assert list(lake.events.refusals(asked)) == [1]


def test_nothing_asked_of_nothing(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "lake", create=True) as lake:
        met = lake.events.met([])
        assert met.summed.num_rows == met.evident.num_rows == 0
        assert lake.events.met([AskedOfEvents(0, (PROCESS,), CMD)]).summed.num_rows == 0
