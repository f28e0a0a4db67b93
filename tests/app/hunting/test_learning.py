"""ATT&CK, rules and advisories as feeds."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.intel.attack.conftest import collection, pattern

from sekisho.app.hunting.learning import domains, versions_of
from sekisho.app.hunting.refreshing import refresh
from sekisho.app.hunting.registry import keeper_of, listed, read_feeds
from sekisho.app.workspace import Workspace
from sekisho.intel.loading import entries
from sekisho.model.hunts import FeedDocument

RULE = (
    "title: {0}\nid: {0}\ntags: [attack.t1021.002]\ndetection: {{a: {{b: c}}, condition: a}}\n"
    "date: 2019-01-01\n"
)


def write(workspace: Workspace, **feeds: str) -> None:
    lines = "".join(f"  {name}: {{licence: own, {said}}}\n" for name, said in feeds.items())
    (workspace.root / "intel.yaml").write_text("feeds:\n" + lines)


def attack(path: Path, version: str, *patterns: dict[str, Any]) -> None:
    objects = [collection(version), *patterns]
    path.write_text(json.dumps({"type": "bundle", "objects": objects}))


def run(workspace: Workspace, now: datetime) -> dict[str, FeedDocument]:
    return {one.name: one for one in refresh(workspace, (), now=now).feeds}


def test_versions_of_attack_stay_when_a_new_one_comes(workspace: Workspace, now: datetime) -> None:
    write(workspace, mitre="kind: attack, path: attack.json")
    attack(
        workspace.root / "attack.json", "17.1", pattern("T1021", "Remote Services", "lateral-movement")
    )
    found = run(workspace, now)["mitre"]
    assert (found.entries, found.indicators, found.error) == (1, 0, None)
    attack(
        workspace.root / "attack.json", "18.1", pattern("T1021", "Remote Services", "lateral-movement")
    )
    run(workspace, now)
    keeper = keeper_of(workspace)
    assert domains(keeper) == ("enterprise-attack",)
    assert versions_of(keeper, "enterprise-attack").known() == ("17.1", "18.1")


def test_a_bundle_is_as_old_as_its_version(workspace: Workspace) -> None:
    write(workspace, mitre="kind: attack, path: attack.json")
    attack(workspace.root / "attack.json", "18.1", pattern("T1021", "Remote Services"))
    published = datetime(2025, 11, 13, 14, tzinfo=UTC)
    assert run(workspace, published + timedelta(days=100))["mitre"].standing == "current"
    assert run(workspace, published + timedelta(days=300))["mitre"].standing == "stale"


def test_the_package_is_a_feed(workspace: Workspace, now: datetime) -> None:
    write(workspace, mitre="kind: attack, package: true")
    found = run(workspace, now)["mitre"]
    assert found.entries > 600
    assert "package" in found.place


def test_rules_of_a_folder_with_age_count_and_end(
    workspace: Workspace, now: datetime, aged: Callable[..., None]
) -> None:
    write(workspace, rules="kind: sigma, path: rules, expires_after: 730d")
    folder = workspace.root / "rules"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.yml").write_text(RULE.format(name))
        aged(folder / f"{name}.yml", now - timedelta(days=3))
    (folder / "c.yml").write_text("x: [")
    os.utime(folder / "c.yml", (0, 0))
    found = run(workspace, now)["rules"]
    assert (found.entries, found.expired, found.aside) == (2, 0, {"malformed": 1})
    assert found.age_seconds == 3 * 86_400
    (folder / "d.yml").write_text(RULE.format("d"))
    later = now + timedelta(days=300)
    found = run(workspace, later)["rules"]
    assert (found.entries, found.expired) == (3, 3)
    feed = read_feeds(workspace).feeds["rules"]
    counting, expired = entries(keeper_of(workspace), feed, now)
    assert {row["id"]: row["arrived"] for row in counting.to_pylist()} == {
        "a": now,
        "b": now,
        "d": later,
    }
    assert expired.num_rows == 0


@pytest.mark.parametrize("kind", ["attack", "sigma", "advisories"])
def test_what_is_not_there_leaves_the_feed_and_says_so(
    workspace: Workspace, now: datetime, kind: str
) -> None:
    write(workspace, one=f"kind: {kind}, path: none")
    found = run(workspace, now)["one"]
    assert found.standing == "never"
    assert found.error
    assert listed(workspace, now).feeds[0].entries == 0
