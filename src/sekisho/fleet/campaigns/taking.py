"""What a terminal wrote in answer: settled question by question, refused where it was not asked. Pure.

All of it may be an intruder's: ids of others, of nobody, the wrong types, rows beyond any bound. What is
refused is counted and shown at that terminal; what counts is settled once, and repeating it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sekisho.fleet.campaigns.asking import Live, Seen, answer_id, failed, finished, intake_of
from sekisho.fleet.campaigns.questions import unwired
from sekisho.fleet.checks.registry import CHECKS, answer
from sekisho.fleet.collections.base import MOST_ROWS, Gathered, Row, row_of
from sekisho.model.campaigns import Asked, Fate, Limits, Settled
from sekisho.model.terminals import CheckAnswer

DENYLISTED = "distributed query is denylisted"
"""What osquery says of a query that killed its worker. Source: osquery, distributed.cpp."""
MOST_REFUSED = 20
"""Refusals of one write that are spelled out; all are counted."""
_LARGEST = 1 << 53


@dataclass(frozen=True, slots=True)
class Write:
    """A distributed/write, by ids on the wire; values are as they came."""

    queries: Mapping[str, Any] = field(default_factory=dict)
    statuses: Mapping[str, Any] = field(default_factory=dict)
    messages: Mapping[str, Any] = field(default_factory=dict)
    stats: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Took:
    """`changed` is to be kept, with `answers`, before the terminal is told that it was taken. `rows` are by
    campaign and question, for the lake. `again` counts answers that were taken before."""

    changed: dict[int, Asked] = field(default_factory=dict)
    answers: list[CheckAnswer] = field(default_factory=list)
    rows: dict[tuple[int, str], list[Row]] = field(default_factory=dict)
    again: int = 0
    refused: list[str] = field(default_factory=list)
    refused_count: int = 0

    def refuse(self, why: str) -> None:
        """Leave a part out; all are counted, the first are kept."""
        self.refused_count += 1
        if len(self.refused) < MOST_REFUSED:
            self.refused.append(why)


def took(
    lives: Sequence[Live], node: Seen, asked: Mapping[int, Asked], write: Write, now: datetime
) -> Took:
    """What a write settles. `lives` are all campaigns whose answers still count, paused and over ones too;
    `asked` is what was kept of this terminal, by campaign."""
    out = Took()
    known = {live.campaign.seq: live for live in lives}
    fresh: dict[int, dict[str, str]] = {}
    for text in dict.fromkeys((*write.queries, *write.statuses)):
        found = unwired(text)
        live = known.get(found[0]) if found else None
        if found is None or live is None or found[1] not in live.questions.sql:
            out.refuse("an answer to what nobody asks")
            continue
        seq, name = found
        mine = asked.get(seq)
        units = [u for u, names in live.questions.units.items() if name in names]
        if mine is None or not any(unit in mine.handed for unit in units):
            out.refuse(f"an answer to {name[2:]}, which it was not asked")
        elif all(unit in mine.settled and not _open(mine.settled[unit]) for unit in units):
            out.again += 1
        else:
            fresh.setdefault(seq, {})[name] = text
    for seq, names in fresh.items():
        _settle(out, known[seq], node, asked[seq], names, write, now)
    return out


def _open(settled: Settled) -> bool:
    # An answer that comes after it was given up counts all the same.
    return settled.fate == "gave_up"


def _settle(
    out: Took,
    live: Live,
    node: Seen,
    mine: Asked,
    texts: Mapping[str, str],
    write: Write,
    now: datetime,
) -> None:
    seq = live.campaign.seq
    given = {name: _one(text, write, now) for name, text in texts.items()}
    settled = dict(mine.settled)
    for unit, names in live.questions.units.items():
        if unit not in mine.handed or (unit in settled and not _open(settled[unit])):
            continue
        parts = [given[name][0] for name in names if name in given]
        bad = next((one for one in parts if one.fate != "answered"), None)
        # A check is judged on all its tables at one time. Where one did not come, all are asked again, as often
        # as anything is.
        if bad is None and len(parts) < len(names):
            continue
        settled[unit] = Settled(
            "answered" if bad is None else bad.fate,
            now,
            "" if bad is None else bad.reason,
            max(one.wall_ms for one in parts),
            max(one.cpu_ms for one in parts),
            max(one.memory for one in parts),
        )
        if bad is not None:
            out.answers += failed(live, node, unit, settled[unit])
        elif unit.startswith("c_"):
            out.answers.append(_judged(live, node, unit[2:], {n: given[n][1] for n in names}, now))
        for name in names if bad is None else ():
            out.rows[(seq, name)] = given[name][1]
    if settled != mine.settled:
        out.changed[seq] = replace(mine, settled=settled, done=finished(live, settled))


def _one(text: str, write: Write, now: datetime) -> tuple[Settled, list[Row]]:
    cost = _cost(write.stats.get(text))
    status = write.statuses.get(text, 0)
    said = write.messages.get(text)
    message = _plain(said) if isinstance(said, str) else ""
    if isinstance(status, bool) or not isinstance(status, int):
        return _settled("failed", now, "its status is no number", cost), []
    if status != 0:
        if said is not None and message.casefold().strip(" .") == DENYLISTED:
            return _settled("denylisted", now, message, cost), []
        return _settled(
            "failed", now, f"status {status % 10**9}: {message or 'no reason given'}", cost
        ), []
    given = write.queries.get(text)
    if given in ("", None):
        given = []
    if not isinstance(given, list):
        return _settled("failed", now, "its rows are no list", cost), []
    if len(given) > MOST_ROWS:
        return _settled("failed", now, f"more than {MOST_ROWS:,} rows", cost), []
    try:
        return _settled("answered", now, "", cost), [row_of(row) for row in given]
    except ValueError as error:
        return _settled("failed", now, str(error), cost), []


def _settled(fate: Fate, now: datetime, reason: str, cost: tuple[int, int, int]) -> Settled:
    return Settled(fate, now, reason[:300], *cost)


def _judged(
    live: Live, node: Seen, check: str, rows: Mapping[str, list[Row]], now: datetime
) -> CheckAnswer:
    seq = live.campaign.seq
    tables = {name[2:]: Gathered(rows=list(given)) for name, given in rows.items()}
    found = answer(node.who, CHECKS[check], tables, intake_of(seq), now)
    words = (found.outcome, *found.findings, found.reason)
    return replace(found, id=answer_id(seq, node.id, check, words))


def _cost(stats: Any) -> tuple[int, int, int]:
    """Wall time, CPU time (both in milliseconds) and memory (bytes), as osquery_schedule has them; what is no
    sane number is 0."""
    if not isinstance(stats, Mapping):
        return (0, 0, 0)
    wall, user, system, memory = (
        _number(stats.get(name)) for name in ("wall_time_ms", "user_time", "system_time", "memory")
    )
    return (wall, user + system, memory)


def _number(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 17:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return min(max(value, 0), _LARGEST)


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:300])


def heavy(limits: Limits, settled: Mapping[str, Settled]) -> bool:
    """Whether any question cost the terminal more than the limits."""
    return any(
        one.wall_ms > limits.wall_ms or one.cpu_ms > limits.cpu_ms or one.memory > limits.memory
        for one in settled.values()
    )
