"""In which one state a terminal is: a pure function of what happened, in whatever order it became known.

docs/reference/fleet-states.md publishes the order in which states win; `STATES` is that order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sekisho.fleet.identity import name_key, uuid_key
from sekisho.fleet.looked import counting
from sekisho.model.terminals import (
    SERVED,
    STATES,
    Campaign,
    CheckAnswer,
    TerminalDecision,
    TerminalState,
)

AWAY = timedelta(minutes=15)
"""Not heard for so long, a terminal is offline; `[fleet.service] offline_minutes` says otherwise."""

JUDGED_HERE = frozenset({"sigma"})
"""Checks that are asked of what the lake keeps, as often as a person likes: the last asking counts."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A terminal's state and why. `since` is when what made it so happened; `answers` the newest that counts of
    each check, `open` the checks of the campaign that nothing answers."""

    state: TerminalState
    why: str
    since: datetime | None = None
    until: datetime | None = None
    by: str = ""
    evidence: str = ""
    answers: Mapping[str, CheckAnswer] = field(default_factory=dict)
    open: tuple[str, ...] = ()


def stand(
    campaign: Campaign,
    answers: Iterable[CheckAnswer],
    decisions: Iterable[TerminalDecision],
    now: datetime,
    seen: datetime | None = None,
    away: timedelta = AWAY,
    doubt: tuple[datetime, str] | None = None,
    platform: str = "",
) -> Standing:
    """The state at `now`. Repeated events count once; what is decided or answered after `now` not at all.

    `seen` is when its osquery was last heard, None where none enrolled; after `away` it is not there any more.
    `doubt` is when last several machines answered as it, and how that shows: who then is clean is not known.
    `platform` is that on which all agree who say any: what does not apply to it need not be answered.
    """
    decided = sorted({d.seq: d for d in decisions if d.at <= now}.values(), key=lambda d: d.seq)
    given = {a.id: a for a in answers if a.at <= now}
    rebuilt = _last(decided, "rebuilt")
    begins = (campaign.begin, None if rebuilt is None else rebuilt.at)
    begin = max((t for t in begins if t is not None), default=None)
    newest = _newest(campaign, given.values(), begin)
    missing = tuple(c for c in campaign.checks if c not in newest)
    if (out := exclusion(decided, now)) is not None:
        return Standing(
            "excluded",
            out.why,
            out.at,
            out.until,
            out.by,
            answers=newest,
            open=missing,
        )
    by_outcome = {
        outcome: [a for a in newest.values() if a.outcome == outcome]
        for outcome in ("findings", "failed")
    }
    if found := by_outcome["findings"]:
        names = ", ".join(sorted(a.check for a in found))
        return Standing(
            "checked_findings",
            f"found by {names}",
            min(a.at for a in found),
            answers=newest,
            open=missing,
        )
    failed = by_outcome["failed"]
    doubted = doubt is not None and doubt[0] <= now and (begin is None or doubt[0] >= begin)
    partly = "".join(f"; {a.check} {a.reason}" for a in newest.values() if a.looked and a.reason)
    apart = [a for a in newest.values() if a.outcome == "not_applicable"]
    looked = len(newest) - len(apart)
    known = all(a.platform and a.platform == platform for a in apart)
    if looked and known and not missing and not failed and not doubted:
        return Standing(
            "checked_clean",
            (
                f"{looked} of {len(newest)} checks answered, none found anything{partly}"
                f"{_apart(apart, platform)}"
                if apart
                else f"all {looked} checks answered, none found anything{partly}"
            ),
            max(a.at for a in newest.values()),
            answers=newest,
            open=missing,
        )
    manual = _last(decided, "checked")
    if manual is not None and (begin is None or manual.at >= begin):
        return Standing(
            "checked_manually",
            manual.why,
            manual.at,
            by=manual.by,
            evidence=manual.body.get("evidence", ""),
            answers=newest,
            open=missing,
        )
    reasons = sorted(f"{a.check}: {a.reason}" for a in failed)
    times = [a.at for a in failed]
    if doubt is not None and doubted and newest:
        reasons.insert(0, f"two machines answer as this one: {doubt[1]}")
        times.append(doubt[0])
    if reasons:
        return Standing("check_failed", "; ".join(reasons), max(times), answers=newest, open=missing)
    heard = seen if seen is not None and seen <= now else None
    since_rebuilt = rebuilt is None or (heard is not None and heard >= rebuilt.at)
    there = heard is not None and since_rebuilt and now - heard <= away
    if newest:
        gone = "" if heard is None or there else f"; last heard {heard:%Y-%m-%d %H:%M} UTC"
        if known and not looked and not missing:
            # Nothing more will come of it by itself.
            gone = ": check it by hand"
        return Standing(
            "in_progress",
            f"{looked} of {len(campaign.checks)} checks answered{_apart(apart, platform)}{gone}",
            min(a.at for a in newest.values()),
            answers=newest,
            open=missing,
        )
    if there:
        return Standing(
            "in_progress", "it is there, and has answered no check yet", heard, open=missing
        )
    if rebuilt is not None and (campaign.begin is None or rebuilt.at >= campaign.begin):
        return Standing("rebuilt", rebuilt.why, rebuilt.at, by=rebuilt.by, open=missing)
    before = [a.at for a in given.values()]
    if heard is not None:
        why = "its osquery was heard, and is not there any more"
        return Standing("offline", why, max([heard, *before]), open=missing)
    if before:
        return Standing(
            "offline", "it answered before, and nothing of this campaign", max(before), open=missing
        )
    return Standing("never_enrolled", "nothing was ever heard from it", open=missing)


def _apart(apart: Sequence[CheckAnswer], platform: str) -> str:
    """What is said of checks that do not apply, and why that is not enough where it is not."""
    if not apart:
        return ""
    text = f"; {len(apart)} not applicable"
    said = sorted({a.platform for a in apart})
    if said == [platform] and platform:
        return f"{text} to {platform}"
    if "" in said:
        return f"{text}, by its osquery's answers alone: it did not say its platform"
    return f"{text} to {', '.join(said)}, which it says that it is, and others say otherwise"


def tally(standings: Iterable[Standing]) -> dict[TerminalState, int]:
    """How many are in each state, every state named."""
    counts: dict[TerminalState, int] = dict.fromkeys(STATES, 0)
    for one in standings:
        counts[one.state] += 1
    return counts


def _newest(
    campaign: Campaign, given: Iterable[CheckAnswer], begin: datetime | None
) -> dict[str, CheckAnswer]:
    newest: dict[str, CheckAnswer] = {}
    # Of two at one time the worse counts: `findings` comes after `failed` and `clean` in neither's favour.
    order = {"not_applicable": 0, "clean": 0, "failed": 1, "findings": 2}

    def place(a: CheckAnswer) -> tuple[datetime, float, int, str]:
        # What is asked here, of all that is kept, answers anew: the same events by the rules of that day.
        judged = a.received.timestamp() if a.check in JUDGED_HERE else 0.0
        return a.at, judged, order[a.outcome], a.id

    ordered = [
        one
        for one in sorted(given, key=place)
        if one.check in campaign.checks and (begin is None or one.at >= begin)
    ]
    # What was answered is not undone by who says later that it is another kind of machine.
    answered = {one.check for one in ordered if one.outcome != "not_applicable"}
    ordered = [a for a in ordered if a.outcome != "not_applicable" or a.check not in answered]
    own: dict[tuple[str, str, str], CheckAnswer] = {}
    for one in ordered:
        newest[one.check] = one
        if one.intake == SERVED:
            own[one.check, one.who.uuid, one.who.hostname] = one
    for check in newest:
        parts = counting(a for a in ordered if a.check == check)
        newest[check] = newest[check] if parts is None else parts
    for one in ordered:
        # Who has an enrolment secret may claim to be this machine, and does not take its findings away.
        last = newest[one.check]
        found = one.outcome == "findings" and last.outcome != "findings" and last.intake == SERVED
        if found and own.get((one.check, one.who.uuid, one.who.hostname)) is one and _differ(one, last):
            newest[one.check] = one
    return newest


def _differ(one: CheckAnswer, other: CheckAnswer) -> bool:
    return _claim(one) != _claim(other)


def _claim(answer: CheckAnswer) -> tuple[str, str]:
    return uuid_key(answer.who.uuid), name_key(answer.who.hostname)[0]


def exclusion(decided: Iterable[TerminalDecision], now: datetime) -> TerminalDecision | None:
    """What excludes a terminal from checks at `now`, of all that was decided about it, the oldest first."""
    last = _last((d for d in decided if d.at <= now), "exclude", "include")
    if last is None or last.action == "include" or (last.until is not None and last.until <= now):
        return None
    return last


def _last(decided: Iterable[TerminalDecision], *actions: str) -> TerminalDecision | None:
    found = [d for d in decided if d.action in actions]
    return found[-1] if found else None
