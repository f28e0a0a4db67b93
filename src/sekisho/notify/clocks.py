"""What is due, to whom, by when: obligations held against facts and deliveries, at a time.

A clock counts from its own anchor and no other: where that is missing it has not started. Where what it
depends on is not known, the earliest possible deadline is shown. A deadline that is no longer where it was
says which fact moved it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.model.notices import Clock, ClockState, Delivered, Moved
from sekisho.notify.answers import Answer, answer
from sekisho.notify.deadlines import Period, due, local
from sekisho.notify.facts import Recorded, Sheet
from sekisho.notify.language import Join, names
from sekisho.notify.obligation import STAGE, Obligation, Stage
from sekisho.notify.vocabulary import Value, in_words, said_of

SOON = timedelta(days=3)
"""A deadline is soon in the last quarter of its time, at most these days ahead."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was sent for a stage, and its proof; the version of its draft and who reviewed it, or what was
    missing where nobody had."""

    obligation: str
    stage: str
    at: datetime
    by: str
    proof: str
    name: str
    seq: int
    recorded_at: datetime
    version: int | None = None
    reviewed_by: str | None = None
    unreviewed: str | None = None

    def document(self) -> Delivered:
        """As it is told."""
        return Delivered(
            at=self.at,
            by=self.by,
            proof=self.proof,
            name=self.name,
            seq=self.seq,
            version=self.version,
            reviewed_by=self.reviewed_by,
            unreviewed=self.unreviewed,
        )


@dataclass(frozen=True, slots=True)
class _Times:
    started: datetime | None
    due: datetime | None
    period: Period | None
    open: frozenset[str] = frozenset()


def clocks(
    obligations: Iterable[Obligation], sheet: Sheet, deliveries: Sequence[Delivery], now: datetime
) -> tuple[Clock, ...]:
    """A clock for each stage of each obligation, in their order. `now` is aware UTC."""
    values = sheet.values()
    return tuple(
        _clock(obligation, stage, sheet, said_of(values, obligation.place), deliveries, now)
        for obligation in obligations
        for stage in obligation.stages.values()
    )


def _clock(
    obligation: Obligation,
    stage: Stage,
    sheet: Sheet,
    values: Mapping[str, Value],
    deliveries: Sequence[Delivery],
    now: datetime,
) -> Clock:
    duty = _duty(obligation, stage, values)
    times = _times(obligation, stage, values, _sent(obligation, deliveries))
    sent = _sent(obligation, deliveries).get(stage.name)
    state, missing, why = _judged(obligation, stage, values, duty, times, sent, now)
    counted = state not in ("disabled", "not_applicable")
    zone = obligation.calendar.zone
    return Clock(
        obligation=obligation.id,
        state=state,
        stage=stage.name,
        anchor=stage.shape.anchor,
        started=times.started if counted else None,
        due=times.due if counted else None,
        missing=missing,
        why=why,
        title=obligation.shape.title,
        to=stage.shape.to,
        period=str(times.period) if times.period else "without undue delay",
        confidence=stage.confidence,
        zone=zone,
        local=local(times.due, zone) if counted and times.due else None,
        delivered=sent.document() if sent else None,
        moved=_moved(obligation, stage, sheet, deliveries) if counted else (),
    )


def _duty(obligation: Obligation, stage: Stage, values: Mapping[str, Value]) -> Answer:
    return answer(Join("and", (obligation.applies, obligation.trigger, stage.when)), values)


def _sent(obligation: Obligation, deliveries: Sequence[Delivery]) -> dict[str, Delivery]:
    """The first delivery of each stage: what is sent again later supplements it."""
    found: dict[str, Delivery] = {}
    for one in sorted(deliveries, key=lambda one: (one.at, one.seq)):
        if one.obligation == obligation.id:
            found.setdefault(one.stage, one)
    return found


def _times(
    obligation: Obligation, stage: Stage, values: Mapping[str, Value], sent: Mapping[str, Delivery]
) -> _Times:
    """When it started and is due; of several possible periods the one that ends first."""
    possible: list[Period | None] = []
    open_: set[str] = set()
    for condition, period in stage.periods:
        said = answer(condition, values)
        if said.holds is not False:
            possible.append(period)
        if said.holds:
            break
        open_ |= said.missing
    else:
        possible.append(stage.period)
    if stage.after is not None:
        began = sent.get(stage.after)
        started = began.at if began else None
    else:
        value = values.get(stage.shape.anchor)
        started = value if isinstance(value, datetime) else None
    shape = stage.shape
    if started is None:
        return _Times(None, None, possible[-1], frozenset(open_))
    ends = [
        (
            due(
                started,
                period,
                obligation.calendar,
                first_day=shape.first_day,
                roll=shape.roll,
                from_year_end=shape.from_year_end,
            ),
            period,
        )
        for period in possible
        if period is not None
    ]
    if not ends:
        return _Times(started, None, None, frozenset(open_))
    end, period = min(ends, key=lambda one: one[0])
    return _Times(started, end, period, frozenset(open_))


def _judged(
    obligation: Obligation,
    stage: Stage,
    values: Mapping[str, Value],
    duty: Answer,
    times: _Times,
    sent: Delivery | None,
    now: datetime,
) -> tuple[ClockState, tuple[str, ...], str]:
    shape = obligation.shape
    if not shape.enabled:
        return "disabled", (), shape.why_disabled or "disabled in its file"
    if duty.holds is False:
        return "not_applicable", (), f"it does not hold that {_failing(obligation, stage, values)}"
    for condition, why in obligation.exceptions:
        if answer(condition, values).holds:
            return "not_applicable", (), why
    undecided = tuple(sorted(duty.missing)) if duty.holds is None else ()
    if times.started is None:
        wanted = stage.shape.anchor
        why = (
            f"counts from the delivery of {stage.after}, of which there is none"
            if stage.after
            else f"`{wanted}` is not recorded: no other time stands in for it"
        )
        if sent is not None:
            why += f"; delivered {local(sent.at, 'UTC')}, and nobody can say whether in time"
        return "not_started", (wanted, *(name for name in undecided if name != wanted)), why
    waits = tuple(sorted({*undecided, *times.open}))
    assumed = f"; the earliest while {', '.join(sorted(times.open))} is not known" if times.open else ""
    if sent is not None:
        return _delivered(times, sent, waits, assumed)
    if undecided:
        when = (
            f"would be due {_when(obligation, times)}"
            if times.due
            else "without undue delay if it holds"
        )
        if times.due is not None and now > times.due:
            when += ", which has passed"
        return "needs_decision", waits, f"{', '.join(undecided)} would decide it; {when}{assumed}"
    if times.due is None:
        return "running", waits, "without undue delay: the law names no number" + _custom(stage)
    said = f"{times.period} from {stage.shape.anchor}{assumed}"
    if now > times.due:
        return "late", waits, f"{said}; overdue since {_when(obligation, times)}"
    state: ClockState = "due_soon" if is_soon(times.started, times.due, now) else "running"
    return state, waits, said


def is_soon(started: datetime, due: datetime, now: datetime) -> bool:
    """Whether the last quarter of the time has begun, or the last `SOON` of it."""
    return due - now <= min(SOON, (due - started) / 4)


def _delivered(
    times: _Times, sent: Delivery, waits: tuple[str, ...], assumed: str
) -> tuple[ClockState, tuple[str, ...], str]:
    when = f"delivered {local(sent.at, 'UTC')}"
    if times.due is None:
        return "met", waits, f"{when}; the law names no number, so have it judged whether without delay"
    if sent.at <= times.due:
        return "met", waits, f"{when}, in time{assumed}"
    return "late", waits, f"{when}, {_span(sent.at - times.due)} late{assumed}"


def _failing(obligation: Obligation, stage: Stage, values: Mapping[str, Value]) -> str:
    """The first of the conditions that does not hold, with the facts that say so."""
    shape = obligation.shape
    for condition, text in (
        (obligation.applies, shape.applies),
        (obligation.trigger, shape.trigger),
        (stage.when, stage.shape.when),
    ):
        said = answer(condition, values)
        if said.holds is False:
            facts = ", ".join(
                f"{name} is {in_words(values[name])}" if name in values else f"{name} is not recorded"
                for name in sorted(said.because)
            )
            return f"{text}: {facts}" if facts else text
    return shape.trigger


def _custom(stage: Stage) -> str:
    return f". {stage.shape.customary}" if stage.shape.customary else ""


def _when(obligation: Obligation, times: _Times) -> str:
    return local(times.due, obligation.calendar.zone) if times.due else ""


def _span(span: timedelta) -> str:
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def _asked(obligation: Obligation, stage: Stage) -> frozenset[str]:
    """Every fact that could move this deadline."""
    conditions = (
        obligation.applies,
        obligation.trigger,
        stage.when,
        *(one for one, _ in stage.periods),
    )
    return frozenset({stage.shape.anchor}).union(*map(names, conditions))


def _moved(
    obligation: Obligation, stage: Stage, sheet: Sheet, deliveries: Sequence[Delivery]
) -> tuple[Moved, ...]:
    """Each time that the deadline became another, and what was recorded then.

    It is worked out anew after each recording, in the order in which they were written down; a time without
    a deadline in between does not hide that it moved.
    """
    found: list[Moved] = []
    last: datetime | None = None
    values: dict[str, Value] = {}
    told: list[Delivery] = []
    asked = _asked(obligation, stage)
    steps: list[Recorded | Delivery] = sorted((*sheet.recorded, *deliveries), key=lambda one: one.seq)
    for step in steps:
        if isinstance(step, Delivery):
            if step.obligation != obligation.id:
                continue
            told.append(step)
            fact = f"{STAGE}{step.stage}"
        else:
            if not asked.intersection((step.name, step.name.removesuffix(f".{obligation.place}"))):
                continue
            fact = f"{step.name}={step.in_words}"
            if step.value is None:
                values.pop(step.name, None)
            else:
                values[step.name] = step.value
        here = said_of(values, obligation.place)
        if _duty(obligation, stage, here).holds is False:
            continue
        now = _times(obligation, stage, here, _sent(obligation, told)).due
        if now is None:
            continue
        if last is not None and now != last:
            found.append(
                Moved(
                    earlier=now < last,
                    was=last,
                    now=now,
                    fact=fact,
                    by=step.by,
                    recorded_at=step.recorded_at,
                )
            )
        last = now
    return tuple(found)
