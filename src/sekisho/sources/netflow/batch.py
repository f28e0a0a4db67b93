"""The sets of one batch of v9 or IPFIX messages: templates first, then the data of each template at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sekisho.sources.netflow.chunks import Decoded
from sekisho.sources.netflow.datagrams import Datagrams, Ints
from sekisho.sources.netflow.exporters import SHOWN, Exporters, groups, joined, unknown
from sekisho.sources.netflow.messages import IPFIX, V9, Fault, Messages
from sekisho.sources.netflow.sets import Sets, walk
from sekisho.sources.netflow.templates import FIRST_DATA_SET, Template, parse_set
from sekisho.sources.netflow.waiting import Key, WaitingSet

Bools = npt.NDArray[np.bool_]

_TEMPLATE_SETS = {V9: {0: False, 1: True}, IPFIX: {2: False, 3: True}}
"""Whether a template set holds options templates, by its id."""
_FAULTS_LIMIT = 4
"""Faults of one datagram that are told of; a hostile one holds thousands of broken sets."""


class MessageBatch:
    """The sets of one version's messages."""

    def __init__(
        self,
        known: Exporters,
        datagrams: Datagrams,
        messages: Messages,
        sessions: Ints,
        done: Decoded,
    ) -> None:
        self._known = known
        self._datagrams = datagrams
        self._messages = messages
        self._sessions = sessions
        self._done = done
        self._rows = datagrams.rows[messages.index]
        self._told: dict[int, int] = {}

    def run(self, *, learn_only: bool) -> None:
        """Add what the messages hold to the answer; `learn_only` takes templates that are new and no data."""
        messages, exporters = self._messages, self._known
        sets, broken = walk(self._datagrams.data, messages)
        good = self._sessions[sets.message] >= 0
        templates = sets.id < FIRST_DATA_SET
        self._announce(sets, np.flatnonzero(good & templates), keep=learn_only)
        if learn_only:
            return
        self._faults(broken)
        for key in exporters.waiting.wanted():
            versions = exporters.templates.versions(key)
            first = next((template for _, template in versions if template is not None), None)
            if first is not None:
                exporters.decode_waiting(key, first, self._done)
        data = np.flatnonzero(good & ~templates & (sets.size > 0))
        records = np.zeros(len(messages), dtype=np.int64)
        flows = np.zeros_like(records)
        known = np.ones(len(messages), dtype=np.bool_)
        known[broken] = False
        for key_number, mine in groups(self._sessions[sets.message[data]] << 16 | sets.id[data]):
            key = key_number >> 16, key_number & 0xFFFF
            self._group(key, sets, data[mine], (records, flows), known)
        self._sequence(records, flows, known)
        idle = self._sessions >= 0
        idle[sets.message[data]] = False
        idle[broken] = False
        if idle.any():
            self._done.others.append(self._rows[idle])

    def _announce(self, sets: Sets, places: Ints, *, keep: bool) -> None:
        """Take the templates in; `keep` leaves those alone that are known already."""
        exporters, data = self._known, self._datagrams.data
        version = self._messages.version
        for place in places.tolist():
            number = int(sets.id[place])
            message = int(sets.message[place])
            if number not in _TEMPLATE_SETS[version]:
                reason = f"set {number} is reserved"
                self._fault(message, reason)
                continue
            session = int(self._sessions[message])
            start = int(sets.start[place])
            body = data[start : start + int(sets.size[place])]
            options = _TEMPLATE_SETS[version][number]
            for found in parse_set(body, version=version, options=options):
                if isinstance(found, ValueError):
                    if not keep:
                        self._fault(message, str(found))
                elif keep and exporters.templates.knows((session, found.id)):
                    continue
                elif why := exporters.templates.take(
                    session, place, found, exporters.sessions[session].exporter
                ):
                    self._fault(message, why)

    def _group(
        self,
        key: Key,
        sets: Sets,
        places: Ints,
        counted: tuple[Ints, Ints],
        known: Bools,
    ) -> None:
        """Sets of one session and id, which the templates of the batch share among them."""
        versions = self._known.templates.versions(key)
        if not versions:
            self._wait(key, sets, places, known)
            return
        begins = np.array([place for place, _ in versions], dtype=np.int64)
        which = np.maximum(np.searchsorted(begins, places, side="right") - 1, 0)
        for number, mine in groups(which):
            template = versions[number][1]
            if template is None:
                self._wait(key, sets, places[mine], known)
                continue
            self._decode(key, template, sets, places[mine], counted)

    def _decode(
        self, key: Key, template: Template, sets: Sets, places: Ints, counted: tuple[Ints, Ints]
    ) -> None:
        """Decode sets, and count what each message holds: records, and flows among them."""
        records, flows = counted
        message = sets.message[places]
        said = self._said(message)
        if template.variable:
            data = self._datagrams.data
            ends = (sets.start[places] + sets.size[places]).tolist()
            bodies = [
                data[start:end] for start, end in zip(sets.start[places].tolist(), ends, strict=True)
            ]
            counts = self._known.decode_sets(key, template, bodies, said, self._done)
        else:
            counts = sets.size[places] // template.least
            body = joined(self._datagrams.data, sets.start[places], counts * template.least)
            self._known.give(key, template, body, counts, said, self._done)
        np.add.at(records, message, counts)
        if not template.scopes:
            np.add.at(flows, message, counts)

    def _said(self, message: Ints) -> Ints:
        messages = self._messages
        return np.stack(
            [messages.export[message], messages.uptime[message], self._rows[message]], axis=1
        )

    def _wait(self, key: Key, sets: Sets, places: Ints, known: Bools) -> None:
        messages, data = self._messages, self._datagrams.data
        for place in places.tolist():
            message = int(sets.message[place])
            known[message] = False
            start = int(sets.start[place])
            one = WaitingSet(
                data[start : start + int(sets.size[place])],
                int(messages.export[message]),
                int(messages.uptime[message]),
                int(self._rows[message]),
            )
            session = self._known.sessions[key[0]]
            if not self._known.waiting.add(key, one, session.exporter):
                self._tell(message, unknown(session, key[1], one))

    def _sequence(self, records: Ints, flows: Ints, known: Bools) -> None:
        by_datagram = self._messages.version == V9
        units = np.ones_like(records) if by_datagram else records
        sure = np.ones_like(known) if by_datagram else known
        for session, mine in groups(self._sessions):
            if session >= 0:
                sequence = self._known.sessions[session].sequence
                told = None if by_datagram else flows[mine]
                sequence.take(self._messages.sequence[mine], units[mine], sure[mine], told)

    def _faults(self, broken: Ints) -> None:
        for place in broken.tolist():
            self._fault(place, "a set's length does not fit into its datagram")
        if self._messages.version == IPFIX:
            sizes = self._datagrams.sizes[self._messages.index]
            for place in np.flatnonzero(self._messages.count > sizes).tolist():
                reason = (
                    f"the message is cut off: {sizes[place]} of {self._messages.count[place]} bytes"
                )
                self._fault(place, reason)

    def _fault(self, message: int, reason: str) -> None:
        text = self._datagrams.payload(int(self._messages.index[message]), SHOWN)
        self._tell(message, Fault(int(self._rows[message]), reason, text))

    def _tell(self, message: int, fault: Fault) -> None:
        told = self._told[message] = self._told.get(message, 0) + 1
        if told <= _FAULTS_LIMIT:
            self._done.faults.append(fault)
