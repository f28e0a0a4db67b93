"""How a collector stands, put together from its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sekisho.app.collecting.accounts import SFLOW
from sekisho.app.collecting.committer import Committer
from sekisho.app.collecting.status import (
    CollectStatus,
    ExporterStatus,
    ListenerState,
    SenderStatus,
)
from sekisho.model.sites import Sensor
from sekisho.sources.journal.segments import SealedSegment
from sekisho.sources.listeners.status import Status
from sekisho.sources.times import micros_of

FORMATS = {5: "netflow-v5", 9: "netflow-v9", 10: "ipfix", SFLOW: "sflow"}
_BY_DATAGRAM = {9, SFLOW}


def told(
    start: CollectStatus,
    committer: Committer,
    sensors: Mapping[str, Sensor],
    backlog: Sequence[SealedSegment],
    receiver: Status | None,
) -> CollectStatus:
    """`start` with all that is known of the rest filled in."""
    totals = committer.totals
    names: dict[str, list[str]] = {}
    for sensor in sensors.values():
        if sensor.address is not None:
            names.setdefault(str(sensor.address), []).append(sensor.name)
    owners = {address: tuple(sorted(own)) for address, own in names.items()}
    states = committer.accounts.states()
    strangers = dict(totals.strangers)
    for one in receiver.listeners if receiver else ():
        for address, count in one.strangers.items():
            strangers[address] = strangers.get(address, 0) + count
        if one.others:
            strangers[""] = strangers.get("", 0) + one.others
    return replace(
        start,
        segments=totals.segments,
        records=totals.records,
        flows=totals.flows,
        rejected=totals.rejected,
        lost=totals.lost,
        dropped=totals.dropped,
        damaged=totals.damaged,
        commits=totals.commits,
        commit_seconds=round(totals.seconds, 3),
        last_commit=None if totals.last_commit is None else micros_of(totals.last_commit),
        last_record=totals.last_record,
        backlog=len(backlog),
        backlog_bytes=sum(segment.size for segment in backlog),
        oldest=backlog[0].begun_at if backlog else None,
        waiting=committer.accounts.waiting,
        listeners=listeners(receiver),
        exporters=tuple(
            ExporterStatus(
                exporter=one.exporter,
                sensors=owners.get(one.exporter.partition(" ")[0], ()),
                format=FORMATS.get(one.version, str(one.version)),
                domain=one.domain,
                received=one.received,
                lost=one.lost,
                late=one.late,
                restarts=one.restarts,
                unit="datagrams" if one.version in _BY_DATAGRAM else "records",
                templates=one.templates,
                flows=totals.flows_of.get(one.exporter.partition(" ")[0], 0),
            )
            for one in states
        ),
        senders=tuple(
            SenderStatus(
                address,
                own,
                totals.received.get(address, 0),
                totals.flows_of.get(address, 0),
                totals.unmatched.get(address, 0),
                totals.rejected_of.get(address, 0),
            )
            for address, own in sorted(owners.items())
        ),
        strangers=strangers,
    )


def listeners(receiver: Status | None) -> tuple[ListenerState, ...]:
    """What a receiver says of its listeners; none where it said nothing yet."""
    return tuple(
        ListenerState(
            name=one.name,
            received=one.counters.received,
            bytes=one.counters.bytes,
            strangers=one.counters.strangers,
            queue=one.counters.queue,
            disk=one.counters.disk,
            framing=one.counters.framing,
            open=one.counters.open,
            receive_buffer=one.receive_buffer,
            oversize=one.counters.oversize,
            errors=one.counters.errors,
            accepted=one.counters.accepted,
            refused=one.counters.refused,
            stalled=one.counters.stalled,
            failed=one.counters.failed,
        )
        for one in (receiver.listeners if receiver else ())
    )
