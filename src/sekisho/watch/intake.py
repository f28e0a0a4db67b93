"""From the violations of a round to connections of alerts: known ones grow, new ones are placed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.audit.causes.words import address_key
from sekisho.audit.evidence import KEYS, key_of, rows_of
from sekisho.model.addresses import text_of
from sekisho.model.flows import ONE_WAY_VOLUME, Orientation
from sekisho.model.verdicts import SEVERITIES
from sekisho.state.alerts import AlertStore, ConnectionRow, Round
from sekisho.store.arrivals import Arrivals
from sekisho.watch.alerts import Member, alert_id
from sekisho.watch.book import Book
from sekisho.watch.connections import Connection, Key, finding_of, fresh
from sekisho.watch.describing import Describer
from sekisho.watch.grouping import Group, grouped, scanner_of
from sekisho.watch.muting import window_of
from sekisho.watch.openers import Openers, opposite
from sekisho.watch.people import People

SLICE = 20_000
"""Violating rows that are held as values at once."""
TRIES = 1000
"""Unanswered connections of one source in a round that are kept one by one; more are only counted."""


class Intake:
    """One round's connections, within one transaction."""

    def __init__(
        self,
        arrivals: Arrivals,
        store: AlertStore,
        work: Round,
        book: Book,
        describer: Describer,
        people: People,
        openers: Openers,
        turned: Mapping[Key, str],
        left: Mapping[str, ConnectionRow] | None = None,
    ) -> None:
        self._arrivals = arrivals
        self._store = store
        self._work = work
        self._book = book
        self._describer = describer
        self._people = people
        self._openers = openers
        self._turned = turned
        """Connections that others turned out to be, with the alert these belong to."""
        self._left = left or {}
        """Connections, by finding, as this round has changed them already."""

    def take(self, violations: pa.Table) -> None:
        """Take in violations (see `judging`) of the arrivals."""
        for part in slices(violations):
            kept, beyond = thinned(part)
            self._take(kept)
            for source, flows in beyond.items():
                self._count(source, flows)

    def _count(self, source: Key, flows: int) -> None:
        realm, hi, lo = source[:3]
        name = self._book.open(f"scanner|{realm}|{text_of(hi, lo)}", "scanner")
        self._book.beyond(name, flows)

    def _take(self, part: pa.Table) -> None:
        rows: dict[Key, list[dict[str, Any]]] = defaultdict(list)
        for row in rows_of(part):
            rows[key_of(row)].append(row)
        findings = {key: finding_of(key) for key in rows}
        known = self._store.connections(list(findings.values()))
        known |= {name: self._left[name] for name in known if name in self._left}
        ports = self._ports(part)
        changed: list[Connection] = []
        for key, some in rows.items():
            finding = findings[key]
            if self._people.excused(finding):
                continue
            found = known.get(finding)
            connection = Connection.from_json(found.known) if found else None
            if connection is not None and connection.moved:
                connection = replace(fresh(key, some[0]), alert=connection.alert)
            clients = ports.get(key, ((), (), ()))
            if connection is None or connection.turned:
                if self._is_reply(key, some, clients[2], connection):
                    continue
                if connection is not None:
                    connection.turned = ""
            if connection is None:
                connection = fresh(key, some[0])
            for row in some:
                connection.absorb(row)
            connection.add_ports(*clients)
            changed.append(connection)
        self._put(changed, set(known))

    def _is_reply(
        self,
        key: Key,
        rows: Sequence[Mapping[str, Any]],
        clients: Sequence[int],
        connection: Connection | None,
    ) -> bool:
        """Whether it only looks like a connection: it is the other half of one opened the other way."""
        if not all(row["provisional"] for row in rows):
            return False
        if connection is not None:
            return not clients or set(clients) <= set(connection.clients)
        first = min(row["first"] for row in rows)
        sure = max(row["orientation"] for row in rows)
        if sure <= Orientation.GUESS and self._openers.answers(key, first):
            return True
        names = [finding_of(opposite(key, port)) for port in clients or ()]
        for row in self._store.connections(names).values():
            other = Connection.from_json(row.known)
            if other.turned or key[7] not in other.clients:
                continue
            if other.orientation > sure:
                return True
        return False

    def _ports(self, part: pa.Table) -> dict[Key, tuple[list[int], list[int], list[int]]]:
        asked = part.select(KEYS).group_by(list(KEYS)).aggregate([])
        return {
            key_of(row): (row["sent"], row["answered"], row["clients"])
            for row in self._arrivals.ports(asked).to_pylist()
        }

    def _put(self, changed: Sequence[Connection], known: set[str]) -> None:
        members = {c.finding: self._describer.member(c) for c in changed}
        fresh_ones = [members[c.finding] for c in changed if not c.alert]
        sources = sorted({_source(m) for m in fresh_ones if not m.established})
        tried = self._store.attempts(sources)
        groups = grouped(
            fresh_ones,
            {tuple(source.split("|", 1)): n for source, n in tried.items()},  # type: ignore[misc]
        )
        rows = []
        for connection in changed:
            member = members[connection.finding]
            self._place(connection, member, groups.get(connection.finding))
            late = max(timedelta(0), self._arrivals.taken.at - connection.last)
            window = window_of(self._people.windows, member, connection.last)
            self._book.saw(connection.alert, member, window, late)
            rows.append(row_of(connection, member))
        self._work.put_connections(rows, known)

    def _place(self, connection: Connection, member: Member, group: Group | None) -> None:
        """The alert of a connection. It stays in it, but for an attempt of a scanner that was answered."""
        if group is not None:
            other = self._turned.get(connection.key)
            connection.alert = other or self._book.open(group.key, group.kind)
            return
        scanner = scanner_of(member)
        if member.established and connection.alert == alert_id(scanner.key):
            self._book.touch([connection.alert])
            alone = grouped([member], {})[member.finding]
            connection.alert = self._book.open(alone.key, alone.kind)


def slices(table: pa.Table, rows: int = SLICE) -> Iterator[pa.Table]:
    """The rows in the order of their ends, in parts; no connection is in two of them."""
    ordered = table.sort_by([(name, "ascending") for name in KEYS])
    begin = 0
    while begin < ordered.num_rows:
        end = min(begin + rows, ordered.num_rows)
        while end < ordered.num_rows and _same(ordered, end - 1, end):
            end += 1
        yield ordered.slice(begin, end - begin)
        begin = end


def _same(table: pa.Table, here: int, there: int) -> bool:
    return all(table[name][here].equals(table[name][there]) for name in KEYS)


def thinned(part: pa.Table, most: int = TRIES) -> tuple[pa.Table, dict[Key, int]]:
    """Without what goes beyond so many unanswered rows of a source; the flows left out, by source.

    What was answered, or may be established by its volume, is never left out.
    """
    if part.num_rows <= most:
        return part, {}
    small = pc.less(pc.max_element_wise(part["oneway_out"], part["oneway_in"]), ONE_WAY_VOLUME)
    tries = pc.and_(pc.equal(part["established"], 0), pc.and_(small, pc.invert(part["answered"])))
    silent = pc.fill_null(tries, fill_value=False).to_numpy()
    sources = part.select(["src_realm", "src_hi", "src_lo"]).combine_chunks()
    # In the order of their ends a source's rows follow each other.
    hi, lo = sources["src_hi"].to_numpy(), sources["src_lo"].to_numpy()
    realm = pc.index_in(sources["src_realm"], pc.unique(sources["src_realm"])).to_numpy()
    change = np.ones(part.num_rows, dtype=bool)
    change[1:] = (hi[1:] != hi[:-1]) | (lo[1:] != lo[:-1]) | (realm[1:] != realm[:-1])
    group = np.cumsum(change) - 1
    counted = np.cumsum(silent)
    before = counted[change] - silent[change]
    place = counted - before[group]
    out = silent & (place > most)
    beyond: dict[Key, int] = defaultdict(int)
    for row in (
        part.filter(pa.array(out)).select(["src_realm", "src_hi", "src_lo", "flows"]).to_pylist()
    ):
        beyond[row["src_realm"], row["src_hi"], row["src_lo"], "", 0, 0, 0, 0] += row["flows"]
    return part.filter(pa.array(~out)), dict(beyond)


def _source(member: Member) -> str:
    return "|".join(address_key(member.src))


def row_of(connection: Connection, member: Member) -> ConnectionRow:
    """A connection as the state keeps it."""
    return ConnectionRow(
        finding=connection.finding,
        alert=connection.alert,
        src=_source(member),
        dst="|".join(address_key(member.dst)),
        src_site=member.src.site or "",
        dst_site=member.dst.site or "",
        service=member.service,
        rule=member.nearest_rule.id if member.nearest_rule else "",
        verdict=member.verdict,
        severity=SEVERITIES.index(member.severity),
        flows=member.flows,
        established=member.established,
        volume=member.bytes_out + member.bytes_in,
        first_seen=member.first_seen,
        last_seen=member.last_seen,
        provisional=connection.provisional,
        turned=bool(connection.turned),
        known=connection.to_json(),
        member=member.model_dump_json(by_alias=True),
    )
