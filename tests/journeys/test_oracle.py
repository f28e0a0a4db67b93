"""The audit held against a judge of its own kind: small random companies, judged flow by flow from the
words of the reference by code that shares nothing with the product."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.oracle.drawing import random_world
from tests.journeys.oracle.judge import FINDINGS, RANK, Expected, Judge, Key
from tests.journeys.oracle.logs import log_files, write_workspace
from tests.journeys.oracle.world import (
    BASE,
    DAY,
    World,
    micros,
    moment,
    quiet_instant,
)

from sekisho.app.audit import run_audit
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace

NOW = datetime(2024, 4, 1, tzinfo=UTC)
FEW, MANY = (0, 10, 22, 33), range(100, 140)
Window = tuple[int | None, int | None, tuple[str, ...], tuple[str, str] | None]
Document = dict[str, Any]


@cache
def judged(seed: int) -> Judge:
    return Judge(random_world(seed))


def put(root: Path, files: dict[str, str]) -> list[Path]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return [root / name for name in files]


def take(root: Path, paths: list[Path]) -> None:
    assert ingest(Workspace(root), paths, sensor=None, reader=None, now=NOW).unread == []


def audited(root: Path, window: Window = (None, None, (), None)) -> Document:
    begin, end, sites, pair = window
    document = run_audit(
        Workspace(root),
        begin=None if begin is None else moment(begin),
        end=None if end is None else moment(end),
        now=NOW,
        by="test",
        sites=sites,
        pair=pair,
    ).document
    found: Document = json.loads(document.model_dump_json(by_alias=True))
    return found


def windows(world: World, seed: int) -> Iterator[Window]:
    """All of it; days, hours, a site and a link of it."""
    rng = random.Random(seed)
    begin, end = sorted((quiet_instant(rng, world), quiet_instant(rng, world)))
    names = sorted(world.sites)
    yield None, None, (), None
    yield BASE + 2 * DAY, BASE + 5 * DAY, (), None
    yield begin, end, (), None
    yield None, None, (rng.choice(names),), None
    yield None, quiet_instant(rng, world), (), (names[0], rng.choice(names[1:]))


def differences(
    totals: dict[str, int], connections: dict[Key, Expected], document: Document
) -> list[object]:
    """What an audit says otherwise than it must; nothing where they agree."""
    found = {
        (
            f["src"].get("realm", ""),
            f["src"]["address"],
            f["dst"]["address"],
            f["protocol"],
            f["port"],
        ): f
        for f in document["findings"]
        if f["kind"] == "verdict"
    }
    expected = {key: one for key, one in connections.items() if one.verdict in FINDINGS}
    wrong: list[object] = [
        (name, totals[name], document["totals"][name])
        for name in totals
        if totals[name] != document["totals"][name]
    ]
    wrong += [(key, "missing", expected[key].verdict) for key in expected.keys() - found.keys()]
    wrong += [(key, "too much", found[key]["verdict"]) for key in found.keys() - expected.keys()]
    for key in expected.keys() & found.keys():
        wrong += [(key, *parts) for parts in _finding(expected[key], found[key])]
    return wrong


def _finding(expected: Expected, finding: Document) -> Iterator[tuple[object, ...]]:
    exact = {
        "verdict": (expected.verdict, finding["verdict"]),
        "sites": (expected.sites, (finding["src"]["site"], finding["dst"]["site"])),
        "flows": (expected.flows, finding["flows"]),
        "established": (expected.established, finding["established"]),
        "days_active": (expected.days, finding["days_active"]),
        "sensors": (sorted(expected.sensors), finding["sensors"]),
    }
    yield from ((name, *values) for name, values in exact.items() if values[0] != values[1])
    one_of: dict[str, tuple[set[Any], Any]] = {
        "first_seen": (expected.first, _micros(finding["first_seen"])),
        "last_seen": (expected.last, _micros(finding["last_seen"])),
        "onset.at": (expected.onset, _micros(finding["onset"]["at"])),
        "onset.kind": (expected.onset_kind, finding["onset"]["kind"]),
        "seen_at": (expected.seen_at, finding["seen_at"]),
    }
    for name, (allowed, value) in one_of.items():
        if allowed and value not in allowed:
            yield name, allowed, value
    for name, true in zip(("bytes_out", "bytes_in"), expected.bytes, strict=True):
        low, high, why = (finding[name][part] for part in ("low", "high", "why"))
        if not low <= true <= high or (high >= 1.6 * low > 0 and not why):
            yield name, true, finding[name]


def _micros(text: str) -> int:
    return micros(datetime.fromisoformat(text))


def check(seed: int, root: Path) -> None:
    judge = judged(seed)
    write_workspace(judge.world, root)
    take(root, put(root, log_files(judge.world)))
    for window in windows(judge.world, seed):
        wrong = differences(*judge.audit(*window), audited(root, window))
        assert wrong == [], (seed, window)


@pytest.mark.parametrize("seed", FEW)
def test_the_audit_says_what_the_words_say(seed: int, tmp_path: Path) -> None:
    check(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_the_audit_says_what_the_words_say_of_many(seed: int, tmp_path: Path) -> None:
    check(seed, tmp_path)


def test_every_verdict_was_put_to_the_test() -> None:
    """And what else could be right by never happening."""
    everything = [one for seed in FEW for one in judged(seed).audit()[1].values()]
    assert {one.verdict for one in everything} == set(RANK)
    findings = [one for one in everything if one.verdict in FINDINGS]
    assert {kind for one in findings for kind in one.onset_kind} == {"observed", "on_or_before"}
    seen = {"both", "source_only", "destination_only", "single"}
    assert {at for one in findings for at in one.seen_at} == seen
    assert any(0 < one.established < one.flows for one in findings), "tries before the success"
    flows = [flow for seed in FEW for flow in judged(seed).flows]
    assert any(flow.established and flow.talk.outcome == "half" for flow in flows), "4 KiB one way"
    assert any(len(flow.talk.views) > 2 for flow in flows)
    assert any(":" in flow.key[1] and flow.verdict == "authorized" for flow in flows)
    assert any(flow.key[0] == "acq" and flow.verdict == "unauthorized" for flow in flows)


def orders(seed: int, root: Path) -> Iterator[tuple[str, Document]]:
    """The same evidence brought in other ways: in parts, twice, growing, copied."""
    world, rng = random_world(seed), random.Random(seed)
    files = log_files(world)

    def fresh(name: str) -> Path:
        write_workspace(world, root / name)
        return root / name

    at_once = fresh("at-once")
    take(at_once, put(at_once, files))
    yield "at once", audited(at_once)

    in_parts = fresh("in-parts")
    shuffled = rng.sample(sorted(files), len(files))
    for part in range(2):
        take(in_parts, put(in_parts, {name: files[name] for name in shuffled[part::2]}))
        found = audited(in_parts)
    yield "in parts", found
    take(in_parts, [in_parts / "logs"])
    yield "twice", audited(in_parts)

    growing = fresh("growing")
    halves = {name: text[: rng.randrange(len(text) // 3, len(text))] for name, text in files.items()}
    # A half line may be set aside.
    ingest(Workspace(growing), put(growing, halves), sensor=None, reader=None, now=NOW)
    audited(growing)
    take(growing, put(growing, files))
    yield "grown", audited(growing)
    copies = {name.replace(".log", "-copy.log"): files[name] for name in shuffled[:3]}
    take(growing, put(growing, copies))
    yield "copied", audited(growing)


def the_same_in_any_order(seed: int, root: Path) -> None:
    (_, first), *others = orders(seed, root)
    assert [(name, document == first) for name, document in others] == [
        (name, True) for name, _ in others
    ]


def test_the_order_of_the_evidence_does_not_matter(tmp_path: Path) -> None:
    the_same_in_any_order(33, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(160, 170))
def test_the_order_of_the_evidence_never_matters(seed: int, tmp_path: Path) -> None:
    the_same_in_any_order(seed, tmp_path)


def test_the_command_says_the_same(tmp_path: Path, sekisho: Callable[..., Any]) -> None:
    judge = judged(10)
    write_workspace(judge.world, tmp_path)
    put(tmp_path, log_files(judge.world))
    assert sekisho("--workspace", tmp_path, "ingest", tmp_path / "logs").status == 0
    ran = sekisho(
        "--workspace", tmp_path, "audit", "--format", "json", "--since", "2024-03-05",
        "--until", "2024-03-08",
    )  # fmt: skip
    assert ran.status == 0, ran.err
    expected = judge.audit(BASE + DAY, BASE + 5 * DAY)
    assert differences(*expected, json.loads(ran.out)) == []
