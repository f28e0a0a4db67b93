"""What Sigma rules found in sensors' records: findings on connections, and on the terminals at both their ends.

An end's terminal is the one that the register's asset at that address was then; where there is none, the one
terminal of the inventory that has the address.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sekisho.fleet.collections.base import machine
from sekisho.fleet.resolve import ID_LENGTH, Resolved, Terminal
from sekisho.fleet.sigma.compiling import Compiled, RuleSet
from sekisho.fleet.sigma.judging import Machine, sentence
from sekisho.intel.detections import LEVELS
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import address_of
from sekisho.model.sigma import SigmaConnection, SigmaEnd, SigmaRecord, SigmaRuleItem
from sekisho.model.sites import DEFAULT_REALM
from sekisho.store.events import Met
from sekisho.store.queries.events import MOST_CONNECTIONS
from sekisho.store.queries.network import SEPARATOR

Row = Mapping[str, Any]


class Ends:
    """Who stands at an address."""

    def __init__(self, inventory: Inventory, known: Resolved) -> None:
        self._inventory, self._known = inventory, known
        self._by_address: dict[tuple[str, str], list[Terminal]] = defaultdict(list)
        for one in known.terminals:
            if one.address:
                site = inventory.sites.get(one.site or "")
                realm = site.realm if site else DEFAULT_REALM
                self._by_address[realm, one.address].append(one)

    def at(self, realm: str, hi: str, lo: str, when: datetime) -> tuple[SigmaEnd, Terminal | None]:
        """An end of a connection's key, and its terminal."""
        if not hi or not lo:
            return SigmaEnd(address=None), None
        address = address_of(int(hi), int(lo))
        place = self._inventory.place(realm, address, when)
        home = None
        if place.asset is not None:
            home = self._named(place.asset.hostname)
        if home is None:
            having = self._by_address[realm, str(address)]
            home = having[0] if len(having) == 1 else None
        end = SigmaEnd(
            address=str(address),
            realm=realm or None,
            asset=place.asset.hostname if place.asset else None,
            site=place.site,
            terminal=None if home is None else f"T-{home.id[:ID_LENGTH]}",
            hostname=None if home is None else home.hostname or None,
        )
        return end, home

    def of(self, one: Machine) -> Terminal | None:
        """The terminal that a machine is."""
        return self._known.match(one.who)

    def _named(self, hostname: str) -> Terminal | None:
        try:
            return self._known.match(machine(hostname))
        except ValueError:
            return None


def connections(
    met: Met, rules: RuleSet, ends: Ends, items: Mapping[int, SigmaRuleItem], found: list[Machine]
) -> tuple[SigmaConnection, ...]:
    """The findings, the gravest first. Machines of terminals at their ends learn of them; those without events
    are added to `found`."""
    evident: dict[tuple[int, str], list[SigmaRecord]] = defaultdict(list)
    for row in met.evident.to_pylist():
        if row["network"]:
            evident[row["rule"], row["terminal"]].append(
                SigmaRecord(
                    file=row["name"],
                    sha256=row["sha256"],
                    sensor=row["sensor"],
                    row=row["row"],
                    at=row["time"],
                )
            )
    told: list[tuple[SigmaConnection, Row, list[Terminal]]] = []
    for row in met.summed.to_pylist():
        if not row["network"] or row["rule"] not in rules.compiled:
            continue
        parts = row["host"].split(chr(SEPARATOR))
        src, at_src = ends.at(parts[0], parts[1], parts[2], row["last"])
        dst, at_dst = ends.at(parts[3], parts[4], parts[5], row["last"])
        one = SigmaConnection(
            rule=items[row["rule"]],
            log=row["channel"],
            src=src,
            dst=dst,
            port=int(parts[6]) if parts[6] else None,
            sensors=tuple(row["sensors"]),
            records=row["events"],
            first=row["first"],
            last=row["last"],
            evidence=tuple(evident[row["rule"], row["terminal"]]),
        )
        homes = {home.id: home for home in (at_src, at_dst) if home is not None}
        told.append((one, row, list(homes.values())))
    told.sort(key=lambda f: (LEVELS.index(f[0].rule.level), f[0].first, f[0].rule.title, named(f[0])))
    its_machines: dict[str, list[Machine]] = defaultdict(list)
    for each in found if told else ():
        if (its_own := ends.of(each)) is not None:
            its_machines[its_own.id].append(each)
    for one, row, its in told:
        for home in its:
            if not its_machines[home.id]:
                its_machines[home.id].append(Machine(home.sighted.sighting))
                found += its_machines[home.id]
            _tell(its_machines[home.id], rules.compiled[row["rule"]], row, one)
    return tuple(one for one, _, _ in told)


def left_out(met: Met, rules: RuleSet) -> tuple[str, ...]:
    """What rules met more connections than are told."""
    totals = {row["rule"]: row["total"] for row in met.summed.to_pylist() if row["network"]}
    return tuple(
        f"{rules.compiled[number].rule.title} met {total:,} connections:"
        f" the first {MOST_CONNECTIONS:,} are told"
        for number, total in totals.items()
        if total > MOST_CONNECTIONS and number in rules.compiled
    )


def named(one: SigmaConnection) -> str:
    """A connection in words."""
    port = "" if one.port is None else f" port {one.port}"
    return f"{one.src.address or 'an unknown end'} -> {one.dst.address or 'an unknown end'}{port}"


def _tell(machines: list[Machine], rule: Compiled, row: Row, one: SigmaConnection) -> None:
    for each in machines:
        each.beside.append((sentence(rule, row, f" ({one.log}) of {named(one)}"), row["first"]))
        each.last = row["last"] if each.last is None else max(each.last, row["last"])
