"""What rules found, told by machine: the answers to the check `sigma`.

A machine whose logs hold nothing that a rule looks at has recorded nothing, and the check has failed; which of
the rules' log sources it lacks is said beside what it answers.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sekisho.fleet.checks.base import LONGEST, bounded
from sekisho.fleet.checks.sigma import NAME
from sekisho.fleet.collections.base import machine
from sekisho.fleet.identity import name_key
from sekisho.fleet.sigma.compiling import Compiled, RuleSet
from sekisho.fleet.sigma.logsources import holds
from sekisho.intel.detections import LEVELS
from sekisho.model.terminals import CheckAnswer, Outcome, Sighting
from sekisho.store.queries.events import EventSource

Row = Mapping[str, Any]
NOTHING_RECORDED = "nothing recorded: its logs hold nothing that any of the rules looks at"


@dataclass(slots=True)
class Machine:
    """One machine's logs. `seen` counts its events by channel (lower case) and number."""

    who: Sighting
    seen: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))
    last: datetime | None = None
    files: set[int] = field(default_factory=set)
    findings: list[tuple[Compiled, Row]] = field(default_factory=list)
    beside: list[tuple[str, datetime]] = field(default_factory=list)
    """What rules found in connections of it, in words, and since when."""

    @property
    def events(self) -> int:
        """How many there are."""
        return sum(self.seen.values())

    def recorded(self, sources: Iterable[EventSource]) -> bool:
        """Whether it has events of any of the sources."""
        return any(holds(source, *seen) for source in sources for seen in self.seen)


def machines(
    recorded: Iterable[Row], files: Iterable[Row], summed: Iterable[Row], rules: RuleSet
) -> list[Machine]:
    """Whose events there are, with what was found on each. Rows are those of `store.events`: RECORDED, FILES
    and `Met.summed`. Events of one machine within another's collection are nobody's."""
    owners = {row["file"]: str(row["owner"]) for row in files}
    found: dict[tuple[str, str], Machine | None] = {}
    for row in recorded:
        one = _of(found, owners.get(row["file"], ""), row["host"])
        if one is None:
            continue
        one.seen[row["channel"], row["event_id"]] += row["events"]
        one.files.add(row["file"])
        one.last = row["last"] if one.last is None else max(one.last, row["last"])
    for row in summed:
        # Connections are nobody's alone.
        if row.get("network"):
            continue
        one = _of(found, str(row["owner"] or ""), row["host"])
        if one is not None and row["rule"] in rules.compiled:
            one.findings.append((rules.compiled[row["rule"]], row))
    alike: dict[str, Machine] = {}
    for one in found.values():
        if one is None:
            continue
        before = alike.setdefault(one.who.id, one)
        if before is not one:
            _join(before, one)
    for one in alike.values():
        one.findings.sort(key=lambda f: (LEVELS.index(f[0].rule.level), f[1]["first"], f[0].number))
    return sorted(alike.values(), key=lambda one: (one.who.hostname.casefold(), one.who.id))


def _of(found: dict[tuple[str, str], Machine | None], owner: str, host: str) -> Machine | None:
    key = (owner, host.casefold())
    if key not in found:
        try:
            who = Sighting(**json.loads(owner)) if owner else machine(host)
        except (ValueError, TypeError):
            found[key] = None
            return None
        stray = owner and name_key(who.hostname)[0] != name_key(host)[0]
        found[key] = None if stray else Machine(who)
    return found[key]


def _join(one: Machine, other: Machine) -> None:
    for key, count in other.seen.items():
        one.seen[key] += count
    one.files |= other.files
    one.findings += other.findings
    if other.last is not None:
        one.last = other.last if one.last is None else max(one.last, other.last)


def sources_needed(rules: RuleSet) -> dict[str, tuple[EventSource, ...]]:
    """The log sources that the asked rules look at, by their names in rules."""
    return {
        str(one.rule.logsource): one.question.sources
        for one in rules.compiled.values()
        if one.question is not None
    }


def relations_needed(rules: RuleSet) -> dict[str, str]:
    """What of sensors' records the asked rules look at, by the names of their log sources."""
    return {
        str(one.rule.logsource): one.network.sources[0].relation
        for one in rules.compiled.values()
        if one.network is not None
    }


def missing(one: Machine, needed: Mapping[str, tuple[EventSource, ...]]) -> tuple[str, ...]:
    """Which of them a machine has not recorded."""
    return tuple(sorted(name for name, sources in needed.items() if not one.recorded(sources)))


def answers(
    found: Sequence[Machine],
    files: Iterable[Row],
    rules: RuleSet,
    intake: str,
    received: datetime,
) -> Iterator[CheckAnswer]:
    """What each machine answers to `sigma`."""
    needed = sources_needed(rules)
    unread = {row["file"]: (row["unread"], row["why"]) for row in files if row["unread"]}
    for one in found:
        if not needed and not one.beside and relations_needed(rules):
            # Rules about the network alone say nothing of a terminal on which they found nothing.
            continue
        told = [(sentence(rule, row), row["first"]) for rule, row in one.findings] + one.beside
        texts = bounded(text for text, _ in told)
        since = {text[:LONGEST]: first for text, first in reversed(told)}
        lacking = missing(one, needed)
        failures = []
        if len(lacking) == len(needed) and not one.beside:
            failures.append(NOTHING_RECORDED)
        # What lacks a record must not be found clean.
        broken = [unread[file] for file in sorted(one.files & unread.keys())]
        if broken:
            count = sum(number for number, _ in broken)
            failures.append(f"{count:,} records of its logs could not be read: {broken[0][1]}")
        outcome: Outcome = "findings" if texts else "failed" if failures else "clean"
        said = [
            *failures,
            *([f"not recorded there: {', '.join(lacking)}"] if lacking and not failures else []),
        ]
        yield CheckAnswer(
            id=_id(one, outcome, intake, (*texts, *said)),
            intake=intake,
            who=one.who,
            check=NAME,
            outcome=outcome,
            received=received,
            collected=one.last,
            reason="; ".join(said)[:500],
            rows=one.events,
            findings=texts,
            times=tuple(since.get(text) for text in texts),
        )


def _id(one: Machine, outcome: Outcome, intake: str, texts: Iterable[str]) -> str:
    words = (one.who.id, NAME, outcome, intake, *texts)
    return hashlib.sha256("\x1f".join(words).encode("utf-8", "surrogatepass")).hexdigest()


def sentence(rule: Compiled, row: Row, where: str = "") -> str:
    """A finding in words: the rule, how often and when, and whose rule it is; `where` names a connection."""
    said = rule.rule
    name = f"{said.title} ({said.id})" if said.id else said.title
    by = f"; rule by {said.author}" if said.author else ""
    licence = f", {said.license}" if said.license else ""
    what = "record" if where else "event"
    count = f"{row['events']:,} {what}{'' if row['events'] == 1 else 's'}{where}"
    first, last = (f"{row[end]:%Y-%m-%dT%H:%M:%SZ}" for end in ("first", "last"))
    when = first if first == last else f"{first} to {last}"
    return f"{said.level}: {name}: {count}, {when}{by}{licence}"
