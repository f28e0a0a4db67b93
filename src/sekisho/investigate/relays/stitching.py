"""The connections of relays told as their clients': read, matched, and put beside the logged ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from sekisho.inventory.register import Inventory
from sekisho.investigate.fabric import RESIDUAL, Fabric
from sekisho.investigate.relays.base import TOLD, Behind, Held, Leg, Stitch, Stitched, span_of
from sekisho.investigate.relays.matching import Inward, legs, shared
from sekisho.investigate.relays.weaving import Row, woven_in
from sekisho.investigate.talks import Talk, Talks
from sekisho.investigate.talks import read as read_talks
from sekisho.model.addresses import key, parse_address
from sekisho.store.lake import Lake

FLOWS = 1_500_000
"""Raw flows of all relays that are read; each side of each has an equal part of them."""
NAMED = 5
"""Clients that are named of those among which an initiator is hidden."""
STEADY, BEST = 5, 0.6
"""So many sessions tell a client together where none does by itself: in each its share is that much."""

Read = Callable[[Sequence[int]], Mapping[int, tuple[Talk, ...]]]
Moment = Callable[[int], datetime]


Unseen = Callable[[Held, Sequence[int]], Callable[[int], str | None]]


def held(inventory: Inventory, fabric: Fabric, without: Collection[int] = ()) -> list[Held]:
    """The relays that the fabric has connections of. One with a host of `without` is in question itself and
    is left out."""
    found: dict[str, Held] = {}
    _, _, lows = fabric.identities
    own = {
        key(address)[1]
        for relay in inventory.relays.values()
        for dated in relay.addresses
        for address in dated.prefix
    }
    for number in np.flatnonzero(np.isin(lows, np.array(sorted(own), dtype=np.int64))).tolist():
        host, address = int(fabric.one[number]), parse_address(fabric.address(number))
        for relay, validity in inventory.relaying(fabric.realm(number), address):
            one = found.setdefault(relay.name, Held(relay, {}))
            one.hosts[host] = (*one.hosts.get(host, ()), span_of(validity))
    return [one for one in found.values() if not one.hosts.keys() & set(without)]


def stitch(
    fabric: Fabric,
    relays: Sequence[Held],
    inventory: Inventory,
    read: Read,
    unseen: Unseen,
    moment: Moment,
) -> Stitched:
    """Put what relays opened beside the logged connections, as their clients'.

    `read` gives sessions of rows, `unseen` why a client of a relay may not have been recorded at a time,
    `moment` a time (microseconds) as an aware one.
    """
    rows: list[Row] = []
    relayed: set[int] = set()
    left: dict[int, tuple[Talk, ...]] = {}
    notes: list[str] = []
    for one in relays:
        work = _Relaying(fabric, one, inventory, moment)
        work.read(read, FLOWS // (2 * len(relays)))
        work.tell(unseen(one, work.clients()))
        rows += work.rows
        relayed |= work.relayed
        left |= work.left
        notes += work.notes
    grown, stitches, talks = woven_in(fabric, rows, relayed)
    hosts = {host: one for one in relays for host in one.hosts}
    return Stitched(grown, stitches, frozenset(relayed), left | talks, hosts, tuple(notes))


@dataclass(slots=True)
class _Relaying:
    """One relay: what came in, what went out, and whose that was."""

    fabric: Fabric
    held: Held
    inventory: Inventory
    moment: Moment
    rows: list[Row] = field(default_factory=list)
    relayed: set[int] = field(default_factory=set)
    left: dict[int, tuple[Talk, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _in: dict[int, tuple[Talk, ...]] = field(default_factory=dict)
    _out: dict[int, tuple[Talk, ...]] = field(default_factory=dict)
    _used: set[tuple[int, Talk]] = field(default_factory=set)
    _unread: set[int] = field(default_factory=set)

    @property
    def _nat(self) -> bool:
        return self.held.relay.kind == "nat"

    def read(self, read: Read, most: int) -> None:
        """Sessions of both sides, of seldom used connections first."""
        fabric = self.fabric
        own = np.array(sorted(self.held.hosts), dtype=np.int64)
        src, dst = np.isin(fabric.src, own), np.isin(fabric.dst, own)
        out = np.flatnonzero(src & ~dst)
        if self._nat:
            # On a gateway's other side the same connection stands: same responder, same service.
            service = fabric.dst << 24 | fabric.service
            inward = np.flatnonzero(~src & np.isin(service, service[out]))
        else:
            inward = np.flatnonzero(dst & ~src)
        for side, into in ((out, self._out), (inward, self._in)):
            order = side[np.argsort(fabric.flows[side], kind="stable")]
            within = np.cumsum(fabric.flows[order]) <= most
            kept, cut = order[within].tolist(), order[~within].tolist()
            into.update(read(kept))
            if into is self._out:
                self._unread.update(cut)
            if cut:
                where = "it opened" if into is self._out else "into it"
                self.notes.append(
                    f"the sessions of {len(cut)} busy connections {where} were not read of the relay"
                    f" {self.held.relay.name}: who stood behind it may be missed"
                )
            if cut and into is self._in:
                # Who is in session all the time may stand behind anything.
                for row in cut:
                    first, last = int(fabric.first[row]), int(fabric.last[row])
                    into[row] = (Talk(first, last, 1 << 62, 1 << 62, ""),)

    def clients(self) -> list[int]:
        """Hosts with sessions into it."""
        return sorted({int(self.fabric.src[row]) for row, talks in self._in.items() if talks})

    def tell(self, unseen: Callable[[int], str | None]) -> None:
        """Give each session that it opened to the client whose it was, or to nobody."""
        inward = {row: self._inward(row) for row in self._out} if self._nat else {}
        common = self._inward(None)
        for row in sorted({*self._out, *self._unread}):
            self._of(row, inward.get(row, common), unseen)
        for row, talks in self._in.items():
            rest = tuple(talk for talk in talks if (row, talk) not in self._used)
            if not self._nat and len(rest) < len(talks):
                self._keep(row, rest)

    def _inward(self, like: int | None) -> Inward:
        fabric, relay = self.fabric, self.held.relay
        sessions = []
        for row, talks in self._in.items():
            client = int(fabric.src[row])
            same = like is None or (
                fabric.dst[row] == fabric.dst[like] and fabric.service[row] == fabric.service[like]
            )
            if not same:
                continue
            address, realm = parse_address(fabric.address(client)), fabric.realm(client)
            sessions += [
                (client, row, talk)
                for talk in talks
                if not relay.serves
                or self.inventory.serves(relay, realm, address, self.moment(talk.start))
            ]
        return Inward(sessions)

    def _of(self, row: int, inward: Inward, unseen: Callable[[int], str | None]) -> None:
        host = int(self.fabric.src[row])
        told: dict[int, list[tuple[Talk, Leg]]] = defaultdict(list)
        open_: list[tuple[Talk, list[Leg]]] = []
        own: list[Talk] = []
        why = ""
        for talk in self._out.get(row, ()):
            if not self.held.at(host, talk.start):
                own.append(talk)
                continue
            reason = unseen(talk.start)
            blind = reason is not None or self._nat
            found = shared(legs(self.held.relay.kind, talk, inward), unseen=blind)
            if found and found[0].share >= TOLD:
                told[found[0].client].append((talk, found[0]))
            elif found or blind:
                open_.append((talk, found))
                why = why or (reason or "")
            else:
                own.append(talk)
        steady = None if self._nat else _steady(open_, blind=bool(why))
        if steady is not None:
            told[steady] += [(talk, _leg_of(found, steady)) for talk, found in open_]
            open_ = []
        gone = not self._out.get(row) and int(self.fabric.rank[row]) in RESIDUAL
        if gone and row not in self._unread:
            self._unread.add(row)
            why = "its raw flows are gone, and with them who was in session"
        elif row in self._unread:
            why = "it has too many sessions to be read"
        self._used |= {(leg.row, leg.talk) for found in told.values() for _, leg in found}
        self._used |= {(leg.row, leg.talk) for _, found in open_ for leg in found[:NAMED]}
        if not self._nat:
            self.rows += self._told(row, host, told)
        if open_ or row in self._unread:
            self.rows += self._hidden(row, host, open_, why, told)
        if len(own) < len(self._out.get(row, ())) or row in self._unread:
            self._keep(row, tuple(own))

    def _keep(self, row: int, rest: tuple[Talk, ...]) -> None:
        self.left[row] = rest
        if not rest:
            self.relayed.add(row)

    def _told(
        self, row: int, host: int, told: Mapping[int, Sequence[tuple[Talk, Leg]]]
    ) -> Iterator[Row]:
        for client, found in sorted(told.items()):
            sure = min(leg.share for _, leg in found)
            why = f"{found[0][1].text}: {len(found)} of its sessions were of this client"
            mine = tuple(leg for _, leg in found)
            stitch = Stitch(self.held.relay, host, row, max(sure, TOLD), why, mine)
            yield Row(client, stitch, tuple(talk for talk, _ in found))

    def _hidden(
        self,
        row: int,
        host: int,
        open_: Sequence[tuple[Talk, Sequence[Leg]]],
        why: str,
        told: Collection[int],
    ) -> Iterator[Row]:
        """The one connection of nobody, and one for each of the likeliest clients."""
        relay = self.held.relay
        ranked = _ranked(open_)
        if not why:
            why = f"{len(ranked)} clients were in session with it and nothing tells them apart"
        named = tuple(ranked[:NAMED])
        yield Row(None, Stitch(relay, host, row, 0.0, why, (), named), tuple(t for t, _ in open_))
        if self._nat:
            return
        for one in named:
            if one.host in told or one.share <= 0.0:
                continue
            mine = [(talk, leg) for talk, found in open_ for leg in found if leg.client == one.host]
            fields = (relay, host, row, one.share, one.text, tuple(leg for _, leg in mine))
            yield Row(one.host, Stitch(*fields), tuple(talk for talk, _ in mine))


def _leg_of(found: Sequence[Leg], client: int) -> Leg:
    return next(leg for leg in found if leg.client == client)


def _steady(open_: Sequence[tuple[Talk, Sequence[Leg]]], *, blind: bool) -> int | None:
    """The client that fits best in each of many sessions, or alone could have been in all of them where
    no other could in half and nobody can have gone unseen (`blind`)."""
    if len(open_) < STEADY:
        return None
    count: dict[int, int] = defaultdict(int)
    best: dict[int, int] = defaultdict(int)
    for _, found in open_:
        for leg in found:
            count[leg.client] += 1
            best[leg.client] += leg.share >= BEST
    fitting = [client for client, times in best.items() if times == len(open_)]
    if fitting or blind:
        return fitting[0] if fitting else None
    most = [client for client, times in count.items() if times == len(open_)]
    often = [client for client, times in count.items() if times > len(open_) / 2]
    return most[0] if len(most) == 1 and often == most else None


def _ranked(open_: Sequence[tuple[Talk, Sequence[Leg]]]) -> list[Behind]:
    share: dict[int, float] = defaultdict(float)
    times: dict[int, int] = defaultdict(int)
    best: dict[int, Leg] = {}
    for _, found in open_:
        for leg in found:
            share[leg.client] += leg.share / len(open_)
            times[leg.client] += 1
            if leg.client not in best or leg.score > best[leg.client].score:
                best[leg.client] = leg
    ranked = [Behind(host, share[host], times[host], leg.text) for host, leg in best.items()]
    return sorted(ranked, key=lambda one: (-one.share, one.host))


def reader(lake: Lake, fabric: Fabric, offsets: Mapping[str, float]) -> Read:
    """Reads sessions from the lake, on one clock."""

    def read(rows: Sequence[int]) -> Mapping[int, tuple[Talk, ...]]:
        found = Talks()
        if rows:
            read_talks(lake, fabric.table(rows), rows, offsets, found)
        return found.of

    return read
