"""`sekisho collect`: flows and messages into the lake as they come."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from sekisho.cli.commands.collector import centre_report, listener_sheets, site_report
from sekisho.cli.output import Format, FormatOption, write
from sekisho.cli.session import Session, session
from sekisho.errors import RequestError
from sekisho.reports.base import Column, Report, Sheet
from sekisho.reports.units import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sekisho.app.collecting.status import CollectStatus
    from sekisho.app.settings.collect import CollectSettings

LINE_EVERY = 5.0
"""Seconds between two lines."""
_SHOWN = 40
_STREAMS = (
    Column("exporter", "exporter", "code"),
    Column("sensors", "sensor"),
    Column("format", "format"),
    Column("domain", "domain", "count"),
    Column("received", "received", "count"),
    Column("lost", "lost", "count"),
    Column("restarts", "restarts", "count"),
    Column("templates", "templates", "count"),
)
_SENDERS = (
    Column("address", "address", "code"),
    Column("sensors", "sensor"),
    Column("records", "datagrams, messages", "count"),
    Column("flows", "flows", "count"),
    Column("rejected", "unreadable", "count"),
    Column("unmatched", "nobody's", "count"),
)
_STRANGERS = (Column("address", "stranger", "code"), Column("records", "not taken", "count"))


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("collect")(collect_command)


def collect_command(
    context: typer.Context,
    flows: Annotated[
        str | None, typer.Option(help="Where NetFlow, IPFIX and sFlow come: ADDRESS:PORT, commas.")
    ] = None,
    syslog_udp: Annotated[str | None, typer.Option(help="Where syslog comes over UDP.")] = None,
    syslog_tcp: Annotated[str | None, typer.Option(help="Where syslog comes over TCP.")] = None,
    syslog_tls: Annotated[str | None, typer.Option(help="Where syslog comes over TLS.")] = None,
    spool: Annotated[
        bool, typer.Option("--spool", help="At a site: keep what comes and forward it to the centre.")
    ] = False,
    centre: Annotated[
        bool, typer.Option("--centre", help="Take what sites forward, instead of listening.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Show how the running collector stands, and end.")
    ] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Listen, write down what comes, and commit it every second or so. Ends at SIGINT or SIGTERM.

    Only addresses of sensors in sites.yaml are taken; others are counted and shown. Options stand for
    the settings of [collect] in sekisho.toml. What has been received when it ends is committed first.

    With --spool nothing is committed here: it is kept, and forwarded to the centre of [collect.forward],
    also after the line was cut. With --centre that is taken, as [collect.centre] says, and committed.
    """
    from sekisho.app.collect import collect, collect_settings, collect_status

    run = session(context)
    workspace = run.workspace()
    if spool and centre:
        raise RequestError("a site forwards, a centre takes: --spool or --centre, not both")
    if status and (spool or centre):
        report = site_report(workspace) if spool else centre_report(workspace)
        write(run, report, format_, limit=_SHOWN)
        return
    if status:
        found = collect_status(workspace)
        if found is None:
            raise RequestError(
                "nothing has been collected here yet",
                "start `sekisho collect`; a site and a centre show theirs with --spool and --centre",
            )
        write(run, _report(found), format_, limit=_SHOWN)
        return
    if format_ not in (Format.TABLE, Format.JSONL):
        raise RequestError(
            f"a run that goes on has no {format_.value}",
            "use --format jsonl, or --status --format json",
        )
    settings = collect_settings(
        workspace,
        flows=flows,
        syslog_udp=syslog_udp,
        syslog_tcp=syslog_tcp,
        syslog_tls=syslog_tls,
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if spool or centre:
        _forwarding(run, settings, stop, spool=spool)
        return
    collect(workspace, settings, stop=stop, tell=_Teller(run, lines=format_ is Format.JSONL))


def _forwarding(run: Session, settings: CollectSettings, stop: threading.Event, *, spool: bool) -> None:
    from sekisho.app.forwarding import forward, receive

    workspace = run.workspace()
    if spool:

        def told(names: Sequence[str]) -> None:
            for name in names:
                run.note(f"listening at {name}")
            run.note(f"forwarding to {settings.forward.url}")

        forward(workspace, settings, stop=stop, listening=told)
        return
    receive(
        workspace,
        settings,
        stop=stop,
        listening=lambda port: run.note(f"taking what sites forward at port {port}"),
    )


class _Teller:
    """One line every few seconds, and at once where something begins, ends or goes wrong."""

    def __init__(self, run: Session, *, lines: bool) -> None:
        self._run = run
        self._lines = lines
        self._told = float("-inf")
        self._before: CollectStatus | None = None

    def __call__(self, status: CollectStatus) -> None:
        before, now = self._before, time.monotonic()
        if before is None:
            for one in status.listeners:
                self._run.note(f"listening at {one.name}")
        changed = before is None or (status.state, status.trouble) != (before.state, before.trouble)
        if not changed and now - self._told < LINE_EVERY:
            return
        seconds = 0.0 if before is None else (status.at - before.at) / 1e6
        rate = (status.flows - before.flows) / seconds if before and seconds > 0 else 0.0
        if self._lines:
            sys.stdout.write(json.dumps(_brief(status, rate)) + "\n")
        elif not self._run.quiet:
            sys.stdout.write(_line(status, rate) + "\n")
            if changed:
                for trouble in status.trouble:
                    self._run.note(f"trouble: {trouble}")
        sys.stdout.flush()
        self._told, self._before = now, status


def _line(status: CollectStatus, rate: float) -> str:
    parts = [
        datetime.fromtimestamp(status.at / 1e6, UTC).strftime("%H:%M:%SZ"),
        f"{counted(status.flows, 'flow')}, {rate:,.0f}/s",
        f"lost {status.lost:,}",
        f"dropped {status.dropped:,}",
        f"backlog {status.backlog:,}",
    ]
    if status.state != "collecting":
        parts.append(status.state)
    return "  ".join(parts)


def _brief(status: CollectStatus, rate: float) -> dict[str, object]:
    """The document without what there is one of for each exporter."""
    document = status.document()
    for name in ("exporters", "senders", "listeners"):
        del document[name]
    document["strangers"] = sum(status.strangers.values())
    return document | {"flows_per_second": round(rate, 1)}


def _report(status: CollectStatus) -> Report:
    strangers = sum(status.strangers.values())
    headline = (
        f"{status.state.capitalize()}: {counted(status.flows, 'flow')} since {_time(status.since)};"
        f" lost {status.lost:,}, dropped {status.dropped:,}."
    )
    backlog = (
        f"{counted(status.backlog, 'sealed segment')} ({status.backlog_bytes:,} bytes) not committed yet;"
        f" last commit {_time(status.last_commit)}, {status.commit_seconds:.2f} s."
    )
    notes = [backlog]
    if strangers:
        what = counted(strangers, "datagram or connection", "datagrams or connections")
        notes.append(f"Not taken: {what} of strangers, whose address no sensor has.")
    if status.waiting:
        notes.append(f"{counted(status.waiting, 'set')} of records wait for their template.")
    if status.damaged:
        notes.append(f"{counted(status.damaged, 'place')} of the journal could not be read.")
    notes += status.trouble
    if status.rejected:
        what = counted(status.rejected, "thing")
        notes.append(f"{what} that came could not be read: `sekisho store rejects` names them.")
    most = sorted(status.strangers.items(), key=lambda one: (-one[1], one[0]))[:_SHOWN]
    sheets = (
        Sheet(
            "streams", "Exporters", _STREAMS, _streams(status), empty="No exporter has sent flows yet."
        ),
        Sheet(
            "senders",
            "Senders",
            _SENDERS,
            [
                (s.address, ", ".join(s.sensors), s.records, s.flows, s.rejected, s.unmatched)
                for s in status.senders
            ],
            empty="No sensor has an address.",
        ),
        *listener_sheets(status.listeners),
        Sheet(
            "strangers",
            "Strangers",
            _STRANGERS,
            [(name or "others", count) for name, count in most],
            empty="No stranger has sent anything.",
        ),
    )
    return Report(headline, sheets, tuple(notes), status.document())


def _streams(status: CollectStatus) -> list[tuple[str | int, ...]]:
    return [
        (
            e.exporter,
            ", ".join(e.sensors),
            e.format,
            e.domain,
            e.received,
            e.lost,
            e.restarts,
            e.templates,
        )
        for e in sorted(status.exporters, key=lambda one: (-one.lost, one.exporter, one.domain))
    ]


def _time(at: int | None) -> str:
    if at is None:
        return "never"
    return datetime.fromtimestamp(at / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
