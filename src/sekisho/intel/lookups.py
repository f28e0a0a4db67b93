"""Names on record that are indicators: in which connection each was seen, and what came after a lookup.

That a name was asked for is evidence by itself. Whether a connection followed is told by the flows of who
asked to what was answered, and where there are none by who was looking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sekisho.audit.coverage import Coverage
from sekisho.audit.evidence import Key, rows_of
from sekisho.audit.parties import described
from sekisho.audit.sight import Sight
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import IPAddress, address_of, key, parse_address
from sekisho.model.hunts import Followed, Lookup
from sekisho.model.names import NameKind
from sekisho.store.hunting import Hunted

MOST_ANSWERS = 20
"""Answers of one lookup that are told."""
Row = Mapping[str, Any]


def without_flows(key: Key, rows: Sequence[Row]) -> dict[str, Any]:
    """What sightings say of their connection, in the columns of a contact; there are no flows of it."""
    names = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo", "protocol", "port")
    counts = ("bytes_out", "bytes_out_spread", "bytes_in", "bytes_in_spread", "flags")
    return {
        **dict(zip(names, key, strict=True)),
        **dict.fromkeys(("flows", "established", *counts), 0),
        "first": min(row["first"] for row in rows),
        "last": max(row["last"] for row in rows),
        "first_established": None,
        "days": max(row["days"] for row in rows),
        "sensors": sorted({name for row in rows for name in row["sensors"]}),
    }


@dataclass(slots=True)
class Lookups:
    """What was answered to lookups, and who went there, of one hunt."""

    hunted: Hunted
    inventory: Inventory
    sight: Sight
    coverage: Coverage
    _answers: dict[tuple[Any, ...], list[str]] = field(default_factory=lambda: defaultdict(list))
    _went: dict[tuple[Any, ...], datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in rows_of(self.hunted.answers) if self.hunted.answers is not None else ():
            self._answers[row["number"], row["value"], *_host(row)].append(row["answer"])
        for row in rows_of(self.hunted.followed) if self.hunted.followed is not None else ():
            self._went[*_host(row), row["hi"], row["lo"]] = row["last"]

    def of(self, rows: Iterable[Row]) -> tuple[Lookup, ...]:
        """The names that were looked up in sightings of one connection, each once, the earliest first."""
        by_name: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            if row["kind"] == NameKind.DNS_QUERY and row["src_hi"] is not None:
                by_name[row["value"]].append(row)
        found = [self._lookup(name, some) for name, some in by_name.items()]
        return tuple(sorted(found, key=lambda one: (one.first_seen, one.name)))

    def _lookup(self, name: str, rows: Sequence[Row]) -> Lookup:
        # Several indicators may name it: each has the same lines.
        most = max(rows, key=lambda row: row["times"])
        first, last = min(row["first"] for row in rows), max(row["last"] for row in rows)
        given = sorted({one for row in rows for one in self._answers.get(_asked(row), ())})
        followed, text = self._after(most, given, first, last)
        return Lookup(
            name=name,
            times=most["times"],
            first_seen=first,
            last_seen=last,
            answers=tuple(given[:MOST_ANSWERS]),
            followed=followed,
            text=text,
        )

    def _after(
        self, row: Row, given: Sequence[str], first: datetime, last: datetime
    ) -> tuple[Followed, str]:
        addresses = [address for text in given if (address := _address(text)) is not None]
        if not addresses and not self.hunted.answers_left_out:
            return "no_answer", "no address it was given is on record, so nobody can say what followed"
        who, party = described(
            self.inventory, row["src_realm"], address_of(row["src_hi"], row["src_lo"]), first
        )
        name = who.asset or who.address
        went = [
            (at, address)
            for address in addresses
            if (at := self._went.get((*_host(row), *key(address)))) is not None and at >= first
        ]
        if went:
            # Of addresses of both families none is the larger.
            at, address = max(went, key=lambda one: one[0])
            return "followed", f"{name} connected to {address} after it, last {at:%Y-%m-%d %H:%M} UTC"
        if self.hunted.answers_left_out:
            return "not_recorded", (
                "more answers are on record than are looked through, so nobody can say what followed"
            )
        dark: list[IPAddress] = []
        recorded: set[str] = set()
        for address in addresses:
            _, there = described(self.inventory, row["src_realm"], address, first)
            able = self.sight.able(party.site, there.site, party.outside or there.outside)
            looking = {one for one in able if all(self.coverage.alive(one, at) for at in (first, last))}
            recorded |= looking
            if not looking:
                dark.append(address)
        if dark:
            return "not_recorded", (
                f"whether {name} connected to {dark[0]} is not on record: no sensor that could have seen"
                " it was recording"
            )
        more = f" or {len(addresses) - 1} more" if len(addresses) > 1 else ""
        return "none_followed", (
            f"no connection of {name} to {addresses[0]}{more} followed"
            f" ({', '.join(sorted(recorded))} recorded at the time)"
        )


def _host(row: Row) -> tuple[Any, ...]:
    return row["src_realm"], row["src_hi"], row["src_lo"]


def _asked(row: Row) -> tuple[Any, ...]:
    return row["number"], row["value"], *_host(row)


def _address(text: str) -> IPAddress | None:
    try:
        return parse_address(text)
    except ValueError:
        return None
