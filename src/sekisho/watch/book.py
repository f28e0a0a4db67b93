"""The alerts of one round: what came to which, how each stands after it, and what is to be told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sekisho.model.verdicts import SEVERITIES, Severity, worse_or_equal
from sekisho.state.alerts import AlertRow, AlertStore, Round, Totals
from sekisho.watch.alerts import SHOWN_MEMBERS, Alert, AlertKind, Change, Member, Muting, alert_id
from sekisho.watch.composing import Story, compose, status_of
from sekisho.watch.muting import Window
from sekisho.watch.people import People
from sekisho.watch.standing import Extent, Standing, Step, answer, step


@dataclass(slots=True)
class _Page:
    """One alert in this round. `windows` are those of the connections that came; None for one outside."""

    row: AlertRow
    new: bool = False
    windows: list[Window | None] = field(default_factory=list)
    seen: bool = False
    late: timedelta | None = None
    quiet: bool = False


class Book:
    """Alerts within one transaction. `sinks` are those that messages wait for, each with the least
    severity that is told there."""

    def __init__(
        self,
        store: AlertStore,
        work: Round,
        people: People,
        sinks: Mapping[str, Severity],
        now: datetime,
    ) -> None:
        self._store = store
        self._work = work
        self._people = people
        self._sinks = sinks
        self._now = now
        self._pages: dict[str, _Page] = {}
        self.told: list[Alert] = []

    def open(self, key: str, kind: AlertKind) -> str:
        """The id of the alert that a key names; begun where there is none."""
        name = alert_id(key)
        if name not in self._pages:
            self._load([name])
        if name not in self._pages:
            row = AlertRow(name, key, kind, 4, "open", "", self._now, None, 0, Standing().to_json(), "")
            self._work.put_alert(row)
            self._pages[name] = _Page(row, new=True)
        return name

    def _load(self, names: Sequence[str]) -> None:
        missing = [name for name in names if name not in self._pages]
        found = self._store.alerts(missing) if missing else {}
        self._pages.update((name, _Page(row)) for name, row in found.items())

    def saw(self, name: str, member: Member, window: Window | None, late: timedelta) -> None:
        """A connection of an alert had new records; `late` is how long after they ended."""
        self._load([name])
        page = self._pages[name]
        page.seen = True
        if None not in page.windows or window is None:
            page.windows = [None] if window is None else [*page.windows[-9:], window]
        page.late = late if page.late is None else max(late, page.late)

    def beyond(self, name: str, flows: int) -> None:
        """Flows of connections of an alert that are not kept one by one."""
        page = self._pages[name]
        page.row = replace(page.row, beyond=page.row.beyond + flows)
        page.seen = True

    def touch(self, names: Sequence[str]) -> None:
        """Look at alerts again though nothing came: something was answered, or it is time."""
        self._load(names)

    def answered(self, name: str) -> None:
        """Show at once what was answered to an alert; whether that changes anything to tell is for the
        next round."""
        self._load([name])
        self._pages[name].quiet = True

    def settle(self) -> list[Alert]:
        """Work out every alert that was touched; the messages that are to be sent, which wait for it."""
        for page in self._pages.values():
            self._settle(page)
        return self.told

    def _settle(self, page: _Page) -> None:
        name = page.row.id
        if page.row.kind in ("register", "behaviour", "contain", "notify"):
            self._settle_notice(page)
            return
        totals = self._work.totals(name)
        extent = _extent(totals)
        standing = Standing.from_json(page.row.standing)
        if not totals.connections and standing.told is not None:
            # Whoever was told of it is told that it is gone.
            extent = replace(extent, severity=standing.told.severity)
        standing = answer(standing, self._people.answers.get(name), extent)
        window = None
        if page.windows and None not in page.windows:
            window = page.windows[-1]
        muted = window.name if window else ""
        if not page.seen and standing.muted:
            muted = standing.muted
        made = Step(standing, due=page.row.due)
        if not page.quiet:
            made = step(standing, extent, muted, self._now, seen=page.seen)
        story = Story(
            id=name,
            kind=page.row.kind,  # type: ignore[arg-type]
            raised_at=page.row.raised_at,
            extent=extent,
            first=totals.first,
            members=[
                Member.model_validate_json(text) for text in self._work.worst(name, SHOWN_MEMBERS)
            ],
            labels=_labels(totals),
            provisional=totals.provisional,
            late=page.late,
            beyond=page.row.beyond,
            reasons=made.reasons,
        )
        alert = compose(
            story, made.standing, made.change or _last(page.row), self._now, self._muting(made)
        )
        self._put(page, alert, made)

    def _settle_notice(self, page: _Page) -> None:
        """What is about no connections has its text already; people's answers are all that changes."""
        standing = Standing.from_json(page.row.standing)
        extent = standing.told or Extent(connections=1)
        standing = answer(standing, self._people.answers.get(page.row.id), extent)
        made = Step(standing)
        alert = Alert.model_validate_json(page.row.document)
        if alert.status == "cleared":
            return
        update = {"status": status_of(standing, self._now), "muting": self._muting(made)}
        self._put(page, alert.model_copy(update=update), made)

    def notice(self, alert: Alert) -> None:
        """Tell something that is about no connections that are kept; its revision is set here."""
        name = self.open(alert.id, alert.kind)
        page = self._pages.pop(name)
        standing = Standing.from_json(page.row.standing)
        extent = Extent(connections=1, severity=4, last=self._now)
        made = Step(
            replace(standing, revision=standing.revision + 1, told=extent, told_at=self._now),
            alert.change,
        )
        update = {"revision": made.standing.revision, "raised_at": page.row.raised_at}
        update |= {"id": name, "delivery": f"{name}-{made.standing.revision}"}
        self._put(page, alert.model_copy(update=update), made)

    def _put(self, page: _Page, alert: Alert, made: Step) -> None:
        document = alert.model_dump_json(by_alias=True)
        self._work.put_alert(
            replace(
                page.row,
                severity=SEVERITIES.index(alert.severity),
                status=alert.status,
                verdict=alert.labels.get("verdict", ""),
                due=made.due,
                standing=made.standing.to_json(),
                document=document,
            )
        )
        if made.change is not None:
            sinks = [
                name for name, least in self._sinks.items() if worse_or_equal(alert.severity, least)
            ]
            self._work.enqueue(sinks, alert.delivery, document, self._now)
            self.told.append(alert)

    def _muting(self, made: Step) -> Muting | None:
        standing = made.standing
        if standing.muted:
            window = next((w for w in self._people.windows if w.name == standing.muted), None)
            if window is not None:
                return Muting(
                    by="maintenance",
                    who=window.by,
                    why=window.why,
                    until=window.end,
                    maintenance=window.name,
                )
        given = standing.answer
        if given is None:
            return None
        by = "acknowledgement" if given.action == "acknowledge" else "snooze"
        return Muting.model_validate(
            {"by": by, "who": given.by, "why": given.why, "until": given.until}
        )


def _extent(totals: Totals) -> Extent:
    return Extent(
        connections=totals.connections,
        established=totals.established,
        sources=totals.sources,
        destinations=totals.destinations,
        flows=totals.flows,
        volume=totals.volume,
        severity=totals.severity,
        last=totals.last,
        amended=totals.turned,
    )


def _labels(totals: Totals) -> dict[str, str]:
    labels = dict(totals.labels)
    for end in ("src", "dst"):
        if end in labels:
            labels[end] = labels[end].rpartition("|")[2]
    return labels


def _last(row: AlertRow) -> Change:
    """The change that was told last, for what is not told now."""
    change: Change = json.loads(row.document)["change"] if row.document else "raised"
    return change
