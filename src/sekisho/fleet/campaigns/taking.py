"""What a terminal answered: settled question by question, refused where it was not asked. Pure.

All of it may be an intruder's: ids of others or of nobody, whatever status and figures. What is refused is
counted and shown at that terminal; what counts is settled once, and repeating it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sekisho.fleet.campaigns.asking import Live, finished
from sekisho.fleet.campaigns.questions import needed, unwired
from sekisho.fleet.platforms import missing
from sekisho.fleet.words import legible
from sekisho.model.campaigns import Asked, Limits, Settled

DENYLISTED = "distributed query is denylisted"
"""What osquery says of a query that killed its worker. Source: osquery, distributed.cpp."""
LONGEST = 300
"""Characters of a reason."""
_LARGEST = 1 << 53


@dataclass(frozen=True, slots=True)
class Result:
    """What came back for one id on the wire. `status` 0 is success; `stats` are wall_time_ms, user_time,
    system_time (milliseconds) and memory (bytes), as far as it told them. Source: osquery_schedule."""

    status: int
    message: str = ""
    stats: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Took:
    """`changed` is to be kept before the terminal is told that it was taken. By id on the wire: `taken` says
    which campaign and question it answers, `again` was taken before, `refused` says why it is not."""

    changed: dict[int, Asked] = field(default_factory=dict)
    taken: dict[str, tuple[int, str]] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


def took(
    lives: Sequence[Live],
    asked: Mapping[int, Asked],
    results: Mapping[str, Result],
    now: datetime,
    platform: str = "",
) -> Took:
    """What a write settles. `lives` are all campaigns whose answers still count, paused and over ones too, as
    this terminal sees them; `asked` is what was kept of it, by campaign, `platform` what it enrolled as."""
    out = Took()
    known = {live.campaign.seq: live for live in lives}
    fresh: dict[int, dict[str, Result]] = {}
    for text, result in results.items():
        found = unwired(text)
        live = known.get(found[0]) if found else None
        if found is None or live is None or found[1] not in live.questions.sql:
            out.refused[text] = "an answer to what nobody asks"
            continue
        seq, name = found
        mine = asked.get(seq)
        units = [u for u, names in live.questions.units.items() if name in names]
        if mine is None or not any(mine.handed.get(unit) for unit in units):
            out.refused[text] = f"an answer to {name[2:]}, which it was not asked"
        elif all(unit in mine.settled and not _open(mine.settled[unit]) for unit in units):
            out.again.add(text)
        else:
            out.taken[text] = found
            fresh.setdefault(seq, {})[name] = result
    for seq, given in fresh.items():
        changed = _settled(known[seq], asked[seq], given, now, platform)
        if changed != asked[seq]:
            out.changed[seq] = changed
    return out


def _open(settled: Settled) -> bool:
    # An answer that comes after it was given up counts all the same.
    return settled.fate == "gave_up"


def _settled(
    live: Live, mine: Asked, given: Mapping[str, Result], now: datetime, platform: str
) -> Asked:
    settled = dict(mine.settled)
    for unit, names in live.questions.units.items():
        if unit not in mine.handed or (unit in settled and not _open(settled[unit])):
            continue
        parts = {name: given[name] for name in names if name in given}
        # Tables that it does not have come last: what else went wrong is a failure all the same.
        gone = {
            name: missing(part.status, part.message, live.questions.sql[name], platform)
            for name, part in parts.items()
        }
        bad = sorted((n for n, part in parts.items() if part.status != 0), key=lambda n: bool(gone[n]))
        must = needed(unit, names)
        worst = next((name for name in bad if name in must or len(bad) == len(names)), None)
        # A check is judged on all its tables at one time. Where one did not come, all are asked again, as often
        # as anything is.
        if parts and (worst is not None or len(parts) == len(names)):
            settled[unit] = _one(
                None if worst is None else parts[worst],
                list(parts.values()),
                now,
                gone="" if worst is None else gone[worst],
            )
    return replace(mine, settled=settled, done=finished(live, settled))


def _one(bad: Result | None, parts: Sequence[Result], now: datetime, *, gone: str) -> Settled:
    costs = [_cost(part.stats) for part in parts]
    wall, cpu, memory = (max(cost[n] for cost in costs) for n in range(3))
    if bad is None:
        return Settled("answered", now, "", wall, cpu, memory)
    if gone:
        told = f"its osquery says: {bad.message.strip()}"
        return Settled("not_applicable", now, told, wall, cpu, memory)
    said = legible(bad.message, LONGEST)
    if said.casefold().strip(" .") == DENYLISTED:
        return Settled("denylisted", now, said, wall, cpu, memory)
    reason = f"status {bad.status}: {said or 'no reason given'}"
    return Settled("failed", now, reason[:LONGEST], wall, cpu, memory)


def _cost(stats: Mapping[str, int]) -> tuple[int, int, int]:
    wall, user, system, memory = (
        min(max(stats.get(name, 0), 0), _LARGEST)
        for name in ("wall_time_ms", "user_time", "system_time", "memory")
    )
    return wall, user + system, memory


def heavy(limits: Limits, settled: Mapping[str, Settled]) -> bool:
    """Whether any question cost the terminal more than the limits."""
    return any(
        one.wall_ms > limits.wall_ms or one.cpu_ms > limits.cpu_ms or one.memory > limits.memory
        for one in settled.values()
    )
