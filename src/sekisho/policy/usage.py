"""Which rules the recorded traffic needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.model.validity import Validity
from sekisho.model.verdicts import Rank
from sekisho.policy.judge import Judge, bits
from sekisho.policy.timeline import effective

Seen = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Usage:
    """`rules`: the first and last flow that each rule permitted, by id; a rule that is not there
    permitted none. Evidence reaches from `begin` until `end` (aware UTC)."""

    begin: datetime
    end: datetime
    rules: Mapping[str, Seen]


def usage(judge: Judge, combinations: Any, begin: datetime, end: datetime) -> Usage:
    """Which rules were needed by a table of combinations: src_class, dst_class, protocol, port, and the
    time (aware) of their first and last flow.

    A rule counts as needed where it permits a combination some time between its first and last flow.
    """
    spans = [effective(rule) for rule in judge.policy.rules]
    seen: dict[int, Seen] = {}
    columns = [
        combinations[name].to_pylist()
        for name in ("src_class", "dst_class", "protocol", "port", "first", "last")
    ]
    masks: dict[tuple[int, Seen], None] = {}
    for src, dst, protocol, port, first, last in zip(*columns, strict=True):
        found = judge.pair(src, dst)
        if isinstance(found, Rank):
            continue
        mask = found & judge.serving(protocol, port)
        if mask:
            masks[mask, (first, last)] = None
    for mask, (first, last) in masks:
        for position in bits(mask):
            span = spans[position]
            if span is not None and _touches(span, first, last):
                old = seen.get(position, (first, last))
                seen[position] = min(old[0], first), max(old[1], last)
    rules: dict[str, Seen] = {}
    for position, (first, last) in sorted(seen.items()):
        # Parts of a changed rule share its id.
        name = judge.policy.rules[position].id
        old = rules.get(name, (first, last))
        rules[name] = min(old[0], first), max(old[1], last)
    return Usage(begin, end, rules)


def _touches(span: Validity, first: datetime, last: datetime) -> bool:
    return (span.begin is None or span.begin <= last) and (span.end is None or first < span.end)
