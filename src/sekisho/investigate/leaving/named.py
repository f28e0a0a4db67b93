"""What logs name of what was taken: servers that were asked for, hashes of files, shares and files opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sekisho.inventory.register import Inventory
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.leaving.judging import Item
from sekisho.investigate.moments import moment
from sekisho.investigate.placing import placed
from sekisho.model.addresses import key, parse_address, text_of
from sekisho.model.hops import Evidence
from sekisho.model.logons import LogonKind
from sekisho.model.names import NameKind
from sekisho.store.lake import Lake

EACH = 8
"""Names, and files or shares, that are told of one."""
LOOKED_AT = 40
MOST = 20_000
"""Records of shares that are looked at."""
SERVERS = (NameKind.SNI, NameKind.HTTP_HOST, NameKind.DNS_QUERY)
_WORDS = {
    NameKind.SNI: "asked for as",
    NameKind.HTTP_HOST: "asked for over HTTP as",
    NameKind.DNS_QUERY: "the name asked for was",
    NameKind.MD5: "a file went over it with MD5",
    NameKind.SHA1: "a file went over it with SHA-1",
    NameKind.SHA256: "a file went over it with SHA-256",
}


def names_of(lake: Lake, fabric: Fabric, item: Item) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
    """Server names that were seen in its flows, and what says so of servers and files."""
    rows = lake.names_seen(fabric.table(item.rows), 200).rows.to_pylist()
    order = [str(kind) for kind in _WORDS]
    wanted = sorted((row for row in rows if row["kind"] in order), key=lambda r: order.index(r["kind"]))
    servers = [row["value"] for row in wanted if row["kind"] in SERVERS]
    told = tuple(
        Evidence(
            path=row["path"],
            sha256=row["sha256"],
            row=row["row"],
            sensor=row["sensors"][0] if row["sensors"] else None,
            at=row["first"],
            text=f"{_WORDS[NameKind(row['kind'])]} {row['value']}",
        )
        for row in wanted[:EACH]
    )
    return tuple(dict.fromkeys(servers)), told


def opened(
    lake: Lake, fabric: Fabric, inventory: Inventory, items: Iterable[Item]
) -> dict[Item, tuple[Evidence, ...]]:
    """Shares and files that the one end opened at the other of moves within the company, as Windows' and
    Zeek's logs name them, each once."""
    kept = list(items)[:LOOKED_AT]
    if not kept:
        return {}
    names = {host: _names(fabric, inventory, host, one) for one in kept for host in (one.src, one.dst)}
    every = set().union(*names.values())
    begin = moment(min(one.first for one in kept)) - timedelta(hours=1)
    end = moment(max(one.last for one in kept)) + timedelta(hours=1)
    hosts = sorted({host for one in kept for host in (one.src, one.dst)})
    rows = lake.logons.look_up(
        begin,
        end,
        hosts=sorted(every),
        addresses={key(parse_address(fabric.address(host))) for host in hosts},
        kinds=(LogonKind.SHARE, LogonKind.FILE),
        limit=MOST,
    ).rows.to_pylist()
    found = {}
    for one in kept:
        told = tuple(_of(one, rows, names, fabric))[:EACH]
        if told:
            found[one] = told
    return found


def _names(fabric: Fabric, inventory: Inventory, host: int, one: Item) -> set[str]:
    """What logs may call a host: its address, its hostname, and the first part of that."""
    address = fabric.address(host)
    asset = placed(inventory, fabric, host, one.first).asset
    if asset is None:
        return {address}
    name = asset.hostname.lower()
    return {address, name, name.partition(".")[0]}


def _of(
    one: Item, rows: Iterable[dict[str, Any]], names: dict[int, set[str]], fabric: Fabric
) -> Iterator[Evidence]:
    slack = timedelta(hours=1)
    begin, end = moment(one.first) - slack, moment(one.last) + slack
    seen: set[str] = set()
    for row in rows:
        target, at = row["target"], row["time"]
        if not target or target in seen or not begin <= at <= end:
            continue
        for server, client in ((one.src, one.dst), (one.dst, one.src)):
            if _at(row, names[server]) and _from(row, names[client], fabric.address(client)):
                seen.add(target)
                yield _evidence(row, target, at)
                break


def _at(row: dict[str, Any], names: set[str]) -> bool:
    host = str(row["host"]).lower()
    return host in names or host.partition(".")[0] in names or _address(row, "dst") in names


def _from(row: dict[str, Any], names: set[str], address: str) -> bool:
    return _address(row, "src") == address or str(row["src_name"] or "").lower() in names


def _address(row: dict[str, Any], end: str) -> str | None:
    hi, lo = row[f"{end}_hi"], row[f"{end}_lo"]
    return None if hi is None else text_of(hi, lo)


def _evidence(row: dict[str, Any], target: str, at: datetime) -> Evidence:
    word = "share" if row["kind"] == LogonKind.SHARE else "file"
    by = f" by {row['account']}" if row["account"] else ""
    return Evidence(
        path=row["path"],
        sha256=row["sha256"],
        row=row["row"],
        sensor=row["sensor"],
        at=at,
        text=f"{word} {target} was opened{by}",
    )
