"""Which questions a terminal is handed when it asks for some. Pure: what is known comes in, what changes out.

A question is handed out at most `MOST_HANDOUTS` times, further and further apart, and never again once
something came of it: whatever a terminal does, there is an end to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sekisho.fleet.campaigns.course import Course
from sekisho.fleet.campaigns.questions import Questions, wire
from sekisho.fleet.campaigns.ramp import stage_of
from sekisho.model.campaigns import Asked, Settled
from sekisho.model.terminals import GIVEN_UP, Campaign, CheckAnswer, Outcome, Sighting

MOST_HANDOUTS = 5
PROBED = 2
"""The same of a probe: another try is one more connection that was asked for."""
AGAIN = timedelta(minutes=2)
"""Before a question is handed out a second time; twice that before the third, and so on."""
AT_ONCE = 60
"""Questions of one hand-out."""


@dataclass(frozen=True, slots=True)
class Live:
    """A campaign as it stands. `first` are names (addresses, hostnames, UUIDs) of terminals that come first."""

    campaign: Campaign
    course: Course
    questions: Questions
    first: Collection[str] = frozenset()

    def of(self, node: str, platform: str = "") -> Live:
        """It as one terminal sees it."""
        questions = self.questions.of(self.campaign.only, node).on(platform)
        return self if questions is self.questions else replace(self, questions=questions)


@dataclass(frozen=True, slots=True)
class Seen:
    """The terminal that asks. `id` is the service's own, the same as long as it is enrolled; `names` are what
    it may be known by, `platform` is '' where it is not known."""

    id: str
    who: Sighting
    site: str | None = None
    names: tuple[str, ...] = ()
    platform: str = ""


@dataclass(slots=True)
class HandOut:
    """`queries` by id on the wire; `changed` is to be kept, by the campaign's place in the ledger, before the
    queries go out; `answers` are checks that were given up, or do not apply. `more` says that not all that
    was due did fit."""

    queries: dict[str, str] = field(default_factory=dict)
    changed: dict[int, Asked] = field(default_factory=dict)
    answers: list[CheckAnswer] = field(default_factory=list)
    more: bool = False


def queries_for(
    lives: Sequence[Live], node: Seen, asked: Mapping[int, Asked], now: datetime
) -> HandOut:
    """What a terminal is asked now. `asked` is what was kept of it, by campaign."""
    out = HandOut()
    for live in (one.of(node.id, node.platform) for one in lives):
        room = AT_ONCE - len(out.queries)
        if live.course.state != "running":
            continue
        campaign = live.campaign
        if campaign.sites and node.site not in campaign.sites:
            continue
        mine = asked.get(campaign.seq)
        if mine is None:
            stage = stage_of(campaign.seq, node.id, campaign.ramp, node.names, live.first)
            mine = Asked(stage)
        if mine.done or mine.stage > live.course.stage:
            continue
        if not live.questions.units and not live.questions.elsewhere:
            continue
        if waiting(mine, now):
            continue
        if room <= 0:
            out.more = True
            break
        _hand(out, live, node, mine, now, room)
    return out


def waiting(mine: Asked, now: datetime) -> bool:
    """Whether it is too early to hand out again. A clock that was set back delays by one wait at most."""
    if mine.at is None:
        return False
    times = max((n for name, n in mine.handed.items() if name not in mine.settled), default=0)
    wait = AGAIN * (1 << max(times - 1, 0))
    return -wait < now - mine.at < wait


def finished(live: Live, settled: Mapping[str, Settled]) -> bool:
    """Whether nothing is left to be asked."""
    return all(unit in settled for unit in (*live.questions.units, *live.questions.elsewhere))


def _hand(out: HandOut, live: Live, node: Seen, mine: Asked, now: datetime, room: int) -> None:
    campaign, settled, handed = live.campaign, dict(mine.settled), dict(mine.handed)
    open_ = [unit for unit in live.questions.units if unit not in settled]
    most = PROBED if campaign.only else MOST_HANDOUTS
    reason = f"handed out {most} times, never answered"
    for unit in open_:
        if handed.get(unit, 0) >= most:
            settled[unit] = Settled("gave_up", now, reason)
            if unit.startswith("c_"):
                out.answers.append(_answer(campaign.seq, node, unit[2:], "failed", reason, now))
    for unit, why in live.questions.elsewhere.items():
        if unit not in settled:
            settled[unit] = Settled("not_applicable", now, why)
            handed.setdefault(unit, 0)
            if unit.startswith("c_"):
                out.answers.append(_answer(campaign.seq, node, unit[2:], "not_applicable", why, now))
    due: dict[str, None] = {}
    # What was handed out least comes first: where there are more than fit, each has its turn.
    for unit in sorted((u for u in open_ if u not in settled), key=lambda u: handed.get(u, 0)):
        names = live.questions.units[unit]
        if len(due.keys() | set(names)) > room and due:
            out.more = True
            break
        due.update(dict.fromkeys(names))
        handed[unit] = handed.get(unit, 0) + 1
    out.queries.update({wire(campaign.seq, name): live.questions.sql[name] for name in due})
    out.changed[campaign.seq] = replace(
        mine, handed=handed, at=now if due else mine.at, settled=settled, done=finished(live, settled)
    )


def _answer(
    seq: int, node: Seen, check: str, outcome: Outcome, reason: str, now: datetime
) -> CheckAnswer:
    words = "\x1f".join((str(seq), node.id, check, reason))
    return CheckAnswer(
        id=hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest(),
        intake=f"{GIVEN_UP}{seq}",
        who=node.who,
        check=check,
        outcome=outcome,
        received=now,
        reason=reason,
        platform=node.platform if outcome == "not_applicable" else "",
    )
