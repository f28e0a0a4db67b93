"""What the answers of terminals come to, for each severed direction. Pure: order and repetition change nothing.

That nothing came back says little by itself: a host may be off, a name may have moved. It counts only where the
same terminal had an answer before, and in the same question has one from what the plan keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sekisho.contain.probing.directions import Way
from sekisho.model.probes import OUTCOMES, ProbeOutcome, Trial

Doubt = Literal[
    "never_before",
    "no_control",
    "control_failed",
    "failed",
    "no_answer",
    "waits",
    "too_early",
    "exempt",
    "untried",
    "not_held",
]
"""Why nothing is known, the one that says most last; see docs/reference/probes.md."""
_ORDER: tuple[Doubt, ...] = (
    "not_held",
    "untried",
    "too_early",
    "waits",
    "no_answer",
    "failed",
    "exempt",
    "no_control",
    "control_failed",
    "never_before",
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One service that one terminal was asked to try. `asked` is when the question was made, `until` its end,
    `answered` when an answer came, None where none has. `since` is when what cuts it was told, None where
    nothing does. `control` says whether something that is kept answered in the same question, None where none
    was asked for; `exempt` that it was let through at the time."""

    way: Way
    node: int
    hostname: str
    trial: Trial
    asked: datetime
    until: datetime
    since: datetime | None
    answered: datetime | None = None
    came: str = ""
    failed: str = ""
    control: bool | None = None
    exempt: bool = False

    @property
    def before(self) -> bool:
        """Whether it was answered while nothing cut it."""
        return self.answered is not None and (self.since is None or self.answered < self.since)

    @property
    def after(self) -> bool:
        """Whether it was made when it was cut already."""
        return self.since is not None and self.asked >= self.since

    @property
    def crossed(self) -> bool:
        """Whether an answer came across what is cut."""
        return self.after and bool(self.came) and not self.exempt


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of one direction. `attempt` is the one that says it."""

    outcome: ProbeOutcome
    doubt: Doubt | None = None
    attempt: Attempt | None = None
    before: datetime | None = None


def judged(ways: Iterable[Way], attempts: Iterable[Attempt], now: datetime) -> Mapping[Way, Judged]:
    """Exactly one answer for every direction."""
    by_way: dict[Way, dict[tuple[int, Trial], list[Attempt]]] = {way: {} for way in ways}
    for one in sorted(set(attempts), key=_place):
        if one.way in by_way:
            by_way[one.way].setdefault((one.node, one.trial), []).append(one)
    return {
        way: min(
            (_pair(of, now) for of in pairs.values()), key=_rank, default=Judged("not_known", "untried")
        )
        for way, pairs in by_way.items()
    }


def _pair(of: list[Attempt], now: datetime) -> Judged:
    """One terminal and one service; `of` is in order of time."""
    crossed = [one for one in of if one.crossed]
    if crossed:
        return Judged("reached", None, crossed[-1])
    before = [one.answered for one in of if one.before and one.came]
    proof = max((at for at in before if at is not None), default=None)
    found = []
    for one in of:
        doubt = _doubt(one, now)
        if doubt is None and proof is None:
            doubt = "never_before"
        if doubt is None:
            found.append(Judged("not_reached", None, one, proof))
        else:
            found.append(Judged("not_known", doubt, one, proof))
    return min(reversed(found), key=_rank)


def _doubt(one: Attempt, now: datetime) -> Doubt | None:
    """Why an attempt to which nothing came says nothing, None where it does."""
    if one.since is None:
        return "not_held"
    if not one.after:
        return "too_early"
    if one.exempt:
        return "exempt"
    if one.answered is None:
        return "waits" if now < one.until else "no_answer"
    if one.failed:
        return "failed"
    if one.control is None:
        return "no_control"
    return None if one.control else "control_failed"


def _rank(one: Judged) -> tuple[int, int]:
    return OUTCOMES.index(one.outcome), -_ORDER.index(one.doubt) if one.doubt else 0


def _place(one: Attempt) -> tuple[object, ...]:
    return (
        one.asked,
        one.node,
        one.trial,
        one.answered or one.until,
        one.came,
        one.failed,
        str(one.control),
    )


def words(one: Judged, untried: str = "") -> str:
    """Why, in a sentence. `untried` is what was said when nobody was asked."""
    attempt = one.attempt
    if attempt is None:
        return untried or "nobody was asked to try it"
    who, what = attempt.hostname, attempt.trial.asked
    if one.outcome == "reached":
        return f"{who} asked {what} since, and {attempt.came} came back"
    if one.outcome == "not_reached":
        return f"{who} had an answer of {what} before and none since, while what is kept answered it"
    match one.doubt:
        case "never_before":
            return f"{what} did not answer {who}, and no probe before the cut shows that it ever did"
        case "no_control":
            return f"{what} did not answer {who}, which was asked for nothing that is kept"
        case "control_failed":
            return f"{what} did not answer {who}, and nothing that is kept did either"
        case "failed":
            return f"{who} could not ask: {attempt.failed}"
        case "no_answer":
            return f"{who} did not answer in time"
        case "waits":
            return f"{who} has not answered yet"
        case "exempt":
            return f"{what} was exempt when {who} asked for it"
        case "not_held":
            came = attempt.came or "nothing"
            return (
                f"no gateway holds it: {came} came back from {what} to {who}"
                if attempt.answered
                else (f"no gateway holds it, and {who} has not answered yet")
            )
    return f"{who} was asked before the gateways were told: probe again"
