from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sekisho.intel.base import Aside
from sekisho.intel.entries import Entry
from sekisho.intel.folders.sigma import SigmaFolder

RULE = """\
title: Remote schedule task <b>by RPC</b>
id: b640c0b8-87f8-4daa-aef8-95a24261dd1d
status: test
author: somebody
license: DRL-1.1
date: 2020/03/19
modified: 2021-11-27
tags: [attack.lateral-movement, attack.t1021.003, attack.T1053, cve.2021-1675, attack.t99]
logsource: {product: zeek, service: dce_rpc}
detection: {selection: {operation: x}, condition: selection}
level: medium
"""


def read(folder: Path) -> list[Entry | Aside]:
    return list(SigmaFolder().read(folder))


def test_a_rule_says_what_it_looks_for(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(RULE)
    (found,) = read(tmp_path)
    assert isinstance(found, Entry)
    assert (found.title, found.id[:4], found.level) == (
        "Remote schedule task <b>by RPC</b>",
        "b640",
        "medium",
    )
    assert found.techniques == ("T1021.003", "T1053")
    assert found.vulnerabilities == ("CVE-2021-1675",)
    assert (found.about, found.author, found.licence) == ("zeek/dce_rpc", "somebody", "DRL-1.1")
    assert found.at == datetime(2021, 11, 27, tzinfo=UTC)


def test_what_is_no_rule_is_set_aside_with_its_place(tmp_path: Path) -> None:
    for name, text in {
        "a.yml": "title: [",
        "b.yml": "- 1",
        "c.yml": "title: x\n",
        "d.yml": RULE.replace("status: test", "status: deprecated"),
        "e.yml": "a: " + "[" * 2000,
        "f.yml": "- " * 5000 + "x",
        "g.yml": "a: &a [x]\nb: &b [*a, *a]\n" * 3,
    }.items():
        (tmp_path / name).write_text(text)
    found = read(tmp_path)
    assert all(isinstance(one, Aside) for one in found)
    told = {one.text.partition(".yml")[0]: one.why for one in found if isinstance(one, Aside)}
    assert told == {name: "revoked" if name == "d" else "malformed" for name in "abcdefg"}
    texts = [one.text for one in found if isinstance(one, Aside)]
    assert texts[0].startswith("a.yml:")


def test_rules_as_they_are_published(shared_data: Path) -> None:
    found = read(shared_data / "intel" / "sigma" / "rules")
    rules = [one for one in found if isinstance(one, Entry)]
    assert len(rules) == 295
    assert all(one.title and one.about for one in rules)
    assert any("T1021.002" in one.techniques for one in rules)
