"""Whether a plan of containment holds, as people read it."""

from __future__ import annotations

from sekisho.model.containment import ContainmentDocument, Crossed, ReadBack
from sekisho.model.findings import rfc3339
from sekisho.reports.base import Cell, Column, Report, Sheet
from sekisho.reports.probes import probed_sheet
from sekisho.reports.units import counted

_CROSSED = (
    Column("came", "What became of it"),
    Column("finding", "Finding", "code"),
    Column("connection", "Connection"),
    Column("flows", "Flows", "count"),
    Column("established", "Answered", "count"),
    Column("last", "Last", "time"),
    Column("gateways", "Should stop it"),
)
_GATEWAYS = (
    Column("name", "Gateway"),
    Column("state", "State"),
    Column("holds", "Holds it"),
    Column("dropped", "Dropped", "count"),
    Column("why", "Why"),
)
_SENSORS = (
    Column("sensor", "Sensor"),
    Column("site", "Site"),
    Column("state", "Since then"),
    Column("last", "Latest evidence", "time"),
    Column("missing", "Hours missing", "count"),
)
_UNWATCHED = (Column("from", "From"), Column("to", "To"), Column("why", "Why nobody can say"))
_SEVERED = (
    Column("connection", "Connection"),
    Column("before", "Last before", "time"),
    Column("after", "Last since", "time"),
    Column("came", "What became of it"),
)
_LOGGED = (Column("gateway", "Gateway"), Column("line", "Line"))
_ANSWER = {"yes": "is contained", "no": "is NOT contained", "not_known": "is not known to be contained"}


def containment_report(document: ContainmentDocument) -> Report:
    """One answer, with what it rests on."""
    crossed = tuple(_row(one) for one in (*document.escaped, *document.crossed))
    empty = _Empty(document)
    sheets = (
        Sheet("crossed", "Seen since", _CROSSED, crossed, empty.crossed),
        Sheet("gateway", "Gateways", _GATEWAYS, tuple(map(_gateway, document.gateways)), "No gateway."),
        Sheet(
            "sensor",
            "Who watched",
            _SENSORS,
            tuple((s.sensor, s.site, s.state, s.last, s.missing) for s in document.sensors),
            empty.sensors,
        ),
        Sheet(
            "unwatched",
            "Not watched",
            _UNWATCHED,
            tuple((u.begin, u.end, u.why) for u in document.unwatched),
            empty.unwatched,
        ),
        probed_sheet(document.probed, document.plan),
        Sheet(
            "severed",
            "Before and since",
            _SEVERED,
            tuple(
                (
                    f"{s.src.address} -> {s.dst.address} {s.service}",
                    s.last_before,
                    s.last_after,
                    s.came,
                )
                for s in document.severed
            ),
            empty.severed,
        ),
        Sheet(
            "logged",
            "Logged by gateways",
            _LOGGED,
            tuple((g.name, line) for g in document.gateways for line in g.logged),
            "No line was read.",
        ),
    )
    return Report(_headline(document), sheets, (*document.why, *document.notes), document)


class _Empty:
    """What stands where a table has no rows: nothing was looked for, recorded, or found."""

    def __init__(self, document: ContainmentDocument) -> None:
        if document.since is None:
            # Of a plan that no gateway is to hold there is no since.
            self.crossed = self.sensors = self.unwatched = self.severed = "Not looked for."
            return
        watched = any(one.state != "nothing" for one in document.sensors)
        self.crossed = (
            "Nothing severed is in what was recorded since."
            if watched
            else "Nothing was recorded since that could show it."
        )
        self.sensors = "No sensor could see it."
        self.unwatched = "Every severed pair was watched."
        self.severed = "Nothing that it severs is in what was recorded of the month before."


def _headline(document: ContainmentDocument) -> str:
    answer = f"{document.plan} {_ANSWER[document.contained]}"
    if document.since is None:
        return f"{answer}: nothing was looked for."
    attempts = counted(document.attempts, "attempt")
    since = f"{rfc3339(document.since)[:16]}Z"
    return f"{answer} since {since}: {len(document.escaped)} escaped, {attempts} dropped."


def _row(one: Crossed) -> tuple[Cell, ...]:
    return (
        one.came.replace("_", " ") + (f", {one.probe}" if one.probe else ""),
        one.finding,
        f"{one.src.address} -> {one.dst.address} {one.service}",
        one.flows,
        one.established,
        one.last,
        ", ".join(one.gateways) or None,
    )


def _gateway(one: ReadBack) -> tuple[str | int | None, ...]:
    holds = {True: "yes", False: "no", None: "not known"}[one.holds]
    if one.drift:
        holds = "changed by others"
    return one.name, one.state.replace("_", " "), holds, one.dropped, one.why
