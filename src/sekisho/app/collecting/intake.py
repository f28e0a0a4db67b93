"""A sealed segment in, flows with their sensors out: what is known of all senders, and no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.app.collecting.accounts import Accounts, dropped, losses
from sekisho.app.collecting.labels import Labelled, Owners, label
from sekisho.app.collecting.messages import Messages
from sekisho.app.collecting.senders import Senders, plain, selecting
from sekisho.app.collecting.taken import MOST_STRANGERS, Taken
from sekisho.model.sites import Sensor
from sekisho.sources.base import RawMapping, ReadContext, Reject
from sekisho.sources.journal.drops import Drop
from sekisho.sources.journal.framing import Kind
from sekisho.sources.journal.reading import Records
from sekisho.sources.netflow.chunks import Chunk, Decoded
from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.flows import drafts, raw_fields, translations
from sekisho.sources.sflow.flows import SflowReading
from sekisho.sources.times import datetime_of
from sekisho.sources.translated import of_draft
from sekisho.store.spool import DAY_MICROSECONDS

Ints = npt.NDArray[np.int64]
TOO_MANY_DAYS = "flows of one segment begin on too many different days"
_SERIAL = 32
"""Bits below the segment's number in the rows that decoders see."""
_ROW = (1 << _SERIAL) - 1


class Intake:
    """Decodes segments in their order; use one as long as a collector lives."""

    def __init__(
        self,
        accounts: Accounts,
        sensors: Mapping[str, Sensor],
        mappings: Mapping[str, RawMapping],
    ) -> None:
        self._accounts = accounts
        self._messages = Messages()
        self.use(sensors, mappings)

    def use(self, sensors: Mapping[str, Sensor], mappings: Mapping[str, RawMapping]) -> None:
        """Take the register as it is from now on."""
        self._senders = Senders(sensors)
        self._mappings = mappings

    def segment(self, serial: int, blocks: Iterable[Records], now: datetime) -> Taken:
        """Everything in a segment; `serial` numbers segments upwards."""
        taken = Taken()
        for records in blocks:
            self._block(serial, records, now, taken)
        return taken

    def _block(self, serial: int, records: Records, now: datetime, taken: Taken) -> None:
        for damage in records.damage:
            taken.damaged += 1
            reason = f"byte {damage.offset} of the segment: {damage.reason}"
            taken.reject([Reject.of(taken.records + 1, reason, b"")])
        count = len(records)
        if not count:
            return
        taken.records += count
        when = datetime_of(int(records.arrivals.max()))
        taken.last = max(taken.last, int(records.arrivals.max()))
        owners = {name: self._senders.at(name, when) for name in records.names}
        known = np.array([bool(owners[name]) for name in records.names], dtype=np.bool_)
        told = records.kinds == Kind.DROPPED
        self._drops(records, np.flatnonzero(told), taken)
        mine = known[records.peers] & ~told
        _count(taken, records, mine, told)
        _alive(taken, records, mine, owners)
        is_datagram = records.kinds == Kind.DATAGRAM
        netflow, sflow = _families(records, np.flatnonzero(mine & is_datagram), serial)
        if len(netflow):
            self._netflow(self._accounts.decoder.decode(netflow), serial, records, owners, when, taken)
        if len(sflow):
            self._sflow(sflow, serial, records, owners, now, taken)
        others = np.flatnonzero(mine & (records.kinds == Kind.MESSAGE))
        if len(others):
            self._texts(others, records, owners, now, taken)
        moved = self._accounts.moved()
        taken.lost += sum(lost for _, (_, lost, *_) in moved)
        taken.losses += losses(moved, int(records.arrivals.max()), owners)

    def _drops(self, records: Records, places: Ints, taken: Taken) -> None:
        for place in places.tolist():
            try:
                drop = Drop.of(records.payload(place))
            except ValueError as error:
                taken.reject([Reject.of(int(records.rows[place]), str(error), records.payload(place))])
                continue
            taken.dropped += drop.queue + drop.disk
            taken.losses.append(dropped(drop.until, drop.queue + drop.disk))

    def _netflow(
        self,
        decoded: Decoded,
        serial: int,
        records: Records,
        owners: dict[str, tuple[Sensor, ...]],
        when: datetime,
        taken: Taken,
    ) -> None:
        groups: dict[tuple[tuple[int, ...], bool], list[Chunk]] = {}
        for chunk in decoded.chunks:
            sender = chunk.session.exporter
            if sender not in owners:  # it has waited for its template
                owners[sender] = self._senders.at(sender, when)
            own = owners[sender]
            if own:
                rates = tuple(dict.fromkeys(sensor.sampling for sensor in own))
                groups.setdefault((rates, not plain(own)), []).append(chunk)
            else:
                _stranger(taken, sender, len(chunk))
        for (rates, selected), chunks in groups.items():
            senders = {chunk.session.exporter for chunk in chunks}
            wanted = _wanted(owners, senders) if selected else frozenset[str]()
            for place, rate in enumerate(rates):
                context = ReadContext("UTC", rate, when, fields=wanted)
                among = None if len(rates) == 1 else _sampled(owners, senders, rate)
                for draft, found, others in drafts(chunks, context):
                    ends = translations(found, draft)
                    told = None if ends is None else of_draft(draft, ends)
                    flows, failed, kept = draft.finish()
                    fields = raw_fields(found, wanted) if wanted else None
                    came, rows = found.source, found.rows
                    if kept is not None:
                        came = came[kept]
                        fields = None if fields is None else fields.filter(pa.array(kept))
                    names = [session.exporter for session in found.sessions]
                    labelled = label(flows, fields, came, names, owners, among)
                    first = place == 0
                    given = self._give(taken, serial, labelled, came, names, first=first)
                    if told is not None:
                        seen, places = told
                        raw = raw_fields(found, wanted).take(pa.array(places)) if wanted else None
                        told_of = label(seen, raw, found.source[places], names, owners, among)
                        _give_names(taken, serial, told_of.flows, given)
                    if first:
                        taken.ignored += len(others) + draft.ignored
                        taken.reject(
                            [Reject.of(int(rows[i]) & _ROW, reason, b"") for i, reason in failed],
                            [names[found.source[i]] for i, _ in failed],
                        )
        taken.ignored += sum(len(rows) for rows in decoded.others)
        taken.reject(
            [Reject.of(fault.row & _ROW, fault.reason, fault.text) for fault in decoded.faults],
            [
                # What waited for its template came in an earlier block or segment.
                _sender(records, fault.row & _ROW) if fault.row >> _SERIAL == serial else ""
                for fault in decoded.faults
            ],
        )

    def _sflow(
        self,
        datagrams: Datagrams,
        serial: int,
        records: Records,
        owners: Owners,
        now: datetime,
        taken: Taken,
    ) -> None:
        rates: dict[int, list[int]] = {}
        for place, name in enumerate(records.names):
            for rate in dict.fromkeys(sensor.sampling for sensor in owners[name]):
                rates.setdefault(rate, []).append(place)
        counted: set[int] = set()
        for rate, places in rates.items():
            fresh = set(places) - counted
            for first in (True, False):
                chosen = fresh if first else set(places) & counted
                mine = np.flatnonzero(np.isin(datagrams.exporters, sorted(chosen)))
                if not len(mine):
                    continue
                senders = {records.names[place] for place in chosen}
                context = ReadContext("UTC", rate, now, fields=_wanted(owners, senders))
                sequences = self._accounts.sflow if first else {}
                batch = SflowReading(context, sequences).batch(_only(datagrams, mine))
                rows = (batch.flows["row"].to_numpy() & _ROW) - int(records.rows[0])
                came = records.peers[rows]
                single = all(len({s.sampling for s in owners[name]}) == 1 for name in senders)
                among = None if single else _sampled(owners, senders, rate)
                labelled = label(batch.flows, batch.fields, came, records.names, owners, among)
                self._give(taken, serial, labelled, came, records.names, first=first)
                if first:
                    taken.ignored += batch.ignored
                    rejects = [Reject(r.row & _ROW, r.reason, r.text) for r in batch.rejects]
                    taken.reject(rejects, [_sender(records, one.row) for one in rejects])
            counted |= fresh

    def _texts(
        self, places: Ints, records: Records, owners: Owners, now: datetime, taken: Taken
    ) -> None:
        lines: dict[str, list[tuple[int, bytes]]] = {}
        for place in places.tolist():
            name = records.names[records.peers[place]]
            lines.setdefault(name, []).append((int(records.rows[place]), records.payload(place)))
        for found in self._messages.read(lines, owners, self._mappings, now):
            came = records.peers[found.flows["row"].to_numpy() - int(records.rows[0])]
            labelled = label(found.flows, found.fields, came, records.names, owners, found.among)
            kept = self._give(taken, 0, labelled, came, records.names, first=found.first)
            if found.names is not None:
                sent = records.peers[found.names["row"].to_numpy() - int(records.rows[0])]
                own = label(found.names, found.name_fields, sent, records.names, owners, found.among)
                _give_names(taken, 0, own.flows, kept)
            if found.first:
                taken.ignored += found.ignored
                taken.reject(found.rejects, [_sender(records, one.row) for one in found.rejects])

    def _give(
        self,
        taken: Taken,
        serial: int,
        labelled: Labelled,
        came: Ints,
        names: Any,
        *,
        first: bool,
    ) -> Ints:
        """Flows to where they belong; what no sensor selects is counted once. The rows of those taken."""
        if first and len(labelled.nobodys):
            counts = np.bincount(came[labelled.nobodys], minlength=len(names)).tolist()
            taken.unmatched.update({name: n for name, n in zip(names, counts, strict=True) if n})
        senders = came[labelled.places]
        kept = _of_few_days(labelled.flows, senders, names, taken)
        flows = labelled.flows
        if not kept.all():
            flows, senders = flows.filter(pa.array(kept)), senders[kept]
        if not flows.num_rows:
            return np.zeros(0, dtype=np.int64)
        counts = np.bincount(senders, minlength=len(names)).tolist()
        for name, number in zip(names, counts, strict=True):
            if number:
                taken.flows_of[name] += number
        rows: Ints = flows["row"].to_numpy()
        place = flows.schema.get_field_index("row")
        serials = rows >> _SERIAL
        flows = flows.set_column(place, "row", pa.array(rows & _ROW))
        if (serials == serial).all():
            taken.flows.append(flows)
            return rows
        for number in np.unique(serials).tolist():
            own = flows.filter(pa.array(serials == number))
            if number == serial:
                taken.flows.append(own)
            else:
                taken.late.setdefault(number, []).append(own)
        return rows


def _give_names(taken: Taken, serial: int, names: pa.Table, rows: Ints) -> None:
    """Names of records whose flows were taken, to where these belong."""
    own = names["row"].to_numpy()
    serials = np.where(np.isin(own, rows), own >> _SERIAL, -1)
    place = names.schema.get_field_index("row")
    names = names.set_column(place, "row", pa.array(own & _ROW))
    for number in np.unique(serials[serials >= 0]).tolist():
        table = names.filter(pa.array(serials == number))
        if number == serial:
            taken.names.append(table)
        else:
            taken.late_names.setdefault(number, []).append(table)


def _sender(records: Records, row: int) -> str:
    """Whose a record of this block is; nothing for a row of another block."""
    place = row - int(records.rows[0])
    return records.names[records.peers[place]] if 0 <= place < len(records) else ""


def _of_few_days(flows: pa.Table, senders: Ints, names: Any, taken: Taken) -> npt.NDArray[np.bool_]:
    """Which do not begin on too many different days; the others are rejects of their senders."""
    every = np.ones(flows.num_rows, dtype=np.bool_)
    if not flows.num_rows:
        return every
    days = flows["start"].cast(pa.int64()).to_numpy() // DAY_MICROSECONDS
    first, last = int(days.min()), int(days.max())
    arrival = taken.last // DAY_MICROSECONDS
    if first == last and abs(first - arrival) <= 1:
        return every
    different = np.unique(days).tolist()
    allowed = taken.allowed(different, arrival)
    if len(allowed) == len(different):
        return every
    kept: npt.NDArray[np.bool_] = np.isin(days, sorted(allowed))
    rows = flows["row"].to_numpy()[~kept] & _ROW
    taken.reject(
        [Reject.of(int(row), TOO_MANY_DAYS, b"") for row in rows.tolist()],
        [names[place] for place in senders[~kept].tolist()],
    )
    return kept


def _families(records: Records, places: Ints, serial: int) -> tuple[Datagrams, Datagrams]:
    """NetFlow and IPFIX, and sFlow: its first four bytes are a 5, NetFlow's first two its version."""
    octets = np.frombuffer(records.data, dtype=np.uint8)
    starts, sizes = records.starts[places], records.sizes[places]
    long = sizes >= 4
    begins = np.zeros((len(places), 4), dtype=np.uint8)
    begins[long] = octets[starts[long, np.newaxis] + np.arange(4)]
    sflow = (begins == np.array([0, 0, 0, 5], dtype=np.uint8)).all(axis=1)
    whole = Datagrams(
        records.data,
        starts,
        sizes,
        records.peers[places],
        records.names,
        records.arrivals[places],
        records.rows[places] | serial << _SERIAL,
    )
    return _only(whole, np.flatnonzero(~sflow)), _only(whole, np.flatnonzero(sflow))


def _only(datagrams: Datagrams, places: Ints) -> Datagrams:
    if len(places) == len(datagrams):
        return datagrams
    return Datagrams(
        datagrams.data,
        datagrams.starts[places],
        datagrams.sizes[places],
        datagrams.exporters[places],
        datagrams.names,
        datagrams.arrivals[places],
        datagrams.rows[places],
    )


def _count(
    taken: Taken, records: Records, mine: npt.NDArray[np.bool_], told: npt.NDArray[np.bool_]
) -> None:
    for counter, which in ((taken.received, mine), (taken.strangers, ~mine & ~told)):
        counts = np.bincount(records.peers[which], minlength=len(records.names))
        for place in np.flatnonzero(counts).tolist():
            if counter is taken.strangers:
                _stranger(taken, records.names[place], int(counts[place]))
            else:
                counter[records.names[place]] += int(counts[place])


def _stranger(taken: Taken, name: str, count: int) -> None:
    """A flood from spoofed addresses is told of by its sum alone, under no address."""
    known = name in taken.strangers or len(taken.strangers) < MOST_STRANGERS
    taken.strangers[name if known else ""] += count


def _alive(taken: Taken, records: Records, mine: npt.NDArray[np.bool_], owners: Owners) -> None:
    """What an address sends shows its sensor alive where it is one sensor's alone."""
    peers, arrivals = records.peers[mine], records.arrivals[mine]
    first = np.full(len(records.names), np.iinfo(np.int64).max, dtype=np.int64)
    last = np.full(len(records.names), np.iinfo(np.int64).min, dtype=np.int64)
    np.minimum.at(first, peers, arrivals)
    np.maximum.at(last, peers, arrivals)
    for place in np.unique(peers).tolist():
        own = owners[records.names[place]]
        if len(own) == 1 and not own[0].match:
            taken.saw(own[0].name, int(first[place]), int(last[place]))


def _wanted(owners: Owners, senders: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*(selecting(owners[sender]) for sender in senders))


def _sampled(owners: Owners, senders: Iterable[str], rate: int) -> frozenset[str]:
    return frozenset(s.name for name in senders for s in owners[name] if s.sampling == rate)
