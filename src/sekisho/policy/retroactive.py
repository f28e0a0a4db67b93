"""Rules that were written down after what they would excuse.

A rule excuses what happened before it was first kept only where it stood in the first register that had
any active rule, or where a second person accepted it. What it permits, its *content*, is what counts:
a new owner or reason makes no new rule, a wider end or a later expiry does, as far as it is new.

What to pass. When a version of the register comes into use, keep its files and append the ledger entry
`policy.version` whose body's `rules` are `[{"id": id, "hash": hash}, …]` from `contents(policy)`.
Before judging, call `recorded` with `State.rules()` as `known`, `State.acceptances()` as `accepted` and
as `earlier` the active rules of the versions that `versions_that_matter` names (`State.versions("policy")`,
each file's bytes from `State.content`, read by `parse_policy`; a version that today's inventory can no
longer read may be left out, which makes the result stricter). An acceptance names the content by its hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sekisho.inventory.register import Inventory
from sekisho.model.findings import rfc3339
from sekisho.model.rules import Policy, Rule
from sekisho.policy.narrowing import both
from sekisho.policy.ports import spans_of


class Recorded(Protocol):
    """When a content was first seen in an active rule, and who used that register first."""

    @property
    def rule_hash(self) -> str:
        """`content_hash` of the rule."""

    @property
    def rule_id(self) -> str:
        """Of the rule in which it was first seen."""

    @property
    def version(self) -> str:
        """SHA-256 of the register in which it was first seen."""

    @property
    def recorded_at(self) -> datetime:
        """Aware."""

    @property
    def by(self) -> str:
        """The person."""

    @property
    def baseline(self) -> bool:
        """Whether it stood in the first register that had any active rule."""


class Accepted(Protocol):
    """Somebody's word that a content may excuse what happened before it was kept."""

    @property
    def rule_hash(self) -> str:
        """`content_hash` of the rule."""

    @property
    def by(self) -> str:
        """The person."""


def content_hash(rule: Rule) -> str:
    """SHA-256, in hex, of what a rule permits and when: its ends, services, `from` and `expires`.

    The order and spelling of the parts do not matter, nor do id, owner, ticket, reason, approvals, tier
    or state: a rule that is renamed permits nothing new.
    """
    begin, end = rule.validity.begin, rule.validity.end
    content = {
        "destinations": sorted({str(selector) for selector in rule.destinations}),
        "expires": None if end is None else rfc3339(end),
        "from": None if begin is None else rfc3339(begin),
        "services": [list(span) for span in spans_of(rule.services)],
        "sources": sorted({str(selector) for selector in rule.sources}),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def contents(policy: Policy) -> tuple[tuple[str, str], ...]:
    """(id, content hash) of every active rule, in the order of the files."""
    return tuple((rule.id, content_hash(rule)) for rule in policy.rules if rule.state == "active")


def versions_that_matter(
    policy: Policy, known: Iterable[Recorded], accepted: Iterable[Accepted], now: datetime
) -> frozenset[str]:
    """Versions of the register (SHA-256) in which earlier contents of retroactive rules were first seen.

    Without a retroactive rule there are none: nothing has to be read of a long history. What a rule
    permitted under another id is not looked for, which is the stricter answer.
    """
    records = list(known)
    book = _Book(records, accepted, now)
    changed = {rule.id for rule in policy.rules if book.since(rule) is not None}
    if not changed:
        return frozenset()
    now_active = {digest for _, digest in contents(policy)}
    return frozenset(
        record.version
        for record in records
        if record.rule_id in changed and record.rule_hash not in now_active
    )


def recorded(
    policy: Policy,
    inventory: Inventory,
    known: Iterable[Recorded],
    accepted: Iterable[Accepted],
    earlier: Iterable[Rule],
    now: datetime,
) -> Policy:
    """The register with `Rule.recorded` set where a rule is retroactive.

    A content that is not among `known` counts as kept at `now` (aware), unless nothing is known: then
    this register is the first. An acceptance by whoever recorded the content does not count. Where a
    retroactive rule was changed, what it permits in common with its earlier contents is put before it
    as rules of the same id, each counted from when that content was kept: so only what is new is
    retroactive, and the result may hold more rules than `policy`.
    """
    book = _Book(known, accepted, now)
    before: dict[str, dict[str, Rule]] = {}
    for rule in earlier:
        if rule.state == "active":
            before.setdefault(rule.id, {}).setdefault(content_hash(rule), rule)
    rules: list[Rule] = []
    for rule in policy.rules:
        at = book.since(rule)
        if at is not None:
            rules += _kept_before(rule, at, before.get(rule.id, {}), book, inventory)
        rules.append(replace(rule, recorded=at))
    return replace(policy, rules=tuple(rules))


def _kept_before(
    rule: Rule, at: datetime, before: Mapping[str, Rule], book: _Book, inventory: Inventory
) -> list[Rule]:
    """The parts of a rule that an earlier content permitted, where that was kept before `at`."""
    parts: dict[tuple[str, datetime | None], Rule] = {}
    own = content_hash(rule)
    for name, old in before.items():
        since = book.since(old)
        if name == own or not book.knows(name) or (since is not None and since >= at):
            continue
        part = both(rule, old, inventory)
        if part is not None:
            parts.setdefault((content_hash(part), since), replace(part, recorded=since))
    return list(parts.values())


class _Book:
    """Since when each content counts."""

    def __init__(self, known: Iterable[Recorded], accepted: Iterable[Accepted], now: datetime) -> None:
        self._known: dict[str, Recorded] = {}
        for record in sorted(known, key=lambda found: found.recorded_at):
            self._known.setdefault(record.rule_hash, record)
        self._now = now
        self._accepted = {
            word.rule_hash
            for word in accepted
            if (found := self._known.get(word.rule_hash)) is not None
            and _person(word) != _person(found)
        }

    def knows(self, name: str) -> bool:
        """Whether the content was ever kept."""
        return name in self._known

    def since(self, rule: Rule) -> datetime | None:
        """`Rule.recorded` for a rule: None where it excuses all of its validity."""
        if rule.state == "proposed" or not self._known:
            return None
        name = content_hash(rule)
        found = self._known.get(name)
        if found is not None and (found.baseline or name in self._accepted):
            return None
        at = found.recorded_at if found is not None else self._now
        begin = rule.validity.begin
        return at if begin is None or begin < at else None


def _person(record: Recorded | Accepted) -> str:
    return record.by.strip().casefold()
