"""What is refused before any gateway is told; that they are told is shown with real packets."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.containing.applying import BreakGlass, apply, confirm, elsewhere, lift, rollback
from sekisho.app.containing.approving import approve, sign, to_sign
from sekisho.app.containing.planning import plan
from sekisho.app.containing.plans import shown
from sekisho.app.containing.previewing import preview
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError
from sekisho.model.restrictions import Restriction


@pytest.fixture
def seen(contained: Workspace, now: datetime) -> Workspace:
    """A plan that was previewed. No host key is pinned: no gateway can be talked to."""
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    preview(contained, "1", now=now, by="aiko")
    return contained


def test_what_was_not_approved_is_not_applied(seen: Workspace, now: datetime) -> None:
    with pytest.raises(Refused, match="not approved to apply: 1 more of 1"):
        apply(seen, "1", now=now, by="ken")
    with pytest.raises(Refused, match="there is nothing to lift"):
        lift(seen, "1", now=now, by="ken")
    for act in (confirm, rollback):
        with pytest.raises(Refused, match="waits for confirmation"):
            act(seen, "1", now=now, by="ken")
    assert [a.kind for a in shown(seen, "1").history] == ["draft", "preview"]


def test_a_plan_that_others_apply_is_handed_to_them(
    contained: Workspace, now: datetime, tmp_path: Path
) -> None:
    """No gateway of it may be told by us: it has not failed, it waits for those who may."""
    key = tmp_path / "aiko"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    people = f'[people.aiko]\nkeys = ["{key.with_suffix(".pub").read_text().strip()}"]\nroles = ["approver"]\n'
    (contained.root / "sekisho.toml").write_text(people)
    gateways = contained.root / "gateways.yaml"
    gateways.write_text(
        gateways.read_text().replace("platform: nftables", "platform: nftables\n    deliver: render")
    )
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    preview(contained, "1", now=now, by="aiko")
    approve(contained, "1", "apply", sign(key, to_sign(contained, "1", "apply")), now=now, by="aiko")
    with pytest.raises(Refused, match="th-gw, jp-gw: told by others") as refused:
        apply(contained, "1", now=now, by="ken")
    assert "contain runbook P-1" in (refused.value.mend or "")
    assert shown(contained, "1").state == "approved"
    assert elsewhere(contained, "1", ["th-gw"], now=now, by="ken", why="CHG-9").state == "partial"


def test_what_changed_since_it_was_seen_is_not_applied(seen: Workspace, now: datetime) -> None:
    with (seen.root / "gateways.yaml").open("a") as gateways:
        gateways.write("# changed\n")
    with pytest.raises(Refused, match="something else than what was seen"):
        apply(seen, "1", now=now, by="ken", break_glass=BreakGlass("now"))


def test_breaking_the_glass_is_written_down_first(seen: Workspace, now: datetime) -> None:
    with pytest.raises(RequestError, match="needs a reason"):
        apply(seen, "1", now=now, by="ken", break_glass=BreakGlass(" "))
    document = apply(seen, "1", now=now, by="ken", break_glass=BreakGlass("they are in the plant"))
    assert [a.kind for a in document.history][2:] == ["breakglass", "apply", "apply"]
    assert document.history[2].text == "they are in the plant"
    assert document.state == "failed"
    assert {g.state for g in document.gateways} == {"unreachable"}
    assert "no host key of th-gw is pinned" in (document.gateways[0].why or "")


def test_what_others_applied_counts_when_they_say_so(seen: Workspace, now: datetime) -> None:
    with open_decisions(seen) as decisions:
        body = {"plan": "P-1", "state": "previewed", "hash": "", "text": "loud"}
        decisions.decide("plan.breakglass", body, at=now, by="ken")
    with pytest.raises(RequestError, match="how you know"):
        elsewhere(seen, "1", ["th-gw"], now=now, by="ken", why="")
    with pytest.raises(RequestError, match="has no gateway mars-gw"):
        elsewhere(seen, "1", ["mars-gw"], now=now, by="ken", why="CHG-9")
    with pytest.raises(Refused, match="not approved"):
        elsewhere(seen, "1", ["th-gw"], now=now, by="ken", why="CHG-9")
    apply(seen, "1", now=now, by="ken", break_glass=BreakGlass("now"))
    first = elsewhere(seen, "1", ["th-gw"], now=now, by="ken", why="CHG-9")
    assert (first.state, first.gateways[0].why) == ("partial", "CHG-9")
    second = elsewhere(seen, "1", ["jp-gw"], now=now, by="ken", why="CHG-9")
    assert second.state == "applied_elsewhere"


def test_a_gateway_waits_for_its_window(contained: Workspace, now: datetime) -> None:
    text = (contained.root / "gateways.yaml").read_text()
    # The plan is applied on a Monday at midnight.
    shut = text.replace("address: 10.40.0.1\n", 'address: 10.40.0.1\n    windows: "Sat 01:00-05:00"\n')
    (contained.root / "gateways.yaml").write_text(shut)
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    preview(contained, "1", now=now, by="aiko")
    glass = BreakGlass("now")
    with pytest.raises(Refused, match="th-gw may be changed next on Saturday 13 June 01:00 UTC"):
        apply(contained, "1", now=now, by="ken", break_glass=glass)
    document = apply(
        contained, "1", now=now, by="ken", break_glass=glass, outside_window="they are in the plant"
    )
    assert "they are in the plant" in document.history[-2].text


def test_site_by_site(seen: Workspace, now: datetime) -> None:
    glass = BreakGlass("now")
    first = apply(seen, "1", now=now, by="ken", break_glass=glass, sites=["jp-hq"])
    assert [(g.name, g.state) for g in first.gateways] == [
        ("th-gw", "pending"),
        ("jp-gw", "unreachable"),
    ]
    with pytest.raises(RequestError, match="no site `mars`"):
        apply(seen, "1", now=now, by="ken", break_glass=glass, sites=["mars"])
