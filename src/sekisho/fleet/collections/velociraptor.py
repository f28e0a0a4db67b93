"""Velociraptor's offline collections: a ZIP with `client_info.json` and a file of rows for each artifact.

Source: Velociraptor's documentation, "Offline triage", and its artifacts.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, BinaryIO

from sekisho.fleet.collections import evtx
from sekisho.fleet.collections.base import Collection, Row, machine, object_of, row_of, text_of, time_of
from sekisho.fleet.collections.looking import Look
from sekisho.fleet.collections.members import BROKEN, Member, names, of_zip
from sekisho.fleet.identity import name_key
from sekisho.model.terminals import Sighting

SUBSCRIPTIONS = "windows.persistence.permanentwmievents"
"""The one artifact that holds several tables."""
_SUBSCRIBED = (
    "wmi_event_filters",
    "wmi_cli_event_consumers",
    "wmi_script_event_consumers",
    "wmi_filter_consumer_binding",
)
TABLES: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "windows.system.services": (
            "services",
            {
                "name": "name",
                "pathname": "path",
                "servicedll": "module_path",
                "startmode": "start_type",
            },
        ),
        "windows.system.taskscheduler/analysis": (
            "scheduled_tasks",
            {"name": "name", "ospath": "path", "command": "action", "arguments": "arguments"},
        ),
        "windows.sys.startupitems": (
            "startup_items",
            {"name": "name", "details": "path", "ospath": "source"},
        ),
        "windows.sys.programs": ("programs", {"displayname": "name", "name": "name"}),
        "windows.system.localadmins": ("local_admins", {"name": "username", "sid": "sid"}),
        "windows.system.hotfixes": (
            "patches",
            {"hotfixid": "hotfix_id", "installedon": "installed_on"},
        ),
        "windows.system.pslist": (
            "process_files",
            {
                "name": "name",
                "exe": "path",
                "commandline": "cmdline",
                "hash.sha256": "sha256",
                "hash.sha1": "sha1",
                "hash.md5": "md5",
            },
        ),
        "windows.network.netstat": (
            "process_open_sockets",
            {"raddr.ip": "remote_address", "raddr.port": "remote_port"},
        ),
        "windows.network.netstatenriched/netstat": (
            "process_open_sockets",
            {"destip": "remote_address", "destport": "remote_port"},
        ),
        "windows.system.dnscache": ("dns_cache", {"name": "name"}),
    }
)
"""Artifacts by name (and source): the table that they hold, and what its columns are called there."""


def is_collection(stream: BinaryIO) -> bool:
    """Whether a ZIP's members are a collection's. A broken one, or one with too many, is none."""
    plain = {name.rpartition("/")[2] for name in names(stream)}
    return bool(plain & {"client_info.json", "collection_context.json"})


def read(stream: BinaryIO, look: Look | None = None) -> Collection:
    """The machine of a collection. What is set aside is counted in members of the ZIP, from 1; `look` is what
    files that were uploaded are looked at with."""
    found = Collection()
    with of_zip(stream, found) as members:
        if members:
            _members(members, found, look)
    return found


def _members(members: Sequence[Member], found: Collection, look: Look | None) -> None:
    context = _first(members, "collection_context.json", found)
    info = _first(members, "client_info.json", found)
    try:
        who = _who(info or context)
    except ValueError as error:
        found.leave(0, str(error))
        return
    _, tables = found.machines.setdefault(who.id, (who, {}))
    at = next(
        (t for k in ("start_time", "create_time", "timestamp") if (t := time_of(context.get(k)))), None
    )
    for member in members:
        artifact = re.fullmatch(r"(?:.*/)?results/(.+)\.json", member.name)
        uploaded = _uploaded(member)
        try:
            if uploaded and member.name.casefold().endswith(".evtx"):
                _log(found, who, member, look)
            elif artifact is not None and not uploaded:
                _artifact(found, who, artifact[1].casefold(), member)
        except BROKEN as error:
            found.leave(member.number, str(error)[:200])
        if uploaded and look is not None:
            look.at(found, who, member)
    for gathered in tables.values():
        gathered.collected = gathered.collected or at


def _artifact(found: Collection, who: Sighting, name: str, member: Member) -> None:
    if name == SUBSCRIPTIONS:
        tables = [found.table(who, table) for table in _SUBSCRIBED]
    elif known := TABLES.get(name):
        tables = [found.table(who, known[0])]
    else:
        return
    try:
        for row in _rows(member.content()):
            if name == SUBSCRIPTIONS:
                for table, one in zip(tables, _subscription(row), strict=True):
                    if one:
                        table.add(one)
            else:
                tables[0].add(_renamed(row, TABLES[name][1]))
    except BROKEN:
        # What lacks a row must not be found clean.
        for table in tables:
            table.whole, table.why = False, "a part of it could not be read"
        raise


def _subscription(row: Row) -> tuple[Row, Row, Row, Row]:
    """A binding with its two ends, as osquery has them: filter, command, script, binding."""
    name = row.get("consumerdetails.name", "") or row.get("consumer.name", "")
    what = row.get("filterdetails.name", "") or row.get("filter.name", "")
    command = row.get("consumerdetails.commandlinetemplate", "") or row.get(
        "consumerdetails.executablepath", ""
    )
    script = row.get("consumerdetails.scripttext", "") or row.get("consumerdetails.scriptfilename", "")
    engine = row.get("consumerdetails.scriptingengine", "")
    return (
        {"name": what, "query": row.get("filterdetails.query", "")},
        {"name": name, "command_line_template": command} if command else {},
        {"name": name, "scripting_engine": engine, "script_text": script} if script or engine else {},
        {"consumer": name, "filter": what},
    )


def _log(found: Collection, who: Sighting, member: Member, look: Look | None) -> None:
    keep = None if look is None else look.log(member.name)
    within = evtx.read(io.BytesIO(member.content()), keep)
    own = name_key(who.hostname)[0]
    for other, tables in within.machines.values():
        if name_key(other.hostname)[0] != own:
            # One machine does not answer for another.
            found.notes.append(
                f"holds events of {other.hostname}, which is not {who.hostname}: left out"
            )
            continue
        for name, gathered in tables.items():
            found.table(who, name).join(gathered)
    for aside in within.aside[:100]:
        found.leave(member.number, f"{member.name[-200:]}, record {aside.row}: {aside.why}")


def _who(info: Mapping[str, Any]) -> Sighting:
    plain: dict[str, str] = {}
    for key, value in info.items():
        plain[key.casefold()] = text_of(value)
        if isinstance(value, Mapping):
            plain = {str(k).casefold(): text_of(v) for k, v in value.items()} | plain
    name = plain.get("fqdn") or plain.get("hostname") or ""
    return machine(name, plain.get("hardware_uuid", ""), plain.get("os") or plain.get("platform") or "")


def _first(members: Sequence[Member], wanted: str, found: Collection) -> dict[str, Any]:
    """The collection's own file of that name: the one that lies least deep. What was uploaded is the machine's,
    and whoever owns it may have put anything there."""
    own = sorted(
        (m for m in members if m.name.rpartition("/")[2] == wanted and not _uploaded(m)),
        key=lambda m: m.name.count("/"),
    )
    for member in own:
        if member.name == own[0].name and member is not own[0]:
            found.leave(member.number, f"is a second {wanted}: the first counts")
    for member in own[:1]:
        try:
            return object_of(member.content().strip())
        except BROKEN as error:
            found.leave(0, f"{wanted} {str(error)[:200]}")
    return {}


def _uploaded(member: Member) -> bool:
    return member.name.startswith("uploads/") or "/uploads/" in member.name


def _rows(content: bytes) -> Iterator[Row]:
    text = content.strip()
    if text.startswith(b"["):
        listed = object_of(b'{"rows":' + text + b"}")["rows"]
        yield from map(_row, listed if isinstance(listed, list) else ())
        return
    for line in text.split(b"\n"):
        if line.strip():
            yield _row(object_of(line))


def _row(value: Any) -> Row:
    """A row with the plain values of its objects beside its own: `hash.sha256`."""
    if not isinstance(value, Mapping):
        raise ValueError("a row is no object")
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, list) and len(inner) == 1:
            inner = inner[0]
        if isinstance(inner, Mapping):
            flat |= {f"{key}.{name}": one for name, one in inner.items()}
        else:
            flat[str(key)] = inner
    return row_of(flat)


def _renamed(row: Row, names: Mapping[str, str]) -> Row:
    return {names.get(key, key): value for key, value in row.items()}
