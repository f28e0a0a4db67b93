"""How an alert stands, and whether there is something new to tell about it.

Pure: what is known of its connections, what was told, what people answered and what is muted go in, the
change to tell (or none) comes out.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sekisho.watch.alerts import Change

GROWTH = timedelta(seconds=60)
"""More of the same is told this long after the last message at the earliest; what is worse at once."""
SILENCE = timedelta(days=7)
"""What comes back after this long is told again."""
TIMES_MORE = 10
LEAST_JUMP = 10_000_000
"""Something acknowledged has changed where its bytes are ten times what they were, and 10 MB more."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How large the thing is: connections, those established, ends, bytes, the worst severity (0 is
    critical), and when it was last seen."""

    connections: int = 0
    established: int = 0
    sources: int = 0
    destinations: int = 0
    flows: int = 0
    volume: int = 0
    severity: int = 4
    last: datetime | None = None
    amended: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"last": self.last.isoformat() if self.last else None}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Extent:
        """What `to_dict` gave."""
        last = values["last"]
        return cls(**(values | {"last": datetime.fromisoformat(last) if last else None}))


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said of an alert last. `seq` orders answers; `until` None is for good."""

    seq: int
    action: Literal["acknowledge", "snooze"]
    by: str
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is remembered of an alert. `told` is its extent when it was last told, None where it never was.

    `answer` is the answer that holds, `answered` the extent it was given to; `spent` the last answer that
    the thing has outgrown. `muted` names the maintenance window it is in.
    """

    revision: int = 0
    told: Extent | None = None
    told_at: datetime | None = None
    answer: Answer | None = None
    answered: Extent | None = None
    spent: int = 0
    muted: str = ""
    withdrawn: bool = False

    def to_json(self) -> str:
        """As the state keeps it."""
        values: dict[str, Any] = {
            "revision": self.revision,
            "told": self.told.to_dict() if self.told else None,
            "told_at": self.told_at.isoformat() if self.told_at else None,
            "answered": self.answered.to_dict() if self.answered else None,
            "spent": self.spent,
            "muted": self.muted,
            "withdrawn": self.withdrawn,
            "answer": None,
        }
        if self.answer:
            until = self.answer.until
            values["answer"] = asdict(self.answer) | {"until": until.isoformat() if until else None}
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str) -> Standing:
        """What `to_json` wrote."""
        values = json.loads(text)
        for name in ("told", "answered"):
            values[name] = Extent.from_dict(values[name]) if values[name] else None
        values["told_at"] = datetime.fromisoformat(values["told_at"]) if values["told_at"] else None
        if values["answer"]:
            until = values["answer"]["until"]
            values["answer"]["until"] = datetime.fromisoformat(until) if until else None
            values["answer"] = Answer(**values["answer"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Step:
    """What comes of looking at an alert: how it stands now, the change to tell, and when to look again."""

    standing: Standing
    change: Change | None = None
    due: datetime | None = None
    reasons: tuple[str, ...] = field(default=())


def answer(standing: Standing, given: Answer | None, extent: Extent) -> Standing:
    """Take over the last answer; it is about the extent that the thing has now."""
    if given is None:
        return replace(standing, answer=None, answered=None)
    if given.seq <= standing.spent or (standing.answer and standing.answer.seq == given.seq):
        return standing
    return replace(standing, answer=given, answered=extent)


def step(standing: Standing, extent: Extent, muted: str, now: datetime, *, seen: bool = True) -> Step:
    """Whether to tell anything. `extent` is that of now, `muted` names the maintenance window that all of
    what is new lies in, `seen` says that there were new records."""
    if not extent.connections:
        told = not standing.withdrawn and standing.told is not None
        return _told(replace(standing, withdrawn=True), extent, now, "withdrawn" if told else None)
    standing = replace(standing, withdrawn=False)
    if muted:
        return Step(replace(standing, muted=muted))
    reasons: tuple[str, ...] = ()
    if standing.answer is not None:
        base = standing.answered or Extent()
        reasons = tuple(differences(base, extent))
        until = standing.answer.until
        if reasons:
            return _told(_outgrown(standing), extent, now, "changed", reasons)
        if until is None or now < until or not seen:
            return Step(replace(standing, muted="" if seen else standing.muted))
        return _told(_outgrown(standing), extent, now, "resumed")
    if standing.muted and not seen:
        return Step(standing)
    if standing.told is None:
        return _told(standing, extent, now, "resumed" if standing.muted else "raised")
    if standing.muted:
        return _told(standing, extent, now, "resumed")
    return _compare(standing, standing.told, extent, now)


def _compare(standing: Standing, told: Extent, extent: Extent, now: datetime) -> Step:
    if extent.amended > told.amended:
        return _told(standing, extent, now, "amended")
    if (
        (extent.established and not told.established)
        or extent.severity < told.severity
        or (extent.established > told.established and extent.sources > told.sources)
    ):
        return _told(standing, extent, now, "escalated")
    if told.last and extent.last and extent.last - told.last > SILENCE:
        return _told(standing, extent, now, "returned")
    if extent.connections > told.connections or extent.established > told.established:
        due = (standing.told_at or now) + GROWTH
        if now >= due:
            return _told(standing, extent, now, "grown")
        return Step(standing, due=due)
    # Remember the last time, so that a silence is measured from it.
    return Step(replace(standing, told=replace(told, last=extent.last)))


def differences(before: Extent, now: Extent) -> list[str]:
    """What is not any more as it was when somebody answered."""
    found = []
    if now.established and not before.established:
        found.append("an attempt was established")
    if now.destinations > before.destinations:
        more = now.destinations - before.destinations
        found.append(f"{more} new destination{'s' if more > 1 else ''}")
    jump = now.volume - before.volume
    if jump >= LEAST_JUMP and now.volume >= TIMES_MORE * before.volume:
        found.append(f"{TIMES_MORE} times its volume")
    return found


def _outgrown(standing: Standing) -> Standing:
    seq = standing.answer.seq if standing.answer else 0
    return replace(standing, answer=None, answered=None, spent=max(standing.spent, seq))


def _told(
    standing: Standing,
    extent: Extent,
    now: datetime,
    change: Change | None,
    reasons: tuple[str, ...] = (),
) -> Step:
    if change is None:
        return Step(standing)
    after = replace(standing, revision=standing.revision + 1, told=extent, told_at=now, muted="")
    return Step(after, change, reasons=reasons)
