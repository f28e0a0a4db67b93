"""Others tell the gateways here, so that the evidence alone is in play; that ours are told and take it back is
shown with real packets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.app.containing.conftest import GATEWAYS
from tests.app.containing.test_forcing import told
from tests.contain.test_soaking import ORDERS, alive, before
from tests.store.conftest import _flow as flow
from tests.store.conftest import _take as take

from sekisho.app.alerts import listed
from sekisho.app.containing.planning import plan
from sekisho.app.containing.plans import shown
from sekisho.app.containing.previewing import preview
from sekisho.app.containing.staging import Console, apply_staged
from sekisho.app.containing.status import status
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError
from sekisho.model.plans import StageDocument
from sekisho.model.restrictions import Restriction, Staging

CUT = datetime(2024, 3, 4, 9, tzinfo=UTC)
LINK = ("link:th-plant <-> jp-hq",)
STAGING = Staging((("th-plant",), ("rest",)))
FILES = ("10.40.9.9", "10.1.10.96", 445)
AFTER = 9 * 3600 + 300


class Waiting:
    """A clock that stands where waiting took it, and what comes in meanwhile."""

    def __init__(self, workspace: Workspace, *rows: dict[str, Any]) -> None:
        self.now, self.waited, self.workspace, self.rows = CUT, 0.0, workspace, rows

    def pause(self, seconds: float) -> None:
        if not self.waited and self.rows:
            put(self.workspace, *self.rows, name="later.log")
        # Faster than life, since nothing depends on how often it looked.
        self.waited += seconds
        self.now += timedelta(seconds=30 * seconds)

    def console(self) -> Console:
        return Console(lambda: self.now, self.pause, "ken")


def put(workspace: Workspace, *rows: dict[str, Any], name: str = "before.log") -> None:
    with open_lake(workspace, create=True) as lake:
        assert take(lake, "th-edge", list(rows), name)


@pytest.fixture
def drafted(company: Path) -> Callable[..., Workspace]:
    """A plan in two stages that others applied to the first at nine; orders are sent every ten minutes."""

    def draft(**limits: int) -> Workspace:
        (company / "gateways.yaml").write_text(
            GATEWAYS.replace("platform: nftables", "platform: nftables\n    deliver: render")
        )
        workspace = Workspace(company)
        put(workspace, *before(*ORDERS))
        staging = Staging(STAGING.stages, **limits)
        restriction = Restriction(LINK, allow=("TH-HQ-EDI",), staging=staging)
        plan(workspace, restriction, now=CUT, by="aiko")
        preview(workspace, "1", now=CUT, by="aiko")
        told(workspace, CUT, "elsewhere", "partial", th_gw="elsewhere")
        return workspace

    return draft


def stages(workspace: Workspace) -> tuple[StageDocument, ...]:
    staging = shown(workspace, "1").staging
    assert staging is not None
    return staging.stages


def test_the_next_stage_waits_for_what_is_seen_of_the_one_before(
    drafted: Callable[..., Workspace],
) -> None:
    workspace = drafted()
    assert [one.state for one in stages(workspace)] == ["told", "waiting"]
    waiting = Waiting(workspace, flow(*ORDERS, at=AFTER), alive())
    with pytest.raises(Refused, match="not approved to apply"):
        apply_staged(workspace, "1", waiting.console())
    first, second = stages(workspace)
    assert (first.state, first.steady, first.broken, first.escaped) == ("passed", 1, 0, 0)
    assert waiting.waited > 0
    assert (second.state, (second.why or "")[:28]) == ("halted", "P-1 is not approved to apply")
    (alert,) = listed(workspace, now=CUT).alerts
    assert (alert.severity, alert.labels["change"]) == ("critical", "halted")
    (staged,) = status(workspace, now=waiting.now, by="ken").staged
    assert [one.state for one in staged.staging.stages] == ["passed", "halted"]
    # Killed or refused, it is gone on with where it stood: the first stage is not looked at again.
    at = waiting.now
    told(workspace, at, "elsewhere", "applied_elsewhere", jp_gw="elsewhere")
    late = (at - datetime(2024, 3, 4, tzinfo=UTC)).total_seconds()
    rows = [flow(*ORDERS, at=late - 600 * n - 100, sport=60_000 - n) for n in range(6)]
    put(workspace, *rows, name="meanwhile.log")
    again = Waiting(workspace, flow(*ORDERS, at=late + 200, sport=61_000), alive(late + 900))
    again.now = at
    document = apply_staged(workspace, "1", again.console())
    assert [one.state for one in stages(workspace)] == ["passed", "passed"]
    assert [a.kind for a in document.history].count("stage") == 3
    assert status(workspace, now=again.now, by="ken").staged == ()


def test_what_stops_halts_it(drafted: Callable[..., Workspace]) -> None:
    workspace = drafted()
    document = apply_staged(workspace, "1", Waiting(workspace, alive()).console())
    first, second = stages(workspace)
    assert (first.state, first.broken, second.state) == ("halted", 1, "waiting")
    assert first.why == (
        "1 connection that was to go on stopped, 0 accepted: 10.40.2.10 -> 10.1.20.5 : tcp/8443"
    )
    assert document.history[-1].text.startswith("stage 1 of 2 (th-plant) halted: 1 connection")


def test_as_much_as_was_accepted_does_not(drafted: Callable[..., Workspace]) -> None:
    workspace = drafted(broken=1, escaped=1)
    with pytest.raises(Refused, match="not approved"):
        apply_staged(workspace, "1", Waiting(workspace, flow(*FILES, at=AFTER), alive()).console())
    first, _ = stages(workspace)
    assert (first.state, first.broken, first.escaped) == ("passed", 1, 1)
    assert first.stopped == ("10.40.2.10 -> 10.1.20.5 : tcp/8443",)


def test_what_escapes_halts_it(drafted: Callable[..., Workspace]) -> None:
    workspace = drafted()
    rows = flow(*FILES, at=AFTER), flow(*ORDERS, at=AFTER), alive()
    apply_staged(workspace, "1", Waiting(workspace, *rows).console())
    first, _ = stages(workspace)
    assert (first.state, first.escaped, first.broken) == ("halted", 1, 0)
    assert first.why == "1 connection escaped, 0 accepted: 10.40.9.9 -> 10.1.10.96 : smb"


def test_without_evidence_it_never_goes_on(drafted: Callable[..., Workspace]) -> None:
    workspace = drafted(patience=60, broken=10, escaped=10)
    apply_staged(workspace, "1", Waiting(workspace).console())
    first, _ = stages(workspace)
    assert first.state == "halted"
    assert first.why is not None
    assert "not known what came of it: jp-hq <-> th-plant" in first.why


def test_what_was_mended_is_looked_at_anew(drafted: Callable[..., Workspace]) -> None:
    workspace = drafted()
    waiting = Waiting(workspace, alive())
    apply_staged(workspace, "1", waiting.console())
    assert stages(workspace)[0].state == "halted"
    late = (waiting.now - datetime(2024, 3, 4, tzinfo=UTC)).total_seconds()
    again = Waiting(workspace, flow(*ORDERS, at=late + 200), alive(late + 900))
    again.now = waiting.now
    with pytest.raises(Refused, match="not approved"):
        apply_staged(workspace, "1", again.console())
    assert stages(workspace)[0].state == "passed"


def test_a_stage_that_is_taken_back_has_not_passed(drafted: Callable[..., Workspace]) -> None:
    workspace = drafted()
    waiting = Waiting(workspace, flow(*ORDERS, at=AFTER), alive())
    with pytest.raises(Refused):
        apply_staged(workspace, "1", waiting.console())
    told(workspace, waiting.now, "rollback", "rolled_back", th_gw="rolled_back")
    assert stages(workspace)[0].state == "waiting"


def test_a_plan_without_stages_is_not_staged(contained: Workspace) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=CUT, by="aiko")
    with pytest.raises(RequestError, match="P-1 has no stages"):
        apply_staged(contained, "1", Waiting(contained).console())
