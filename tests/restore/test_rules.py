from __future__ import annotations

import re
from importlib.resources import files

import pytest
from tests.contain.conftest import ground_of

from sekisho.errors import FileProblems
from sekisho.restore.rules import Demands, RestoreRules, parse_rules

INVENTORY = ground_of().inventory
TEXT = b"""
gates:
  quiet: {days: 14, coverage: 90}
links:
  "th <-> jp": {quiet: {days: 60}}
  "us <-> *": {quiet: {coverage: 99.5}}
"""


def test_a_link_may_ask_for_more() -> None:
    rules = parse_rules(TEXT, INVENTORY)
    th_jp, us_th = frozenset({"th", "jp"}), frozenset({"us", "th"})
    assert rules.of([th_jp]) == Demands(60, 90)
    assert rules.of([us_th]) == Demands(14, 99.5)
    assert rules.of([th_jp, us_th]) == Demands(60, 99.5)
    assert rules.of([frozenset({"th", "internet"})]) == Demands(14, 90)


def test_without_the_file() -> None:
    assert RestoreRules().of([]) == Demands(30, 95.0) == parse_rules(b"", INVENTORY).general
    assert Demands().plain() == {"days": 30, "coverage": 95.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"gates: {quiet: {days: 0}}", "restore.yaml:1:23"),
        (b"gates: {quiet: {coverage: 101}}", "restore.yaml:1:27"),
        (b"gates: {loud: {}}", "restore.yaml:1:9"),
        (b'links: {"th": {}}', "is no link"),
        (b'links: {"th <-> tk": {}}', "restore.yaml:1:9"),
        (b'links: {"th/edi <-> jp": {}}', "a part of a site"),
    ],
)
def test_mistakes_are_located(text: bytes, message: str) -> None:
    with pytest.raises(FileProblems) as raised:
        parse_rules(text, INVENTORY)
    assert message in str(raised.value)


def test_the_starter_says_the_defaults_and_its_examples_hold() -> None:
    text = files("sekisho.app").joinpath("starters", "restore.yaml").read_text("utf-8")
    assert parse_rules(text.encode(), INVENTORY) == RestoreRules()
    used = re.sub(r"(?m)^# ", "", text).replace("th-plant", "th")
    rules = parse_rules(used.encode(), INVENTORY)
    assert rules.general == Demands()
    assert rules.of([frozenset({"th", "jp"})]) == Demands(60, 98)
