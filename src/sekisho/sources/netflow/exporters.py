"""What is known of all exporters, and where their records go: what decoding a batch works on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sekisho.sources.netflow.announced import Announcements
from sekisho.sources.netflow.chunks import Chunk, Decoded, Session
from sekisho.sources.netflow.datagrams import Datagrams, Ints
from sekisho.sources.netflow.messages import Fault, Messages
from sekisho.sources.netflow.records import Columns, columns_of, without_variable_fields
from sekisho.sources.netflow.templates import Template
from sekisho.sources.netflow.waiting import Key, Waiting, WaitingSet

SESSIONS_LIMIT = 65_536
"""Exporters and domains that are told apart; datagrams of more are not read."""
SHOWN = 64
"""Bytes of a faulty datagram that are kept."""


@dataclass(slots=True)
class Exporters:
    """Sessions, their templates, and the sets that wait for one."""

    sessions_limit: int = SESSIONS_LIMIT
    waiting: Waiting = field(default_factory=Waiting)
    sessions: list[Session] = field(default_factory=list)
    templates: Announcements = field(default_factory=Announcements)
    each_limit: int = SESSIONS_LIMIT
    """Sessions of one exporter: a forged one's leave room for others'."""
    touched: set[int] = field(default_factory=set)
    """Sessions that something came from since whoever keeps them asked."""
    _numbers: dict[tuple[str, int, int], int] = field(default_factory=dict)
    _of_exporter: dict[str, int] = field(default_factory=dict)

    def sessions_of(self, datagrams: Datagrams, messages: Messages, done: Decoded) -> Ints:
        """The session of each message; -1 where there are too many."""
        exporters = datagrams.exporters[messages.index]
        packed = exporters << 32 | messages.domain
        different, places = np.unique(packed, return_inverse=True)
        latest = int(datagrams.arrivals.max())
        numbers = np.empty(len(different), dtype=np.int64)
        for place, value in enumerate(different.tolist()):
            exporter, domain = datagrams.names[value >> 32], value & 0xFFFFFFFF
            numbers[place] = number = self.session(exporter, messages.version, domain)
            if number >= 0:
                self.touched.add(number)
                self.sessions[number].heard = latest
        sessions: Ints = numbers[places]
        for place in np.flatnonzero(sessions < 0).tolist():
            index = int(messages.index[place])
            reason = "more exporters and domains than are told apart"
            done.faults.append(Fault(int(datagrams.rows[index]), reason))
        return sessions

    def session(self, exporter: str, version: int, domain: int) -> int:
        """The place of a session among `sessions`, which it takes if it is new; -1 where there are too many."""
        key = (exporter, version, domain)
        number = self._numbers.get(key, -1)
        held = self._of_exporter.get(exporter, 0)
        if number < 0 and len(self.sessions) < self.sessions_limit and held < self.each_limit:
            number = self._numbers[key] = len(self.sessions)
            self._of_exporter[exporter] = held + 1
            self.sessions.append(Session(exporter, version, domain))
        return number

    def decode_waiting(self, key: Key, template: Template, done: Decoded) -> None:
        """Decode what waited for `template`."""
        sets = self.waiting.take(key)
        numbers = np.array([(one.export, one.uptime, one.row) for one in sets], dtype=np.int64)
        self.decode_sets(key, template, [one.body for one in sets], numbers.reshape(-1, 3), done)

    def decode_sets(
        self, key: Key, template: Template, bodies: list[bytes], said: Ints, done: Decoded
    ) -> Ints:
        """Records of sets of one template; gives how many each holds.

        `said` is export, uptime and row of each set's message, one line a set.
        """
        if template.variable:
            parts = [without_variable_fields(template, body) for body in bodies]
            counts = np.array([count for _, count, _ in parts], dtype=np.int64)
            data = b"".join(body for body, _, _ in parts)
        else:
            size = template.least
            counts = np.array([len(body) // size for body in bodies], dtype=np.int64)
            data = b"".join(
                body if len(body) % size == 0 else body[: len(body) - len(body) % size]
                for body in bodies
            )
        self.give(key, template, data, counts, said, done)
        return counts

    def give(
        self, key: Key, template: Template, data: bytes, counts: Ints, said: Ints, done: Decoded
    ) -> None:
        """Records to where they belong: options to their session, flows to the answer."""
        session = self.sessions[key[0]]
        some = counts > 0
        if not some.all():
            done.others.append(said[~some, 2])
            counts, said = counts[some], said[some]
        if not len(counts):
            return
        total = int(counts.sum())
        columns = columns_of(template, data) if template.roles else {}
        rows = said[:, 2]
        if template.scopes:
            _learn_options(session, columns, total)
            done.others.append(np.repeat(rows, counts))
        elif not _holds_flows(columns):
            done.others.append(np.repeat(rows, counts))
        else:
            done.chunks.append(Chunk(session, columns, counts, said[:, 0], said[:, 1], rows))


def groups(keys: Ints) -> Iterator[tuple[int, Ints]]:
    """Each different key with the places that have it, in order."""
    if not len(keys):
        return
    if (keys == keys[0]).all():
        yield int(keys[0]), np.arange(len(keys), dtype=np.int64)
        return
    order = np.argsort(keys, kind="stable")
    bounds = np.flatnonzero(np.diff(keys[order])) + 1
    for mine in np.split(order, bounds):
        yield int(keys[mine[0]]), mine


def joined(data: bytes, starts: Ints, sizes: Ints) -> bytes:
    """Pieces of `data` one behind the other."""
    return b"".join(
        [data[a:b] for a, b in zip(starts.tolist(), (starts + sizes).tolist(), strict=True)]
    )


def _holds_flows(columns: Columns) -> bool:
    return any(f"src{v}_hi" in columns and f"dst{v}_hi" in columns for v in (4, 6))


def _learn_options(session: Session, columns: Columns, count: int) -> None:
    session.sampling.learn(columns, count)
    if "boot_ms" in columns and int(columns["boot_ms"][-1]) > 0:
        session.boot = min(int(columns["boot_ms"][-1]), 1 << 52) * 1000


def unknown(session: Session, template: int, one: WaitingSet) -> Fault:
    """The fault of a set whose template is not known."""
    reason = f"template {template} of {session.exporter or 'the exporter'} did not come"
    return Fault(one.row, reason, one.body[:SHOWN])
