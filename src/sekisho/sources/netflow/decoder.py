"""Datagrams in, columns out: NetFlow v5, v9 and IPFIX of many exporters.

No I/O and no clock of its own: file readers and listeners alike give it what they have, in batches; the
larger a batch, the less a record costs.
"""

from __future__ import annotations

import numpy as np

from sekisho.sources.netflow.announced import FIELDS_LIMIT, Announcements
from sekisho.sources.netflow.batch import MessageBatch
from sekisho.sources.netflow.chunks import Chunk, Decoded, Loss
from sekisho.sources.netflow.datagrams import Datagrams, Ints
from sekisho.sources.netflow.exporters import SESSIONS_LIMIT, SHOWN, Exporters, groups, joined, unknown
from sekisho.sources.netflow.fixed import V5_TEMPLATE, records_in
from sekisho.sources.netflow.messages import V5, V5_RECORD, Fault, Messages, parse
from sekisho.sources.netflow.records import columns_of
from sekisho.sources.netflow.waiting import Waiting


class Decoder:
    """Templates, sampling rates and sequence numbers of every exporter, and data that waits.

    Data whose template comes later, in the same batch or a later one, is decoded then. `finish` gives up
    what still waits. `each_limit` domains and `fields_limit` fields of templates are kept of one exporter.
    """

    def __init__(
        self,
        *,
        sessions_limit: int = SESSIONS_LIMIT,
        each_limit: int = SESSIONS_LIMIT,
        fields_limit: int = FIELDS_LIMIT,
        waiting: Waiting | None = None,
    ) -> None:
        held = Waiting() if waiting is None else waiting
        templates = Announcements(each_limit=fields_limit)
        self._known = Exporters(sessions_limit, held, templates=templates, each_limit=each_limit)

    @property
    def exporters(self) -> Exporters:
        """All that is known of the exporters."""
        return self._known

    @property
    def waits_for(self) -> tuple[tuple[str, int, int], ...]:
        """(exporter, domain, template) of data that cannot be decoded yet."""
        return tuple(
            (self._known.sessions[session].exporter, self._known.sessions[session].domain, template)
            for session, template in self._known.waiting.wanted()
        )

    def losses(self) -> tuple[Loss, ...]:
        """How complete each exporter's stream has been so far."""
        return tuple(
            Loss(s.exporter, s.version, s.domain, n.received, n.lost, n.late, n.restarts)
            for s in self._known.sessions
            for n in (s.sequence,)
        )

    def decode(self, datagrams: Datagrams) -> Decoded:
        """Decode a batch. Datagrams of one exporter must come in the order in which they arrived."""
        return self._take(datagrams, learn_only=False)

    def learn(self, datagrams: Datagrams) -> None:
        """Take only templates that are not known yet, from datagrams that are read as data later."""
        self._take(datagrams, learn_only=True)

    def finish(self) -> Decoded:
        """Give up what waits for templates: a fault for each set."""
        done = Decoded()
        for (session, template), one in self._known.waiting.take_all():
            done.faults.append(unknown(self._known.sessions[session], template, one))
        return done

    def settle(self) -> Decoded:
        """Decode what waited for templates that were learnt meanwhile."""
        done = Decoded()
        self._known.templates.begin()
        for key in self._known.waiting.wanted():
            template = self._known.templates.current(key)
            if template is not None:
                self._known.decode_waiting(key, template, done)
        return done

    def _take(self, datagrams: Datagrams, *, learn_only: bool) -> Decoded:
        done = Decoded()
        if not len(datagrams):
            return done
        versions, faults = parse(datagrams)
        done.faults = faults
        self._known.templates.begin()
        for messages in versions:
            sessions = self._known.sessions_of(datagrams, messages, done)
            if messages.version != V5:
                MessageBatch(self._known, datagrams, messages, sessions, done).run(
                    learn_only=learn_only
                )
            elif not learn_only:
                self._v5(datagrams, messages, sessions, done)
        return done

    def _v5(self, datagrams: Datagrams, messages: Messages, sessions: Ints, done: Decoded) -> None:
        held, more = records_in(messages)
        rows = datagrams.rows[messages.index]
        for place in np.flatnonzero(more > 0).tolist():
            reason = f"the header says {messages.count[place]} records, {held[place]} fit"
            text = datagrams.payload(int(messages.index[place]), SHOWN)
            done.faults.append(Fault(int(rows[place]), reason, text))
        empty = (held == 0) & (more == 0)
        if empty.any():
            done.others.append(rows[empty])
        for session, mine in groups(sessions):
            if session < 0:
                continue
            counts = held[mine]
            # What a header claims beyond its datagram is no evidence of anything.
            whole = more[mine] == 0
            self._known.sessions[session].sequence.take(messages.sequence[mine], counts, whole)
            mine = mine[counts > 0]
            counts = held[mine]
            if not len(mine):
                continue
            body = joined(datagrams.data, messages.begin[mine], counts * V5_RECORD)
            columns = columns_of(V5_TEMPLATE, body)
            if messages.sampling[mine].any():
                columns["sampling_interval"] = np.repeat(messages.sampling[mine], counts)
            done.chunks.append(
                Chunk(
                    self._known.sessions[session],
                    columns,
                    counts,
                    messages.export[mine],
                    messages.uptime[mine],
                    rows[mine],
                )
            )
