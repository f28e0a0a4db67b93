"""`sekisho collector`: certificates for sites and centre; how both stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.output import Format, FormatOption, write
from sekisho.cli.session import Session, session
from sekisho.errors import RequestError
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import counted

if TYPE_CHECKING:
    from sekisho.app.collecting.status import ListenerState
    from sekisho.app.workspace import Workspace
    from sekisho.sources.forwarding.wire import DroppedSpan

app = typer.Typer(
    no_args_is_help=True, help="Sites that forward: their certificates, and what is theirs."
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}")
_COLLECTORS = (
    Column("name", "collector", "code"),
    Column("heard", "heard last"),
    Column("ahead", "clock ahead"),
    Column("pending", "waits there", "count"),
    Column("oldest", "oldest there"),
    Column("waiting", "waits here", "count"),
    Column("records", "records", "count"),
    Column("foreign", "refused", "count"),
    Column("too_often", "too often", "count"),
)
_FOREIGN = (
    Column("collector", "collector", "code"),
    Column("address", "exporter", "code"),
    Column("records", "refused", "count"),
)
_LISTENERS = (
    Column("name", "listens at", "code"),
    Column("received", "received", "count"),
    Column("strangers", "strangers'", "count"),
    Column("queue", "queue full", "count"),
    Column("disk", "disk full", "count"),
)
_CONNECTIONS = (
    Column("name", "listens at", "code"),
    Column("open", "open", "count"),
    Column("refused", "refused", "count"),
    Column("stalled", "stalled", "count"),
    Column("failed", "failed", "count"),
    Column("framing", "cut messages", "count"),
)
_LOST = (
    Column("collector", "collector", "code"),
    Column("from", "from"),
    Column("to", "to"),
    Column("segments", "segments", "count"),
    Column("bytes", "bytes", "count"),
    Column("why", "why"),
)


def register(root: typer.Typer) -> None:
    """Add the group."""
    root.add_typer(app, name="collector")


@app.callback()
def group() -> None:
    """Sites that forward: their certificates, and what is theirs."""


@app.command("list")
def list_(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Every collector that the centre has heard: backlog, clock, refused exporters, losses."""
    run = session(context)
    write(run, centre_report(run.workspace()), format_)


@app.command("certificate")
def certificate(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The collector, or the centre's host name.")],
    host: Annotated[
        list[str] | None,
        typer.Option(help="A further name or address that the centre is reached by; repeatable."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where the authority and the certificates are kept; `tls` of the workspace."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it is valid.")] = 825,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Make a certificate and its key; the first time also the authority, whose key never leaves FOLDER.

    Hand NAME.pem, NAME.key and ca.pem to the site. ca.key stays where this was run.
    """
    from sekisho.app.forwarding import certificate as make

    if _NAME.fullmatch(name) is None:
        raise RequestError(f"{name!r} is no name for a certificate", "Use letters, digits, - and dots.")
    run = session(context)
    folder = _kept(run) if folder is None else folder
    issued, fresh = make(folder, name, host or (), now=run.now(), lasts=timedelta(days=days))
    columns = (Column("what", "what"), Column("value", "value", "code"))
    rows = [
        ("certificate", str(issued.certificate)),
        ("key", str(issued.key)),
        ("authority", str(folder / "ca.pem")),
        ("fingerprint", issued.fingerprint),
        ("valid until", _time(issued.end)),
    ]
    document = {
        "schema": "sekisho.certificate/1",
        "certificate": str(issued.certificate),
        "key": str(issued.key),
        "ca": str(folder / "ca.pem"),
        "fingerprint": issued.fingerprint,
        "until": issued.end.isoformat(),
    }
    notes = (
        (f"{folder / 'ca.key'} was made as well: keep it safe, sites never need it.",) if fresh else ()
    )
    headline = f"A certificate for {name}."
    write(run, Report(headline, (Sheet("certificate", "", columns, rows),), notes, document), format_)


def _kept(run: Session) -> Path:
    try:
        root = run.workspace().root
    except RequestError:
        if run.directory is not None:
            raise
        # An authority may be kept on a machine that has no workspace.
        return Path("tls")
    # What one stands in is named as one sees it.
    return Path("tls") if root == Path.cwd() else root / "tls"


def centre_report(workspace: Workspace) -> Report:
    """What the centre knows of its collectors."""
    from sekisho.app.forwarding import collectors, losses, waiting_here

    found, lost = collectors(workspace), losses(workspace)
    here = waiting_here(workspace)
    foreign = sum(sum(one.foreign.values()) for one in found)
    headline = f"{counted(len(found), 'collector')}; {counted(foreign, 'record')} refused."
    rows = [
        (
            one.name,
            _time(one.heard),
            f"{one.ahead.total_seconds():+.1f} s",
            one.pending,
            _time(one.oldest) if one.oldest else "-",
            here.get(one.name, 0),
            one.records,
            sum(one.foreign.values()),
            one.too_often,
        )
        for one in found
    ]
    refused = [
        (one.name, address or "others", records)
        for one in found
        for address, records in sorted(one.foreign.items(), key=lambda item: -item[1])
    ]
    spans = [(name, *_span(span)) for name, own in sorted(lost.items()) for span in own]
    sheets = (
        Sheet("collectors", "", _COLLECTORS, rows, empty="No collector has been heard yet."),
        Sheet("foreign", "Exporters that are not the collector's", _FOREIGN, refused, empty="None."),
        Sheet("dropped", "Dropped at sites before it was here", _LOST, spans, empty="Nothing."),
    )
    document = {
        "schema": "sekisho.collectors/1",
        "collectors": [
            {
                "name": one.name,
                "heard": one.heard.isoformat(),
                "ahead_seconds": one.ahead.total_seconds(),
                "pending": one.pending,
                "pending_bytes": one.pending_bytes,
                "oldest": one.oldest.isoformat() if one.oldest else None,
                "waiting": here.get(one.name, 0),
                "segments": one.segments,
                "records": one.records,
                "foreign": dict(one.foreign),
                "too_often": one.too_often,
                "dropped": [span.model_dump(mode="json") for span in lost.get(one.name, ())],
            }
            for one in found
        ],
    }
    return Report(headline, sheets, (), document)


def listener_sheets(listeners: Sequence[ListenerState]) -> tuple[Sheet, ...]:
    """What came in at each listener, and what became of connections where there are any."""
    rows = [(one.name, one.received, one.strangers, one.queue, one.disk) for one in listeners]
    streams = [
        (one.name, one.open, one.refused, one.stalled, one.failed, one.framing)
        for one in listeners
        if not one.name.startswith("udp:")
    ]
    taken = Sheet("listeners", "Listeners", _LISTENERS, rows, empty="Nothing is listened at.")
    return (taken, Sheet("connections", "Connections", _CONNECTIONS, streams)) if streams else (taken,)


def site_report(workspace: Workspace) -> Report:
    """What a site holds."""
    from sekisho.app.forwarding import backlog, listening

    found, listeners = backlog(workspace), listening(workspace)
    oldest = f", the oldest from {_time(found.oldest)}" if found.oldest else ""
    headline = f"Not forwarded yet: {counted(found.pending, 'segment')}{oldest}."
    columns = (
        Column("what", "what"),
        Column("segments", "segments", "count"),
        Column("bytes", "bytes", "count"),
    )
    rows = [
        ("not forwarded", found.pending, found.pending_bytes),
        ("forwarded, kept", found.forwarded, found.forwarded_bytes),
    ]
    lost = [("this site", *_span(span)) for span in found.dropped]
    sheets = (
        Sheet("spool", "", columns, rows),
        Sheet("dropped", "Dropped, and not told to the centre yet", _LOST, lost, empty="Nothing."),
        *listener_sheets(listeners),
    )
    document = {
        "schema": "sekisho.spool/1",
        "pending": found.pending,
        "pending_bytes": found.pending_bytes,
        "oldest": found.oldest.isoformat() if found.oldest else None,
        "forwarded": found.forwarded,
        "forwarded_bytes": found.forwarded_bytes,
        "refused": found.refused,
        "listeners": [asdict(one) for one in listeners],
        "dropped": [span.model_dump(mode="json") for span in found.dropped],
    }
    notes = (f"{counted(found.refused, 'segment')} that the centre refused lie in refused/.",)
    return Report(headline, sheets, notes if found.refused else (), document)


_WHY = {"age": "too old", "size": "no room", "refused": "broken"}


def _span(span: DroppedSpan) -> tuple[str, str, int, int, str]:
    return _time(span.begin), _time(span.end), span.segments, span.size, _WHY[span.why]


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
