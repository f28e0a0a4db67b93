from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sekisho.cli.commands.fleet_watching import SHARE, follow
from sekisho.model.fleet import CampaignItem, FleetDocument, Progress
from sekisho.model.terminals import STATES

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def document(answered: int, left: int) -> FleetDocument:
    return FleetDocument(
        terminals=answered + left,
        states=dict.fromkeys(STATES, 0),
        campaign=CampaignItem.model_validate({"name": "march", "from": NOW, "checks": ()}),
        progress=Progress(answered=answered, left=left),
    )


def watched(*documents: FleetDocument) -> tuple[list[FleetDocument], list[float]]:
    shown: list[FleetDocument] = []
    waits: list[float] = []
    left = list(documents)
    times = iter(NOW + timedelta(minutes=n) for n in range(100))
    follow(lambda: left.pop(0), shown.append, now=lambda: next(times), wait=waits.append, every=7)
    return shown, waits


def test_it_ends_when_nothing_is_left_and_says_how_fast_it_went() -> None:
    shown, waits = watched(document(10, 90), document(40, 60), document(100, 0))
    assert [d.progress.left for d in shown if d.progress] == [90, 60, 0]
    assert shown[0].notes == ()
    assert shown[1].notes == (
        "in the last 1.0 min 30.0 a minute; at that rate done 2026-03-01 00:03:00 UTC",
    )
    assert waits == [7, 7]
    assert SHARE > 1


def test_where_nothing_comes_no_end_is_promised() -> None:
    shown, _ = watched(document(10, 90), document(10, 90), document(10, 0))
    assert "not within ten years" in shown[1].notes[0]


def test_only_the_last_minutes_count() -> None:
    steps = [document(n, 100) for n in range(0, 200, 10)]
    shown, _ = watched(*steps, document(1, 0))
    assert "in the last 5.0 min 10.0 a minute" in shown[15].notes[0]


def test_a_pipe_gets_a_line(raw_company: Path, sekisho: Callable[..., Any], tmp_path: Path) -> None:
    inventory = tmp_path / "inv.csv"
    inventory.write_text("hostname\nplc1\n")
    ask = lambda *words: sekisho("--workspace", raw_company, "fleet", *words)  # noqa: E731
    assert ask("import", inventory).status == 0
    assert ask("exclude", "plc1", "--why", "runs").status == 0
    ran = ask("status", "--watch")
    assert ran.status == 0
    assert "0 checked, 0 left; 1 excluded" in ran.out
    assert len(ran.out.splitlines()) == 1
    assert ask("status", "--watch", "--format", "json").status == 2
