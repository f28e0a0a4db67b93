from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.app.methods.test_exploited import log
from tests.intel.attack.conftest import pattern

from sekisho.app.checking.intake import take_in
from sekisho.app.hunting.refreshing import refresh
from sekisho.app.methods.briefing import brief
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError

Attack = Callable[..., Path]
MAY = datetime(2020, 5, 20, tzinfo=UTC)
JUNE = datetime(2020, 6, 8, tzinfo=UTC)
FEEDS = """\
  rules: {kind: sigma, path: rules, licence: own}
  cert: {kind: advisories, path: adv, licence: own}
  kev: {kind: kev, path: kev.json, licence: CC0}
  mine: {kind: list, path: values.txt, licence: own, confidence: 90}
"""
RULE = "title: {0}\nid: {0}\ntags: [attack.t1021.002]\nlogsource: {{category: firewall}}\ndate: {1}\n"
RULE += "detection: {{a: {{b: c}}, condition: a}}\n"


def vulnerability(cve: str, product: str, added: str) -> dict[str, str]:
    said = {"vendorProject": "Google", "dueDate": "2020-07-01", "knownRansomwareCampaignUse": "Known"}
    return said | {"cveID": cve, "product": product, "dateAdded": added}


def kev(workspace: Workspace, *entries: dict[str, str]) -> None:
    (workspace.root / "kev.json").write_text(json.dumps({"vulnerabilities": entries}))


@pytest.fixture
def followed(
    workspace: Workspace, attack: Attack, aged: Callable[[Workspace, datetime], None]
) -> Workspace:
    """Feeds as they were in May."""
    attack(workspace, "17.1", feeds=FEEDS)
    for name in ("rules", "adv"):
        (workspace.root / name).mkdir()
    (workspace.root / "rules" / "old.yml").write_text(RULE.format("old", "2019-01-01"))
    (workspace.root / "adv" / "old.md").write_text("Old\n2019-01-01 T1041\n")
    kev(workspace, vulnerability("CVE-2019-1001", "Chrome", "2019-01-01"))
    (workspace.root / "values.txt").write_text("45.9.148.9\n")
    aged(workspace, MAY)
    refresh(workspace, (), now=MAY)
    return workspace


@pytest.fixture
def aged() -> Callable[[Workspace, datetime], None]:
    """Make every file of the feeds as old as said: a file that was touched was heard of."""
    import os

    def age(workspace: Workspace, at: datetime) -> None:
        names = ("kev.json", "values.txt", "rules", "adv")
        for name in names:
            place = workspace.root / name
            for path in [place, *(place.iterdir() if place.is_dir() else ())]:
                os.utime(path, (at.timestamp(), at.timestamp()))

    return age


def test_what_is_new_whom_it_concerns_and_what_to_do(
    followed: Workspace, attack: Attack, tmp_path: Path, aged: Callable[[Workspace, datetime], None]
) -> None:
    attack(followed, "18.1", pattern("T1570", "Lateral Tool Transfer", "lateral-movement"), feeds=FEEDS)
    (followed.root / "rules" / "new.yml").write_text(RULE.format("new", "2020-06-01"))
    (followed.root / "adv" / "new.md").write_text("New\n2020-06-01 T1021.002 CVE-2020-2002\n")
    kev(
        followed,
        vulnerability("CVE-2019-1001", "Chrome", "2019-01-01"),
        vulnerability("CVE-2020-2002", "Chrome", "2020-06-01"),
    )
    (followed.root / "values.txt").write_text("45.9.148.9\n203.0.113.7\n45.9.148.3\nevil.example\n")
    aged(followed, JUNE - timedelta(days=1))
    refresh(followed, (), now=JUNE)
    (tmp_path / "list.csv").write_text("hostname,site\nth-pc1,th-plant\n")
    log(tmp_path / "a.log", "th-pc1", "programs", {"name": "Google Chrome", "publisher": "Google LLC"})
    take_in(followed, [tmp_path / "list.csv", tmp_path / "a.log"], now=JUNE, by="ken")
    found = brief(followed, "2020-06", now=JUNE)
    assert (found.asked, found.anything) == (True, True)
    assert {one.name: one.new for one in found.feeds} == {
        "mitre": 0,
        "rules": 1,
        "cert": 1,
        "kev": 1,
        "mine": 2,
    }
    assert [(one.technique, one.kind) for one in found.changes] == [("T1570", "added")]
    assert [(one.title, one.concerns) for one in found.rules] == [("new", ("jp-hq", "th-plant"))]
    assert (found.new_exploited, [one.cve for one in found.exploited]) == (1, ["CVE-2020-2002"])
    (advisory,) = found.advisories
    assert (advisory.installed, advisory.terminals) == (("CVE-2020-2002",), 1)
    (indicators,) = found.indicators
    assert (indicators.new, indicators.kinds) == (2, {"address": 1, "domain": 1})
    whats = [one.what for one in found.todo]
    assert any(what.startswith("patch or remove Google Chrome on 1 terminals") for what in whats)
    assert any(one.by == "2020-07-01" and one.who == ("th-plant",) for one in found.todo)
    assert any(what.startswith("T1570") for what in whats)
    assert any(what.startswith("try 1 new Sigma rules: new") for what in whats)
    assert any("month is not over" in note for note in found.notes)
    # A later version takes nothing away from what a month brought.
    attack(followed, "19.0", feeds=FEEDS)
    refresh(followed, (), now=JUNE + timedelta(days=40))
    again = brief(followed, "2020-06", now=JUNE + timedelta(days=40))
    assert [(one.technique, one.kind) for one in again.changes] == [("T1570", "added")]


def test_nothing_new_and_nobody_asked_are_different_answers(followed: Workspace) -> None:
    april = brief(followed, "2020-04", now=JUNE)
    assert (april.asked, april.anything) == (False, False)
    assert {one.last for one in april.feeds} == {None}
    quiet = brief(followed, "2020-05", now=JUNE)
    # What a feed had when it was first fetched, and dates otherwise, is nothing new; a list dates nothing.
    assert (quiet.asked, quiet.rules, quiet.advisories, quiet.new_exploited) == (True, (), (), 0)
    assert [one.new for one in quiet.indicators] == [1]
    june = brief(followed, "2020-06", now=JUNE)
    assert not june.asked
    assert {one.last for one in june.feeds} == {"2020-05-20"}


def test_a_month_that_has_not_begun_is_refused(followed: Workspace) -> None:
    with pytest.raises(RequestError, match="has not begun"):
        brief(followed, "2020-07", now=JUNE)
