"""What is in force while the watch runs, and that what escapes it is told in the turn in which it comes."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.app.containing.conftest import GATEWAYS
from tests.app.containing.terminals import enrol
from tests.app.containing.test_forcing import told
from tests.app.watching.test_watch import NOW, Clock, Conn, append, opened

from sekisho.app.containing.planning import plan
from sekisho.app.containing.probing import ask
from sekisho.app.decisions import open_decisions
from sekisho.app.register import load_register
from sekisho.app.watching import enforcing
from sekisho.app.watching.enforcing import OFTEN, InForce
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.contain.escaped import GRACE
from sekisho.model.restrictions import Restriction
from sekisho.watch.describing import Describer

LINK = Restriction(("link:th-plant <-> jp-hq",))


@pytest.fixture
def root(raw_company: Path) -> Path:
    (raw_company / "gateways.yaml").write_text(GATEWAYS)
    plan(Workspace(raw_company), LINK, now=NOW, by="aiko")
    return raw_company


def test_it_follows_the_ledger_and_the_register(root: Path) -> None:
    workspace = Workspace(root)
    with open_decisions(workspace) as decisions, open_lake(workspace) as lake:
        register = load_register(workspace, decisions, now=NOW, by="aiko")
        describer = Describer(register.inventory, register.compiled)
        in_force = InForce(workspace, decisions, lake, "aiko")
        in_force.look(describer, NOW)
        assert in_force() is None
        assert describer.cuts == list(register.compiled.cuts)
        told(workspace, NOW, "apply", "applied", th_gw="applied", jp_gw="applied")
        decisions.follow()
        in_force.look(describer, NOW)
        found = in_force()
        assert found is not None
        assert found.wait == GRACE
        assert NOW + GRACE in describer.cuts
        in_force.look(describer, NOW + timedelta(seconds=1))
        assert in_force() is found
        again = Describer(register.inventory, register.compiled)
        in_force.look(again, NOW + timedelta(seconds=2))
        assert NOW + GRACE in again.cuts, "another register has the same times"
        in_force.look(again, NOW + OFTEN + timedelta(seconds=2))
        assert in_force() is not found
        found = in_force()
        (root / "gateways.yaml").write_text("gateways: [")
        in_force.look(again, NOW + 3 * OFTEN)
        assert in_force() is found, "a mistake does not end it"
        told(workspace, NOW, "rollback", "rolled_back", th_gw="rolled_back", jp_gw="rolled_back")
        decisions.follow()
        in_force.look(again, NOW + 3 * OFTEN)
        assert (in_force(), again.also) == (None, ())


def test_what_is_applied_during_a_look_is_seen_at_the_next(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(root)
    looked = enforcing.force_and_notes

    def meanwhile(*words: Any, **more: Any) -> Any:
        found = looked(*words, **more)
        told(workspace, NOW, "apply", "applied", th_gw="applied", jp_gw="applied")
        decisions.follow()
        return found

    with open_decisions(workspace) as decisions, open_lake(workspace) as lake:
        register = load_register(workspace, decisions, now=NOW, by="aiko")
        describer = Describer(register.inventory, register.compiled)
        in_force = InForce(workspace, decisions, lake, "aiko")
        monkeypatch.setattr(enforcing, "force_and_notes", meanwhile)
        in_force.look(describer, NOW)
        monkeypatch.undo()
        assert in_force() is None
        in_force.look(describer, NOW + timedelta(seconds=1))
        assert in_force() is not None


def test_what_escapes_is_told_in_the_same_turn(root: Path, zeek_conn: Conn) -> None:
    stream, clock = io.BytesIO(), Clock()
    told(Workspace(root), NOW, "apply", "applied", th_gw="applied", jp_gw="applied")
    with opened(root, stream, clock=clock) as watch:
        watch.once()
        before = len(stream.getvalue())
        later = NOW + timedelta(minutes=10)
        append(root, zeek_conn(later.timestamp(), "Cnew1", "10.40.2.10", 41_000, "10.1.20.5", 8443))
        watch._follower._rest.clear()
        clock.now = later + timedelta(seconds=30)
        watch.once()
        watch.once()
    alerts = [json.loads(line) for line in stream.getvalue()[before:].splitlines()]
    (escaped,) = [one for one in alerts if one["kind"] == "contain"]
    assert (escaped["severity"], escaped["labels"]["change"]) == ("critical", "escaped")
    assert escaped["members"][0]["verdict"] == "authorized"
    assert alerts == [escaped], "the register permits it: nobody else says anything"


def test_what_a_probe_by_hand_makes_is_told_as_ours_and_told_all_the_same(
    root: Path, zeek_conn: Conn
) -> None:
    stream, clock, workspace = io.BytesIO(), Clock(), Workspace(root)
    later = NOW + timedelta(minutes=10)
    with opened(root, stream, clock=clock) as watch:
        watch.once()
        before = len(stream.getvalue())
        enrol(workspace, later, bench="10.40.2.77")
        ask(workspace, "1", ("10.1.10.97:445",), now=later, by="aiko")
        for second, src in ((5, "10.40.2.77"), (6, "10.40.2.78")):
            at = later + timedelta(seconds=second)
            append(root, zeek_conn(at.timestamp(), f"C{src}", src, 41_000, "10.1.10.97", 445))
        watch._follower._rest.clear()
        clock.now = later + timedelta(seconds=30)
        watch.once()
        watch.once()
    lines = [json.loads(line) for line in stream.getvalue()[before:].splitlines()]
    alert = next(
        one for one in lines if any(m["dst"]["address"] == "10.1.10.97" for m in one["members"])
    )
    said = {
        one["src"]["address"]: [check["text"] for check in one.get("checks", ())]
        for one in alert["members"]
        if one["src"]["address"].startswith("10.40.2.7")
    }
    words = "asked for by our probe 1 of P-1 (bench)"
    assert said == {"10.40.2.77": [words], "10.40.2.78": []}
    assert f"1 of these was {words}." in alert["text"]
    assert alert["status"] == "open"
    verdicts = {one["src"]["address"]: one["verdict"] for one in alert["members"]}
    assert verdicts["10.40.2.77"] == verdicts["10.40.2.78"] == "unauthorized"
