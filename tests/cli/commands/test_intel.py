from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from sekisho.cli.commands.intel import Kind, Label
from sekisho.intel import shapes
from sekisho.model.indicators import TLPS

Sekisho = Callable[..., Any]


def test_words_that_may_be_chosen_are_those_of_the_file() -> None:
    assert get_args(shapes.Kind) == tuple(Kind)
    assert tuple(Label) == TLPS


def test_from_adding_a_feed_to_the_hunt(company: Path, sekisho: Sekisho) -> None:
    def intel(*words: object) -> Any:
        return sekisho("--workspace", company, "intel", *words)

    (company / "values.txt").write_text("45.9.148.3\n0.0.0.0/0\n10.1.0.0/16\n")
    added = intel("add", "mine", "--kind", "list", "--path", "values.txt", "--licence", "CC0")
    assert (added.status, added.out) == (0, "")
    assert "never fetched" in intel("list").out
    assert "There is no indicator to look for." in intel("hunt").out
    ran = intel("refresh")
    assert ran.status == 0
    assert "would match everything" in ran.out
    assert "our own" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    ran = intel("hunt", "--format", "json")
    document = json.loads(ran.out)
    assert (document["schema"], document["hits"], document["recorded"]) == ("sekisho.hunt/1", [], True)
    assert document["hunted"] == {"address": 1}
    assert document["feeds"][0]["age_seconds"] is not None
    ran = intel("hunt", "--feed", "mine", "--since", "2020-06-02")
    assert (ran.status, "Nothing was found." in ran.out) == (0, True)


def test_what_is_wrong_is_told(company: Path, sekisho: Sekisho) -> None:
    def intel(*words: object) -> Any:
        return sekisho("--workspace", company, "intel", *words)

    assert intel("hunt").status == 2
    wrong = intel("add", "mine", "--kind", "taxii", "--url", "https://x.example/", "--licence", "CC0")
    assert (wrong.status, "collection" in wrong.err) == (2, True)
    assert intel("add", "mine", "--kind", "list", "--path", "none.txt", "--licence", "CC0").status == 0
    ran = intel("refresh")
    assert (ran.status, "cannot read" in ran.err) == (3, True)
    assert intel("refresh", "other").status == 2
    (company / "intel.yaml").write_text("feeds:\n  mine: {kind: lst}\n")
    ran = intel("list")
    assert ran.status == 2
    assert "intel.yaml:2:" in ran.err
