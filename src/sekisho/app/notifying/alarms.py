"""What of duties to notify is told to everybody: due soon, late, moved earlier; each once for each deadline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal

from sekisho.app.containing.alarms import Alarm, tell
from sekisho.app.decisions import Decisions
from sekisho.app.incidents import is_open
from sekisho.app.notifying.obligations import obligations
from sekisho.app.notifying.records import deliveries, sheet
from sekisho.app.notifying.versions import document_name
from sekisho.app.workspace import Workspace
from sekisho.model.findings import rfc3339
from sekisho.model.notices import NO_ADVICE, Clock, ClockState
from sekisho.model.verdicts import Severity
from sekisho.notify.clocks import Delivery, clocks, is_soon
from sekisho.notify.obligation import Obligation
from sekisho.notify.vocabulary import in_words
from sekisho.watch.alerts import Alert

Said = Literal["soon", "late"]
_TOLD: Mapping[ClockState, Said] = {"late": "late", "due_soon": "soon"}


def raise_clocks(
    workspace: Workspace, decisions: Decisions, sinks: Mapping[str, Severity], now: datetime
) -> tuple[Alert, ...]:
    """Tell what the clocks of open incidents say and nobody was told. An incident of which no fact was
    recorded tells nothing. Raises FileProblems for own obligations that cannot be read."""
    incidents, store = decisions.state.incidents(), decisions.state.notices()
    laws: tuple[Obligation, ...] = ()
    found: list[Alarm] = []
    for opened in incidents.opened():
        known = sheet(store, opened.id)
        if not known.recorded or not is_open(incidents, opened.id):
            continue
        laws = laws or obligations(workspace)
        sent = deliveries(store, opened.id)
        found += alarms(opened.id, clocks(laws, known, sent, now), now)
        found += unreviewed(opened.id, sent)
    return tell(decisions, found, sinks, now)


def alarms(incident: str, told: Iterable[Clock], now: datetime) -> Iterator[Alarm]:
    """The alarms of these clocks, and the end of those that are no more, such as of deadlines that moved."""
    for clock in told:
        key = f"notify|{incident}|{clock.obligation}|{clock.stage}"
        labels = {
            "kind": "notify",
            "incident": incident,
            "obligation": clock.obligation,
            "stage": clock.stage,
        }
        for move in clock.moved:
            if move.earlier:
                yield Alarm(
                    f"{key}|{rfc3339(move.recorded_at)}|earlier",
                    "high",
                    f"{incident}: {clock.title}, {clock.stage} is due earlier than was told",
                    f"{move.fact} ({move.by}) moved it from {in_words(move.was)} to {in_words(move.now)}.",
                    move.recorded_at,
                    {**labels, "change": "earlier"},
                    kind="notify",
                )
        standing = _standing(clock, now)
        for due in sorted({move.was for move in clock.moved} | ({clock.due} if clock.due else set())):
            for said in ("soon", "late"):
                now_so = due == clock.due and standing == said
                yield _alarm(
                    f"{key}|{rfc3339(due)}|{said}", incident, clock, said, due, labels, over=not now_so
                )


def unreviewed(incident: str, sent: Iterable[Delivery]) -> Iterator[Alarm]:
    """Deliveries that no lawyer had approved."""
    for one in sent:
        if one.unreviewed:
            what = document_name(one.obligation, one.stage)
            yield Alarm(
                f"notify|{incident}|{what}|unreviewed|{one.seq}",
                "high",
                f"{incident}: {what} was delivered without legal review",
                f"{one.unreviewed}. Recorded by {one.by}. {NO_ADVICE}",
                one.recorded_at,
                {
                    "kind": "notify",
                    "incident": incident,
                    "obligation": one.obligation,
                    "stage": one.stage,
                    "change": "unreviewed",
                },
                kind="notify",
            )


def _standing(clock: Clock, now: datetime) -> Said | None:
    """What is to be told of it now; nothing of what was delivered, however late."""
    if clock.delivered is not None or clock.due is None or clock.started is None:
        return None
    if clock.state == "needs_decision":
        return "soon" if is_soon(clock.started, clock.due, now) else None
    return _TOLD.get(clock.state)


def _alarm(
    key: str,
    incident: str,
    clock: Clock,
    said: str,
    due: datetime,
    labels: Mapping[str, str],
    *,
    over: bool,
) -> Alarm:
    what = f"{incident}: {clock.title}, {clock.stage}"
    if over:
        title = f"{what} is not {'late' if said == 'late' else 'due soon'} any more"
    elif clock.state == "needs_decision":
        title = f"{what} needs a decision: {', '.join(clock.missing)}"
    else:
        title = f"{what} is {'late' if said == 'late' else 'due soon'}"
    return Alarm(
        key,
        "critical" if said == "late" else "high",
        title,
        f"Due {clock.local or in_words(due)} ({clock.zone}), to {', '.join(clock.to)}. {clock.why}."
        f" See `sekisho notify clocks {incident}`. {NO_ADVICE}",
        due,
        {**labels, "change": said},
        over=over,
        kind="notify",
    )
