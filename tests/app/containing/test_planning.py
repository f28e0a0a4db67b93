from __future__ import annotations

from datetime import datetime

import pytest

from sekisho.app.containing.planning import plan
from sekisho.app.containing.plans import listed
from sekisho.app.ledger import entries
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems, Refused, RequestError
from sekisho.model.restrictions import Restriction

LINK = Restriction(("link:th-plant <-> jp-hq",), reason="found on the audit")


def test_a_plan_is_written_down_with_what_it_does(contained: Workspace, now: datetime) -> None:
    document = plan(contained, LINK, now=now, by="aiko")
    assert (document.id, document.state, document.by) == ("P-1", "draft", "aiko")
    assert document.sever == ("link:th-plant <-> jp-hq",)
    assert [(g.name, g.deliver, g.state) for g in document.gateways] == [
        ("th-gw", "ssh", "pending"),
        ("jp-gw", "ssh", "pending"),
    ]
    assert all(g.sha256 for g in document.gateways)
    (entry,) = entries(contained, 1)
    assert (entry.kind, entry.seq) == ("plan.draft", document.history[0].entry)
    assert entry.body["hash"] == document.hash
    assert plan(contained, LINK, now=now, by="ken").id == "P-2"


def test_without_gateways_everything_is_not_enforceable(contained: Workspace, now: datetime) -> None:
    (contained.root / "gateways.yaml").unlink()
    document = plan(contained, LINK, now=now, by="aiko")
    assert document.gateways == ()
    assert [(u.begin, u.end) for u in document.unenforceable] == [("th-plant", "jp-hq")]


def test_what_a_safety_rule_forbids_is_not_drafted(contained: Workspace, now: datetime) -> None:
    with pytest.raises(Refused, match="would cut how th-gw is managed"):
        plan(contained, Restriction(("host:10.40.0.0/24",)), now=now, by="aiko")
    assert listed(contained).plans == ()


def test_what_is_wrong_is_told_and_not_drafted(contained: Workspace, now: datetime) -> None:
    for restriction, message in (
        (Restriction(("site:mars",)), "no site `mars`"),
        (Restriction(("all",), incident="3"), "no incident 3"),
        (Restriction(("all",), reason="x" * 4001), "at most 4000"),
        (Restriction(("all",) * 201), "at most 200"),
    ):
        with pytest.raises(RequestError, match=message):
            plan(contained, restriction, now=now, by="aiko")
    (contained.root / "gateways.yaml").write_text("gateways: {g: {platform: nftables}}\n")
    with pytest.raises(FileProblems, match=r"gateways.yaml:1:15"):
        plan(contained, LINK, now=now, by="aiko")
    assert listed(contained).plans == ()


def test_what_is_overridden_has_a_name(contained: Workspace, now: datetime) -> None:
    """A slip in a name would leave a service open that somebody meant to cut, or be found out too late."""
    gateways = contained.root / "gateways.yaml"
    with pytest.raises(RequestError, match="guards nothing called tiem"):
        plan(contained, Restriction(("site:th-plant",), override=("tiem",)), now=now, by="aiko")
    gateways.write_text(gateways.read_text() + 'never_cut: {time: "th-plant/* -> jp-hq/* : udp/123"}\n')
    document = plan(contained, Restriction(("site:th-plant",), override=("time",)), now=now, by="aiko")
    assert document.overrides == ("time",)
    with pytest.raises(RequestError) as told:
        plan(contained, Restriction(("site:th-plant",), override=("tiem",)), now=now, by="aiko")
    assert "have time" in (told.value.mend or "")
