"""A finding taken apart."""

from __future__ import annotations

from sekisho.audit.explain import Explanation, FlowRecord, NameRecord
from sekisho.model.findings import Bytes
from sekisho.reports.base import Cell, Column, Sheet
from sekisho.reports.screen import Screen
from sekisho.reports.units import Times, counted
from sekisho.reports.view import View
from sekisho.reports.views.findings import show_findings
from sekisho.reports.views.policy_explanation import rules_sheet, show_trace
from sekisho.reports.wording import automation_texts

DOUBTED = ("impossible times", "starts in the future")
"""Notes of a record that a person must see beside its time."""
SHOWN = (
    Column("start", "Start", "time"),
    Column("sensor", "Sensor"),
    Column("state", "State"),
    Column("bytes_out", "Out", "bytes"),
    Column("bytes_in", "In", "bytes"),
    Column("place", "Written in", "code"),
)


SHOWN_NAMES = (
    Column("kind", "Kind"),
    Column("value", "Value", "code"),
    Column("times", "Times", "count"),
    Column("first", "First", "time"),
    Column("place", "Written in", "code"),
)
VALUE_SHOWN = 100
"""Characters of a name on a screen; the other formats give all that was kept."""
KINDS = {
    "dns_query": "DNS query",
    "dns_answer": "DNS answer",
    "sni": "TLS server name",
    "ja3": "JA3",
    "ja3s": "JA3S",
    "ja4": "JA4",
    "certificate_sha1": "certificate SHA-1",
    "certificate_sha256": "certificate SHA-256",
    "http_host": "HTTP host",
    "user_agent": "user agent",
    "md5": "file MD5",
    "sha1": "file SHA-1",
    "sha256": "file SHA-256",
}


class ExplanationView(View[Explanation]):
    """`sekisho explain`."""

    name = "explanation"

    def headline(self, document: Explanation, times: Times) -> str:
        """Which finding, on how many records it rests."""
        finding = document.finding
        return (
            f"{finding.id}: {finding.src.address} -> {finding.dst.address} {finding.service}, "
            f"{finding.verdict.replace('_', ' ')}; {counted(document.records, 'record')} behind it."
        )

    def sheets(self, document: Explanation) -> tuple[Sheet, ...]:
        """Its records, the names seen in it, the rules that speak of it, who was looking around its onset."""
        return (
            self.table(document),
            names_sheet(document),
            rules_sheet((document.trace,)),
            coverage_sheet(document),
        )

    def table(self, document: Explanation) -> Sheet:
        """Every field of every record."""
        columns = (
            Column("start", "Start", "time"),
            Column("end", "End", "time"),
            Column("sensor", "Sensor"),
            Column("src", "From"),
            Column("src_port", "Port", "count"),
            Column("dst", "To"),
            Column("dst_port", "Port", "count"),
            Column("protocol", "Protocol"),
            Column("state", "State"),
            Column("bytes_out_low", "Out, at least", "bytes"),
            Column("bytes_out_high", "Out, at most", "bytes"),
            Column("bytes_in_low", "In, at least", "bytes"),
            Column("bytes_in_high", "In, at most", "bytes"),
            Column("packets_out", "Packets out", "count"),
            Column("packets_in", "Packets in", "count"),
            Column("orientation", "Orientation", "count"),
            Column("notes", "Notes"),
            Column("service", "Service"),
            Column("uid", "Uid", "code"),
            Column("file", "File"),
            Column("row", "Line", "count"),
            Column("sha256", "SHA-256 of the file", "code"),
        )
        return Sheet("flow", "Records", columns, [_full(f) for f in document.flows], _none(document))

    def notes(self, document: Explanation) -> tuple[str, ...]:
        """What was left out."""
        return document.notes

    def show(self, document: Explanation, screen: Screen) -> None:
        """The finding, why the register judges so, the records, names, the coverage."""
        screen.headline(self.headline(document, screen.times))
        show_findings((document.finding,), screen)
        show_trace(document.trace, screen)
        screen.line(screen.text(f"Why {document.finding.severity}", "bold"))
        screen.notes(check.text for check in document.finding.checks)
        if signs := automation_texts(document.finding):
            screen.line(screen.text("Automation", "bold"))
            screen.notes(signs)
        brief_flows = [_brief(f) for f in document.flows]
        screen.sheet(Sheet("flow", "Records", SHOWN, brief_flows, _none(document)))
        if document.names:
            sheet = names_sheet(document)
            brief = [_brief_name(name) for name in document.names]
            screen.sheet(Sheet(sheet.name, sheet.title, SHOWN_NAMES, brief))
        screen.sheet(_looking_sheet(document))
        screen.notes(document.notes)


_NONE = "The lake holds no record of it any more."
_NEVER = "No flow of it is on record: what shows it are the names that were seen in it."


def _none(document: Explanation) -> str:
    return _NONE if document.finding.flows else _NEVER


def names_sheet(document: Explanation) -> Sheet:
    """Names, hashes and fingerprints that were seen in its flows."""
    columns = (
        Column("kind", "Kind"),
        Column("value", "Value", "code"),
        Column("times", "Times", "count"),
        Column("first", "First", "time"),
        Column("last", "Last", "time"),
        Column("sensors", "Sensors"),
        Column("file", "File"),
        Column("row", "Line", "count"),
        Column("sha256", "SHA-256 of the file", "code"),
    )
    rows = [
        (
            *_kind_and_value(name),
            name.times,
            name.first,
            name.last,
            ", ".join(name.sensors),
            name.file,
            name.row,
            name.sha256,
        )
        for name in document.names
    ]
    return Sheet("name", "Names seen in it", columns, rows, "No names of its flows were logged.")


def _kind_and_value(name: NameRecord) -> tuple[str, str]:
    return KINDS.get(name.kind, name.kind), name.value


def _brief_name(name: NameRecord) -> tuple[Cell, ...]:
    kind, value = _kind_and_value(name)
    shown = value if len(value) <= VALUE_SHOWN else f"{value[:VALUE_SHOWN]} ..."
    return kind, shown, name.times, name.first, f"{name.file.rpartition('/')[2]}:{name.row}"


def coverage_sheet(document: Explanation) -> Sheet:
    """Who was looking, from days before the onset until days after."""
    columns = (
        Column("sensor", "Sensor"),
        Column("state", "State", "state"),
        Column("begin", "From", "time"),
        Column("end", "Until", "time"),
    )
    rows = [(c.sensor, c.state, c.begin, c.end) for c in document.coverage]
    empty = "Nothing was recorded by any sensor of its sites around the onset."
    return Sheet("coverage", "Who was looking around the onset", columns, rows, empty)


def _looking_sheet(document: Explanation) -> Sheet:
    """The same for people: whether an hour was busy or quiet does not matter here, only whether it is
    on record, so stretches that meet are one."""
    rows: list[list[Cell]] = []
    for part in document.coverage:
        state = "no_data" if part.state == "no_data" else "on_record"
        last = rows[-1] if rows else None
        if last and last[:2] == [part.sensor, state] and last[3] == part.begin:
            last[3] = part.end
        else:
            rows.append([part.sensor, state, part.begin, part.end])
    whole = coverage_sheet(document)
    named = [(name, str(state).replace("_", " "), begin, end) for name, state, begin, end in rows]
    return Sheet(whole.name, whole.title, whole.columns, named, whole.empty)


def _brief(flow: FlowRecord) -> tuple[Cell, ...]:
    return (
        flow.start,
        flow.sensor,
        "; ".join([flow.state, *(note for note in flow.notes if note in DOUBTED)]),
        _most(flow.bytes_out),
        _most(flow.bytes_in),
        f"{flow.file.rpartition('/')[2]}:{flow.row}",
    )


def _most(volume: Bytes) -> int:
    return volume.high


def _full(flow: FlowRecord) -> tuple[Cell, ...]:
    return (
        flow.start,
        flow.end,
        flow.sensor,
        flow.src,
        flow.src_port,
        flow.dst,
        flow.dst_port,
        flow.protocol,
        flow.state,
        flow.bytes_out.low,
        flow.bytes_out.high,
        flow.bytes_in.low,
        flow.bytes_in.high,
        flow.packets_out,
        flow.packets_in,
        flow.orientation,
        "; ".join(flow.notes),
        flow.service,
        flow.uid,
        flow.file,
        flow.row,
        flow.sha256,
    )
