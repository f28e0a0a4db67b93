"""The register's own tests: claims about what it allows, each held or refuted by a witness."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from sekisho.inventory.register import Inventory
from sekisho.model.findings import Document, Time
from sekisho.model.protocols import TCP
from sekisho.model.rules import Policy, PolicyTest, Selector
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.judge import bits
from sekisho.policy.ports import Span, describe, key, meet, minus, one, service_at, spans_of, union

ALLOWED = (Rank.AUTHORIZED, Rank.INTRA_SITE, Rank.EXTERNAL)
"""Verdicts of a connection that no finding comes of."""
_TCP = ((key(TCP, 1), key(TCP, 65_535)),)


class TestResult(Document):
    """One claim. Where it fails, `witness` is a connection that refutes it and `rule` what permits
    that, if a rule does."""

    test: str
    holds: bool
    witness: str | None
    rule: str | None
    at: Time
    file: str
    line: int
    column: int


class TestsDocument(Document):
    """`sekisho policy test --format json`."""

    schema_: Literal["sekisho.policy-tests/1"] = Field(default="sekisho.policy-tests/1", alias="schema")
    tests: tuple[TestResult, ...]
    failed: int


def run_tests(policy: Policy, inventory: Inventory, now: datetime) -> TestsDocument:
    """Run every test of a register, each at its own time or at `now` (aware UTC)."""
    extra = [s for test in policy.tests for s in (*test.sources, *test.destinations)]
    judge = CompiledPolicy(policy, inventory, extra)
    results = tuple(_run(judge, test, test.at or now) for test in policy.tests)
    return TestsDocument(tests=results, failed=sum(not result.holds for result in results))


def _run(judge: CompiledPolicy, test: PolicyTest, at: datetime) -> TestResult:
    found = _refuted(judge, test, at)
    return TestResult(
        test=f"{test.expect}: {test.text}",
        holds=found is None,
        witness=found[0] if found else None,
        rule=found[1] if found else None,
        at=at,
        file=test.file,
        line=test.line,
        column=test.column,
    )


def _refuted(judge: CompiledPolicy, test: PolicyTest, at: datetime) -> tuple[str, str | None] | None:
    """(witness, rule) of a connection that is not as the test says; None where it holds."""
    wanted = union(spans_of(test.services))
    sources, destinations = _meant(judge, test.sources, at), _meant(judge, test.destinations, at)
    if not sources or not destinations:
        side = "source" if not sources else "destination"
        return f"its {side} means no address at that time, so it says nothing", None
    for src, src_name in sources.items():
        for dst, dst_name in destinations.items():
            allowed, rules = _allowed(judge, src, dst, wanted, at)
            wrong = minus(wanted, allowed) if test.expect == "allow" else allowed
            if wrong:
                # Of many services the witness is one that a person knows.
                shown = (meet(wrong, _TCP) or wrong)[0]
                port = one(*service_at(shown[0]))
                rule = _permitting(judge, rules, shown, at)
                return f"{src_name} -> {dst_name} : {port} (of {describe(wrong)})", rule
    return None


def _allowed(
    judge: CompiledPolicy, src: int, dst: int, wanted: tuple[Span, ...], at: datetime
) -> tuple[tuple[Span, ...], int]:
    """The wanted services that are allowed between two classes at that time, and the rules that may
    be why (as bits)."""
    found = judge.pair(src, dst)
    if isinstance(found, Rank):
        return (wanted if found in ALLOWED else ()), 0
    rules = found & judge.valid(at)
    spans = union(span for position in bits(rules) for span in judge.spans[position])
    return minus(wanted, minus(wanted, spans)), rules


def _permitting(judge: CompiledPolicy, rules: int, span: Span, at: datetime) -> str | None:
    protocol, port = service_at(span[0])
    named = judge.rules_in(rules & judge.serving(protocol, port) & judge.valid(at))
    return named[0].id if named else None


def _meant(judge: CompiledPolicy, selectors: tuple[Selector, ...], at: datetime) -> dict[int, str]:
    """The classes that selectors mean at that time, each with the selector to name it by."""
    numbers = {judge.labels.number_of[selector]: str(selector) for selector in selectors}
    epoch = judge.labels.epoch_of(at)
    found: dict[int, str] = {}
    for realm in sorted(judge.inventory.realms):
        intervals = judge.labels.intervals(epoch, realm)
        for start in intervals.starts:
            number = intervals.at(start)
            for selector in judge.classes[number].selectors:
                if selector in numbers:
                    found.setdefault(number, numbers[selector])
    return found
