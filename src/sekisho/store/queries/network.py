"""What sensors on the network recorded, as rules of detection may ask it, beside terminals' events.

A record is one line of a sensor's log as far as the lake keeps it: names that were seen together, a logon, or a
flow. Two sensors that saw one connection recorded it twice. Reads `superseded` (file, row).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from sekisho.model.logons import LogonKind
from sekisho.model.names import NameKind
from sekisho.store.queries.sources import parquet

Side = Literal["names", "logons", "flows"]
SEPARATOR = 31
"""The number of what stands between the parts of a connection's key."""
_SRC, _DST = "s.text", "d.text"
_ENDS = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo", "dst_port")
_KEY = ", ".join(f"coalesce(CAST(g.{one} AS VARCHAR), '')" for one in _ENDS)


@dataclass(frozen=True, slots=True)
class Relation:
    """One kind of record. `values` are what is kept of it, as SQL over a record; `many` those of which a record
    may have several, joined by line feeds; `caseless` those kept in lower case, since case says nothing."""

    title: str
    side: Side
    kinds: tuple[str, ...]
    values: Mapping[str, str]
    many: frozenset[str] = frozenset()
    caseless: frozenset[str] = frozenset()
    where: str = "true"


_CONNECTED = {
    "uid": "g.uid",
    "id.orig_h": _SRC,
    "id.resp_h": _DST,
    "id.resp_p": "CAST(g.dst_port AS VARCHAR)",
}


def _names(title: str, values: Mapping[str, NameKind], many: Collection[str] = ()) -> Relation:
    columns = {name: f"g.k_{kind}" for name, kind in values.items()}
    kinds = tuple(str(kind) for kind in values.values())
    kept = frozenset(name for name, kind in values.items() if kind is not NameKind.USER_AGENT)
    return Relation(title, "names", kinds, _CONNECTED | columns, frozenset(many), kept)


def _logons(title: str, kinds: Sequence[LogonKind], values: Mapping[str, str]) -> Relation:
    # What a Windows log says has a number; it is asked as events.
    return Relation(
        title, "logons", tuple(map(str, kinds)), {**_CONNECTED, **values}, where="r.event IS NULL"
    )


_TRUTH = "CASE WHEN g.success THEN 'true' WHEN NOT g.success THEN 'false' END"
_SHARE = r"'^(\\\\[^\\]+\\[^\\]+)(?:\\(.*))?$'"
_IN_SHARE = r"starts_with(g.target, '\\')"
_FLOW = {
    "uid": "g.uid",
    "id.orig_h": _SRC,
    "id.orig_p": "CAST(g.src_port AS VARCHAR)",
    "id.resp_h": _DST,
    "id.resp_p": "CAST(g.dst_port AS VARCHAR)",
    "proto": "CASE g.protocol WHEN 6 THEN 'tcp' WHEN 17 THEN 'udp' WHEN 1 THEN 'icmp' WHEN 58 THEN 'icmp'"
    " ELSE CAST(g.protocol AS VARCHAR) END",
    "service": "g.service",
    "duration": "CAST((epoch_us(g.stop) - epoch_us(g.time)) / 1000000.0 AS VARCHAR)",
    "orig_bytes": "CAST(g.payload_out AS VARCHAR)",
    "resp_bytes": "CAST(g.payload_in AS VARCHAR)",
    "orig_ip_bytes": "CAST(g.bytes_out AS VARCHAR)",
    "resp_ip_bytes": "CAST(g.bytes_in AS VARCHAR)",
    "orig_pkts": "CAST(g.packets_out AS VARCHAR)",
    "resp_pkts": "CAST(g.packets_in AS VARCHAR)",
}
RELATIONS: Mapping[str, Relation] = MappingProxyType(
    {
        "dns": _names(
            "DNS questions and answers",
            {"query": NameKind.DNS_QUERY, "answers": NameKind.DNS_ANSWER},
            ["answers"],
        ),
        "http": _names(
            "HTTP requests", {"host": NameKind.HTTP_HOST, "user_agent": NameKind.USER_AGENT}
        ),
        "ssl": _names(
            "TLS handshakes",
            {
                "server_name": NameKind.SNI,
                "ja3": NameKind.JA3,
                "ja3s": NameKind.JA3S,
                "ja4": NameKind.JA4,
            },
        ),
        "files": _names(
            "files on the wire",
            {"md5": NameKind.MD5, "sha1": NameKind.SHA1, "sha256": NameKind.SHA256},
        ),
        "kerberos": _logons(
            "Kerberos requests",
            [LogonKind.TICKET, LogonKind.SERVICE_TICKET, LogonKind.TICKET_SHOWN],
            {
                "request_type": f"CASE g.kind WHEN '{LogonKind.SERVICE_TICKET}' THEN 'TGS'"
                f" WHEN '{LogonKind.TICKET}' THEN 'AS' END",
                "client": "g.account",
                "service": "g.target",
                "error_msg": "g.detail",
                "success": _TRUTH,
            },
        ),
        "ntlm": _logons(
            "NTLM logons",
            [LogonKind.NTLM],
            {
                "username": r"regexp_extract(g.account, '([^\\]*)$', 1)",
                "domainname": r"CASE WHEN contains(g.account, '\') THEN split_part(g.account, '\', 1) END",
                "hostname": "g.src_name",
                "success": _TRUTH,
            },
        ),
        "smb_mapping": _logons(
            "SMB shares that were opened",
            [LogonKind.SHARE],
            {"path": "g.target", "service": "g.detail"},
        ),
        "smb_files": _logons(
            "files and pipes of SMB shares",
            [LogonKind.FILE],
            {
                "path": f"CASE WHEN {_IN_SHARE} THEN nullif(regexp_extract(g.target, {_SHARE}, 1), '') END",
                "name": f"CASE WHEN {_IN_SHARE} THEN nullif(regexp_extract(g.target, {_SHARE}, 2), '')"
                " ELSE g.target END",
                "action": "g.detail",
            },
        ),
        "dce_rpc": _logons(
            "remote procedures that were called",
            [LogonKind.RPC],
            {
                "endpoint": "CASE WHEN contains(g.target, '::') THEN split_part(g.target, '::', 1) END",
                "operation": "regexp_replace(g.target, '^.*?::', '')",
                "named_pipe": "g.detail",
            },
        ),
        "conn": Relation("flows", "flows", (), _FLOW),
        "rdp": Relation(
            "flows of remote desktop that a sensor recognised",
            "flows",
            (),
            _FLOW,
            where="list_contains(string_split(r.service, ','), 'rdp')",
        ),
    }
)
"""By their names here; Zeek's logs of the same names are what most of their values come from."""


def ends(relation: Relation, paths: Sequence[Path]) -> str:
    """The different addresses (hi, lo) of records."""
    one = f"SELECT {{0}}_hi AS hi, {{0}}_lo AS lo FROM {_rows(relation, paths)} WHERE {{0}}_hi IS NOT NULL"
    return f"SELECT DISTINCT hi, lo FROM ({one.format('src')} UNION ALL {one.format('dst')})"


def asks_ends(relation: Relation, names: Collection[str]) -> bool:
    """Whether any of the values is an address."""
    return any(relation.values.get(name) in (_SRC, _DST) for name in names)


def records(name: str, paths: Sequence[Path], values: Sequence[str]) -> str:
    """Records with the columns that events have: file (below 0, the manifest's number), row, host (the key of
    the connection), channel (the relation), record, time, event_id, and `values` as f0, f1 …

    Reads `network_ends` (hi, lo, text) where a value is an address.
    """
    relation = RELATIONS[name]
    rows = _rows(relation, paths)
    columns = "".join(
        f", {relation.values.get(one, 'NULL')}::VARCHAR AS f{at}" for at, one in enumerate(values)
    )
    if relation.side == "names":
        kinds = "".join(f", {_gathered(relation, kind)} AS k_{kind}" for kind in relation.kinds)
        first = ", ".join(f"any_value({one}) AS {one}" for one in ("uid", *_ENDS))
        rows = f"(SELECT file, row, min(time) AS time, {first}{kinds} FROM {rows} GROUP BY file, row)"
    elif relation.side == "flows":
        rows = f'(SELECT *, start AS time, "end" AS stop FROM {rows})'
    joins = ""
    if asks_ends(relation, values):
        joins = "".join(
            f" LEFT JOIN network_ends {one} ON {one}.hi = g.{end}_hi AND {one}.lo = g.{end}_lo"
            for one, end in (("s", "src"), ("d", "dst"))
        )
    return (
        f"SELECT -g.file AS file, g.row, concat_ws(chr({SEPARATOR}), {_KEY}) AS host, '{name}' AS channel,"
        f" NULL::BIGINT AS record, g.time, NULL::INTEGER AS event_id{columns} FROM {rows} g{joins}"
    )


def present(name: str, paths: Sequence[Path]) -> str:
    """Whether there is any such record."""
    relation = RELATIONS[name]
    return f"SELECT EXISTS (SELECT 1 FROM {_rows(relation, paths)}) AS present"


def _gathered(relation: Relation, kind: str) -> str:
    several = any(relation.values[name] == f"g.k_{kind}" for name in relation.many)
    how = "string_agg(DISTINCT value, chr(10) ORDER BY value)" if several else "max(value)"
    return f"{how} FILTER (WHERE kind = '{kind}')"


def _rows(relation: Relation, paths: Sequence[Path]) -> str:
    where = [relation.where]
    if relation.kinds:
        kinds = ", ".join(f"'{kind}'" for kind in relation.kinds)
        where.append(f"r.kind IN ({kinds})")
    return (
        f"(SELECT r.* FROM {parquet(paths)} r ANTI JOIN superseded x ON r.file = x.file AND r.row = x.row"
        f" WHERE {' AND '.join(where)})"
    )
