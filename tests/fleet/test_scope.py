from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.fleet import scope as module
from sekisho.fleet.checks.registry import CHECKS
from sekisho.fleet.resolve import Terminal
from sekisho.fleet.scope import CIRCUMSTANCES, TRACES, Reached, joined
from sekisho.model.incidents import Scope, ScopeAsset
from sekisho.model.terminals import CheckAnswer, Sighted, Sighting

AT = datetime(2026, 3, 1, tzinfo=UTC)
SERVER = ScopeAsset(
    address="10.40.9.9", asset="th-app02.corp", site="th-plant", role="confirmed", since=AT, why="w"
)
SCOPE = Scope(sites=("th-plant",), assets=(SERVER,))


def reached(
    name: str, site: str | None, address: str, *found: str, hours: int = 1, **more: Any
) -> Reached:
    seen = Sighting(name)
    terminal = Terminal(
        id=f"{name:0<64}",
        ids=(),
        hostname=name,
        site=site,
        sighted=Sighted(seen, "s", "i", 1, AT, AT),
        names=(name,),
    )
    at = AT + timedelta(hours=hours)
    answers = [
        CheckAnswer(f"{name}{n}", "aa", seen, "services", "findings", at, findings=(text,))
        for n, text in enumerate(found)
    ]
    return Reached(terminal, address, answers=answers, **more)


def test_every_check_looks_for_traces_or_for_circumstances() -> None:
    assert set(CHECKS) > CIRCUMSTANCES
    assert {"services", "indicators", "yara", "log-cleared"} <= TRACES


def test_a_terminal_of_a_site_in_scope_is_suspected_with_its_answer_as_evidence() -> None:
    found, notes = joined(
        SCOPE,
        [
            reached("th-pc2", "th-plant", "10.40.5.2", "y", hours=3),
            reached("th-pc1", "th-plant", "10.40.5.1", "x", "x", hours=2),
            reached("jp-pc1", "jp-hq", "10.1.5.1", "x"),
            reached("th-pc3", "th-plant", "", "x"),
        ],
        {"aa": "osqueryd.results.log"},
    )
    assert [(a.asset, a.role, a.since_kind) for a in found.assets] == [
        ("th-app02.corp", "confirmed", "observed"),
        ("th-pc1", "suspected", "on_or_before"),
        ("th-pc2", "suspected", "on_or_before"),
    ]
    (evidence,) = found.assets[1].evidence
    assert evidence.text == "T-th-pc1000000 services: x"
    assert (evidence.path, evidence.sha256) == ("osqueryd.results.log", "aa")
    assert found.assets[1].since == AT + timedelta(hours=2)
    assert notes == (
        "2 terminals are in scope by what checks found there: `sekisho fleet report`",
        "1 terminal with findings has no address on record, and cannot be in scope",
    )


@pytest.mark.parametrize(
    "one",
    [
        reached("other", None, "10.40.9.9", "x"),
        reached("TH-APP02", "jp-hq", "10.1.1.1", "x"),
    ],
)
def test_what_is_in_scope_keeps_its_role_and_gains_evidence(one: Reached) -> None:
    found, notes = joined(SCOPE, [one], {})
    (asset,) = found.assets
    assert (asset.role, asset.since, asset.why) == ("confirmed", AT, "w; found on it by services")
    assert len(asset.evidence) == 1
    assert notes == ()


def test_an_address_of_another_realm_is_another_host() -> None:
    found, _ = joined(SCOPE, [reached("pc", None, "10.40.9.9", "x", realm="acquired")], {})
    assert found == SCOPE


def test_what_is_added_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    some = [reached(f"pc{n}", "th-plant", f"10.40.5.{n}", "x") for n in range(3)]
    found, notes = joined(SCOPE, some, {})
    assert len(found.assets) == 2
    assert notes[-1].startswith("2 more terminals")
