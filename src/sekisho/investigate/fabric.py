"""Every judged connection as columns, and what was usual of them before a given time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sekisho.audit.automation.ends import Ends
from sekisho.inventory.register import Inventory
from sekisho.investigate.moments import DAY
from sekisho.model.addresses import key, text_of
from sekisho.model.services import Role, service_of
from sekisho.model.verdicts import Rank

Ints = NDArray[np.int64]
FRESH = DAY
"""Microseconds: what began so soon after evidence does may be older than it."""
RESIDUAL = frozenset({int(Rank.UNAUTHORIZED), int(Rank.LAPSED)})
"""Ranks of what came about although no rule allowed it then."""
PERMITTED = frozenset({int(Rank.AUTHORIZED), int(Rank.INTRA_SITE)})
ROLES = get_args(Role)
OWN = 2
"""A party outside that no more hosts than these talk to is their own."""
_USUAL = np.array([int(Rank.INTRA_SITE), int(Rank.EXTERNAL), int(Rank.AUTHORIZED)])


def role_of(protocol: int, port: int) -> Role:
    """What its service is for."""
    known = service_of(protocol, port)
    return known.role if known else "other"


class Before:
    """How many of a kind had begun before a time; kinds are numbers."""

    def __init__(self, kind: Ints, first: Ints) -> None:
        order = np.lexsort((first, kind))
        self._kind, self._first = kind[order], first[order]

    def count(self, kind: int, at: int) -> int:
        """How many of `kind` began before `at`."""
        low, high = np.searchsorted(self._kind, [kind, kind + 1])
        return int(np.searchsorted(self._first[low:high], at))

    def earliest(self, kind: int) -> int | None:
        """When the first of `kind` began."""
        low, high = np.searchsorted(self._kind, [kind, kind + 1])
        return int(self._first[low]) if low < high else None


@dataclass(frozen=True)
class Fabric:
    """Connections row by row: `keys` (Arrow, the columns that name one), `rank`, `flows`, `first` and
    `last` (microseconds UTC), `protocol`, `port`; `pair_first` is when the two hosts were first seen
    together; `hosts` numbers the addresses. `one` gives for each address the number of its host: a host
    with several addresses has the lowest of theirs. `begin` is where evidence begins. Rows from `logged`
    on stand for one client's side of what a relay opened, in the place of those that are `relayed`; hosts
    from `known` on are somebody unknown behind one (None: there are none).
    """

    keys: Any
    rank: Ints
    flows: Ints
    first: Ints
    last: Ints
    protocol: Ints
    port: Ints
    pair_first: Ints
    hosts: Ends
    one: Ints
    begin: int
    logged: int | None = None
    known: int | None = None
    relayed: frozenset[int] = frozenset()

    @cached_property
    def src(self) -> Ints:
        """The host that is the initiator."""
        return self.one[self.hosts.src]

    @cached_property
    def dst(self) -> Ints:
        """The host that is the responder."""
        return self.one[self.hosts.dst]

    def __len__(self) -> int:
        return len(self.rank)

    @cached_property
    def end(self) -> int:
        """When the last flow ended."""
        return int(self.last.max(initial=self.begin))

    def site(self, host: int) -> str | None:
        """The host's site, None outside of all."""
        return self.hosts.sites[int(self.hosts.site[host])]

    def ends(self, row: int) -> tuple[int, int]:
        """Numbers of the two addresses of a connection, the initiator's first."""
        return int(self.hosts.src[row]), int(self.hosts.dst[row])

    def hidden(self, host: int) -> bool:
        """Whether it is nobody known: somebody behind a relay, whose address it bears."""
        return self.known is not None and host >= self.known

    def stands_in(self, row: int) -> bool:
        """Whether the connection stands for one client's side of what a relay opened."""
        return self.logged is not None and row >= self.logged

    def logged_source(self, row: int) -> str:
        """The initiator's address as it was logged: a relay's where the connection stands for its client's."""
        return text_of(self.keys["src_hi"][row].as_py(), self.keys["src_lo"][row].as_py())

    def internal(self, host: int) -> bool:
        """Whether it is in a site."""
        return bool(self.hosts.site[host] > 0)

    @cached_property
    def identities(self) -> tuple[list[str], Ints, Ints]:
        """Realm, hi and lo of every host, by number."""
        count = len(self.hosts.site)
        row, is_src = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
        places = np.arange(len(self), dtype=np.int64)
        # The first row of a host names it: later ones may bear a relay's address in its place.
        row[self.hosts.dst[::-1]] = places[::-1]
        row[self.hosts.src[::-1]] = places[::-1]
        is_src[self.hosts.src] = True
        parts = {}
        for part in ("hi", "lo"):
            of_src, of_dst = (self.keys[f"{side}_{part}"].to_numpy()[row] for side in ("src", "dst"))
            parts[part] = np.where(is_src, of_src, of_dst)
        picked = pa.array(row)
        realms = [
            src if opened else dst
            for src, dst, opened in zip(
                self.keys["src_realm"].take(picked).to_pylist(),
                self.keys["dst_realm"].take(picked).to_pylist(),
                is_src.tolist(),
                strict=True,
            )
        ]
        return realms, parts["hi"], parts["lo"]

    def realm(self, host: int) -> str:
        """The host's address space."""
        return self.identities[0][host]

    def address(self, host: int) -> str:
        """The host's address as text."""
        _, hi, lo = self.identities
        return text_of(int(hi[host]), int(lo[host]))

    def numbers(self, hi: int, lo: int, realm: str | None = None) -> list[int]:
        """Hosts with that address, in one realm or any."""
        realms, his, los = self.identities
        found = np.flatnonzero((his == hi) & (los == lo)).tolist()
        kept = (
            int(self.one[n])
            for n in found
            if not self.hidden(n) and (realm is None or realms[n] == realm)
        )
        return list(dict.fromkeys(kept))

    @cached_property
    def service(self) -> Ints:
        """Protocol and port as one number."""
        return self.protocol << 16 | self.port

    @cached_property
    def _usual(self) -> NDArray[np.bool_]:
        usual: NDArray[np.bool_] = np.isin(self.rank, _USUAL)
        usual[list(self.relayed)] = False
        return usual

    @cached_property
    def served_by(self) -> Before:
        """Connections that policy does not mind, by source and service."""
        kept = self._usual
        return Before(self.src[kept] << 24 | self.service[kept], self.first[kept])

    @cached_property
    def managed_by(self) -> Before:
        """Connections that policy does not mind, by source and role of their service: whom it deals with."""
        kept = self._usual
        return Before(self.src[kept] << 8 | self.role[kept], self.first[kept])

    @cached_property
    def role(self) -> Ints:
        """Place of the service's role in `ROLES`."""
        services, place = np.unique(self.service, return_inverse=True)
        roles = np.array([ROLES.index(role_of(one >> 16, one & 0xFFFF)) for one in services.tolist()])
        found: Ints = roles.astype(np.int64)[place] if len(services) else np.zeros(0, dtype=np.int64)
        return found

    @cached_property
    def clients_of(self) -> Before:
        """The same by responder and service: who deals with it."""
        kept = self._usual
        return Before(self.dst[kept] << 24 | self.service[kept], self.first[kept])

    @cached_property
    def talkers(self) -> Before:
        """All connections by responder: how many talked to it."""
        low: Ints = np.minimum(self.src, self.dst)
        high: Ints = np.maximum(self.src, self.dst)
        _, place = np.unique(low * len(self.hosts.site) + high, return_index=True)
        return Before(
            np.concatenate([self.src[place], self.dst[place]]),
            np.concatenate([self.first[place], self.first[place]]),
        )

    @cached_property
    def tries(self) -> tuple[Before, Before]:
        """Attempts that failed: by source, and by source and service."""
        kept = self.rank == int(Rank.ATTEMPTED)
        return (
            Before(self.src[kept], self.first[kept]),
            Before(self.src[kept] << 24 | self.service[kept], self.first[kept]),
        )

    @cached_property
    def own_parties(self) -> Ints:
        """How many flows each connection with a party of its host's own has that was seen to begin."""
        began = (self.rank == int(Rank.EXTERNAL)) & (self.pair_first >= self.begin + FRESH)
        found: Ints = self.flows[began & (self.hosts.talked_to_by[self.dst] <= OWN)]
        return found

    @cached_property
    def _by_host(self) -> tuple[Ints, Ints]:
        """Connections in order of their ends, and where each host's begin."""
        ends = np.concatenate([self.src, self.dst])
        places = np.tile(np.arange(len(self), dtype=np.int64), 2)
        order = np.argsort(ends, kind="stable")
        begins = np.searchsorted(ends[order], np.arange(len(self.hosts.site) + 1))
        return places[order], begins

    def of_host(self, host: int) -> Ints:
        """Rows that have the host at an end."""
        places, begins = self._by_host
        found: Ints = np.sort(places[int(begins[host]) : int(begins[host + 1])])
        return found[np.diff(found, prepend=-1) > 0]

    def is_new(self, row: int) -> bool | None:
        """Whether the pair of hosts was seen to begin; None where evidence begins too late to say."""
        return None if self.pair_first[row] < self.begin + FRESH else True

    def table(self, rows: Iterable[int]) -> Any:
        """Keys of some rows, in that order."""
        return self.keys.take(pa.array(list(rows), pa.int64()))


def fabric(
    judged: Any, hosts: Ends, pair_first: Ints, begin: int, inventory: Inventory | None = None
) -> Fabric:
    """From the stage's table of judged connections; `hosts` and `pair_first` are of its rows. Addresses that
    `inventory` gives one hostname are one host."""

    def ints(name: str) -> Ints:
        column = judged[name]
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("us")).cast(pa.int64())
        values: Ints = column.to_numpy().astype(np.int64)
        return values

    names = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo", "protocol", "port")
    woven = Fabric(
        keys=judged.select(names),
        rank=ints("rank"),
        flows=ints("flows"),
        first=ints("first"),
        last=ints("last"),
        protocol=ints("protocol"),
        port=ints("port"),
        pair_first=pair_first,
        hosts=hosts,
        one=np.arange(len(hosts.site), dtype=np.int64),
        begin=begin,
    )
    return woven if inventory is None else replace(woven, one=_joined(woven, inventory))


def _joined(woven: Fabric, inventory: Inventory) -> Ints:
    """The host of each address, by the hostnames of assets."""
    realms, hi, lo = woven.identities
    inside = np.flatnonzero(woven.hosts.site > 0).tolist()
    number = {(realms[n], int(hi[n]), int(lo[n])): n for n in inside}
    one = woven.one.copy()
    for assets in inventory.hostnames.values():
        if len(assets) > 1:
            places = ((asset.realm, *key(asset.address)) for asset in assets)
            found = sorted({number[place] for place in places if place in number})
            one[found[1:]] = found[0] if found else 0
    return one
