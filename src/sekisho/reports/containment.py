"""Whether a plan of containment holds, as people read it."""

from __future__ import annotations

from sekisho.model.containment import ContainmentDocument, Crossed, ReadBack
from sekisho.model.findings import rfc3339
from sekisho.reports.base import Cell, Column, Report, Sheet
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
    sheets = (
        Sheet("crossed", "Seen since", _CROSSED, crossed, "Nothing severed was seen since."),
        Sheet("gateway", "Gateways", _GATEWAYS, tuple(map(_gateway, document.gateways)), "No gateway."),
        Sheet(
            "sensor",
            "Who watched",
            _SENSORS,
            tuple((s.sensor, s.site, s.state, s.last, s.missing) for s in document.sensors),
            "No sensor could see it.",
        ),
        Sheet(
            "unwatched",
            "Not watched",
            _UNWATCHED,
            tuple((u.begin, u.end, u.why) for u in document.unwatched),
            "Every severed pair was watched.",
        ),
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
            "Nothing that it severs was seen in the month before.",
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


def _headline(document: ContainmentDocument) -> str:
    attempts = counted(document.attempts, "attempt")
    since = f" since {rfc3339(document.since)[:16]}Z" if document.since else ""
    return (
        f"{document.plan} {_ANSWER[document.contained]}{since}: {len(document.escaped)} escaped, {attempts}"
        " dropped."
    )


def _row(one: Crossed) -> tuple[Cell, ...]:
    return (
        one.came.replace("_", " "),
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
