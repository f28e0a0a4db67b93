"""What an incident began with, found in the lake: the connections behind findings, hosts, indicators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from sekisho.audit.recorded import named_in
from sekisho.errors import RequestError
from sekisho.inventory.register import Inventory
from sekisho.model import protocols
from sekisho.model.addresses import IPAddress, key, parse_address, text_of
from sekisho.model.findings import Finding, finding_id
from sekisho.model.hops import Path
from sekisho.model.incidents import LOGONS, InvestigationDocument
from sekisho.store.lake import Lake
from sekisho.store.shapes import CONNECTIONS

MOST_CONNECTIONS = 200_000
MOST_NAMES = 10_000
MOST_VALUE = 1024
_ENDS = pa.schema([("realm", pa.string()), ("hi", pa.int64()), ("lo", pa.int64())])
_COLUMNS = tuple(CONNECTIONS.names)
Key = tuple[Any, ...]


@dataclass(slots=True)
class Found:
    """What one seed matched. `seed` is what is kept of it: the published fields, and for a finding its
    connection. `connections` are keys; `files` are (path, content hash) of files that named it, `at` when;
    `notes` say what was left out."""

    seed: dict[str, Any]
    connections: set[Key] = field(default_factory=set)
    files: set[tuple[str, str]] = field(default_factory=set)
    at: set[datetime] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether the lake knows nothing of it."""
        return not self.connections and not self.files


def of_finding(lake: Lake, finding: Finding) -> Found:
    """The connection of a finding. The seed keeps it: a rule may explain the finding away later.

    Where no flow of it is on record, the files are those in which names of it stand.
    """
    connection: dict[str, Any] = {"protocol": finding.protocol, "port": finding.port}
    for name, end in (("src", finding.src), ("dst", finding.dst)):
        connection |= {name: end.address, f"{name}_realm": end.realm or ""}
    seed = {
        "kind": "finding",
        "value": finding.id,
        "connections": 1,
        "onset": finding.onset.model_dump(mode="json"),
        "connection": connection,
    }
    found = Found(seed, {_stored(connection)})
    _say(lake, found)
    return found


def again(lake: Lake, inventory: Inventory, seed: Mapping[str, Any]) -> Found:
    """What a kept seed matches in the lake as it is now."""
    match seed["kind"]:
        case "host":
            realm = f"{seed['realm']}:" if "realm" in seed else ""
            return of_host(lake, inventory, f"{realm}{seed['value']}")
        case "indicator":
            return of_indicator(lake, inventory, seed["value"])
        case _:
            found = Found(dict(seed), {_stored(seed["connection"])})
            _say(lake, found)
            return found


def of_host(lake: Lake, inventory: Inventory, text: str) -> Found:
    """All connections of an address (`10.1.2.3`, `realm:10.1.2.3`, `:10.1.2.3` in the default realm) or of a
    hostname of assets.csv.

    Raises RequestError where the text is neither, or the address is a host in more than one realm.
    """
    assets = inventory.hostnames.get(text.casefold(), ())
    ends = [(one.realm, one.address) for one in assets] if assets else _ends(inventory, text)
    found = Found({"kind": "host", "value": text})
    _touch(lake, ends, found)
    realms = sorted({c[i] for c in found.connections for i, e in _sides(c) if (c[i], e) in set(ends)})
    if not assets and len(realms) > 1:
        choices = " or ".join(f"{realm}:{text}" for realm in realms)
        raise RequestError(f"{text} is a host in {len(realms)} address spaces", f"say which: {choices}")
    if realms and not assets:
        found.seed |= {"realm": realms[0], "value": str(ends[0][1])}
    found.seed["connections"] = len(found.connections)
    return found


def of_indicator(lake: Lake, inventory: Inventory, text: str) -> Found:
    """Connections with an address, or those in which a name, hash or fingerprint was seen.

    A name that belongs to no connection on record still counts as found, with the file that says it.
    """
    value = text.strip()
    if not value or len(value) > MOST_VALUE:
        raise RequestError(f"an indicator has from 1 to {MOST_VALUE} characters")
    found = Found({"kind": "indicator", "value": value})
    address = _address(value)
    if address is not None:
        _touch(lake, [(realm, address) for realm in sorted(inventory.realms)], found)
    names = lake.names([value], limit=MOST_NAMES)
    rows = names.rows.to_pylist()
    if names.total > len(rows):
        found.notes.append(f"{value}: the first {len(rows)} of {names.total} sightings were followed")
    if names.damage:
        found.notes.append(f"{value}: {len(names.damage)} damaged files of names could not be asked")
    found.files |= {(row["path"], row["sha256"]) for row in rows}
    found.at |= {row["time"] for row in rows}
    found.connections |= _named(lake, rows, found)
    found.seed["connections"] = len(found.connections)
    return found


def of_hops(paths: Iterable[Path]) -> set[Key]:
    """The connections of every hop of some paths."""
    return {
        _stored(
            {
                "src": hop.src,
                "src_realm": hop.src_realm or "",
                "dst": hop.dst,
                "dst_realm": hop.dst_realm or "",
                "protocol": hop.protocol,
                "port": hop.port,
            }
        )
        for path in paths
        for hop in path.hops
    }


def of_logons(document: InvestigationDocument) -> set[tuple[str, str]]:
    """Files (path, hash of the content) in which the logons that an investigation names stand."""
    hops = [hop for path in document.paths for hop in path.hops]
    said = [hop.logons for hop in hops] + [other.logons for hop in hops for other in hop.also]
    evidence = [one for logons in said if logons is not None for one in logons.evidence]
    evidence += [one for removed in document.traces_removed for one in removed.evidence]
    evidence += [one for item in document.timeline if item.source == LOGONS for one in item.evidence]
    return {(one.path, one.sha256) for one in evidence if one.path and one.sha256}


def table(connections: Iterable[Key]) -> pa.Table:
    """Keys as questions take them."""
    rows = sorted(connections, key=repr)
    columns = list(zip(*rows, strict=True)) or [()] * len(_COLUMNS)
    arrays = [pa.array(list(c), f.type) for c, f in zip(columns, CONNECTIONS, strict=True)]
    return pa.table(arrays, schema=CONNECTIONS)


def findings_among(findings: Iterable[Finding], connections: set[Key]) -> list[str]:
    """Ids of the findings whose connection is one of these, in the order given."""
    ids = {_id(connection) for connection in connections}
    return [finding.id for finding in findings if finding.id in ids]


def _id(connection: Key) -> str:
    row = dict(zip(_COLUMNS, connection, strict=True))
    return finding_id(
        text_of(row["src_hi"], row["src_lo"]),
        text_of(row["dst_hi"], row["dst_lo"]),
        protocols.name(row["protocol"]),
        row["port"],
        row["src_realm"],
        row["dst_realm"],
    )


def _stored(connection: Mapping[str, Any]) -> Key:
    values = {"protocol": protocols.number(connection["protocol"]), "port": connection["port"]}
    for name in ("src", "dst"):
        values[f"{name}_realm"] = connection[f"{name}_realm"]
        values[f"{name}_hi"], values[f"{name}_lo"] = key(parse_address(connection[name]))
    return tuple(values[name] for name in _COLUMNS)


def _address(text: str) -> IPAddress | None:
    try:
        return parse_address(text)
    except ValueError:
        return None


def _ends(inventory: Inventory, text: str) -> list[tuple[str, IPAddress]]:
    address = _address(text)
    if address is not None:
        return [(realm, address) for realm in sorted(inventory.realms)]
    realm, _, rest = text.partition(":")
    address = _address(rest)
    if realm not in inventory.realms or address is None:
        raise RequestError(
            f"{text!r} is no host",
            "an address, REALM:ADDRESS, or a hostname of assets.csv; other names are an --indicator",
        )
    return [(realm, address)]


def _say(lake: Lake, found: Found) -> None:
    """Where no flow of the connections is on record, who named them: files and times."""
    connections = table(found.connections)
    if lake.first_last(connections).num_rows:
        return
    values = lake.names_seen(connections, MOST_NAMES).rows["value"].unique().to_pylist()
    ends = {one[:6] for one in found.connections}
    for row in lake.names(values, limit=MOST_NAMES).rows.to_pylist():
        if tuple(row[name] for name in _COLUMNS[:6]) in ends:
            found.files.add((row["path"], row["sha256"]))
            found.at.add(row["time"])


def _touch(lake: Lake, ends: Sequence[tuple[str, IPAddress]], found: Found) -> None:
    keys = [key(address) for _, address in ends]
    asked = pa.table(
        {
            "realm": [realm for realm, _ in ends],
            "hi": [hi for hi, _ in keys],
            "lo": [lo for _, lo in keys],
        },
        schema=_ENDS,
    )
    touched = lake.touching(asked, MOST_CONNECTIONS)
    if touched.num_rows >= MOST_CONNECTIONS:
        found.notes.append(
            f"{found.seed['value']}: its {MOST_CONNECTIONS:,} connections with the most flows were taken"
        )
    found.connections |= _keys(touched)


def _keys(rows: pa.Table) -> set[Key]:
    columns = [rows[name].to_pylist() for name in _COLUMNS]
    return set(zip(*columns, strict=True))


def _sides(connection: Key) -> list[tuple[int, IPAddress]]:
    """(place of the realm, address) of both ends."""
    return [
        (place, parse_address(text_of(connection[place + 1], connection[place + 2])))
        for place in (_COLUMNS.index("src_realm"), _COLUMNS.index("dst_realm"))
    ]


def _between(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[f"{side}_{part}"] for side in ("src", "dst") for part in ("realm", "hi", "lo"))


def _named(lake: Lake, rows: Sequence[Mapping[str, Any]], found: Found) -> set[Key]:
    """The connections that names were seen in: same ends, same port."""
    seen = {
        (*_between(row), row["dst_port"])
        for row in rows
        if row["src_hi"] is not None and row["dst_hi"] is not None
    }
    if not seen:
        return set()
    sources = sorted({one[:3] for one in seen})
    asked = pa.table(
        {name: [one[i] for one in sources] for i, name in enumerate(_ENDS.names)}, schema=_ENDS
    )
    touched = _keys(lake.touching(asked, MOST_CONNECTIONS))
    port = _COLUMNS.index("port")
    ends = {(*one[:6], one[6]) for one in seen}
    matched = {c for c in touched if (*c[:6], c[port]) in ends or (*c[:6], None) in ends}
    if not matched:
        found.notes.append(
            f"{found.seed['value']}: no flow of the connections that named it is on record"
        )
    # Of some nothing but the name is on record: that is what their findings rest on.
    known = {(*c[:6], c[port]) for c in matched} | {(*c[:6], None) for c in matched}
    said = (named_in(row) for row in rows if (*_between(row), row["dst_port"]) not in known)
    return matched | {one for one in said if one is not None}
