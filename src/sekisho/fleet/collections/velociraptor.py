"""Velociraptor's offline collections: a ZIP with `client_info.json` and a file of rows for each artifact.

Nothing is unpacked to disk, and no name from within names anything outside. Sizes are bounded as they are read:
what a ZIP says of itself is not believed. Source: Velociraptor's documentation, "Offline triage".
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, BinaryIO
from urllib.parse import unquote

from sekisho.fleet.collections import evtx
from sekisho.fleet.collections.base import Collection, Row, machine, object_of, row_of, text_of, time_of
from sekisho.fleet.identity import name_key
from sekisho.model.terminals import Sighting

MOST_MEMBERS = 50_000
MAX_DIRECTORY = 16 << 20
MAX_MEMBER = 256 << 20
MAX_ALL = 2 << 30
MAX_RATIO = 500
_FREE = 1 << 20
"""So much may come out of a member whatever went in."""
_BLOCK = 1 << 18
_TAIL = (1 << 16) + 22 + 20 + 56
_BROKEN = (
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,
    OSError,
    EOFError,
)
"""What a member that is broken, packed in a way that is not known, or encrypted raises."""

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
            "processes",
            {"name": "name", "exe": "path", "commandline": "cmdline"},
        ),
    }
)
"""Artifacts by name (and source): the table that they hold, and what its columns are called there."""


def is_collection(stream: BinaryIO) -> bool:
    """Whether a ZIP's members are a collection's. A broken one, or one with too many, is none."""
    try:
        if _directory(stream) > MAX_DIRECTORY:
            return False
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False
    finally:
        stream.seek(0)
    plain = {name.rpartition("/")[2] for name in names}
    return bool(plain & {"client_info.json", "collection_context.json"})


def read(stream: BinaryIO) -> Collection:
    """The machine of a collection. What is set aside is counted in members of the ZIP, from 1."""
    found = Collection()
    try:
        if _directory(stream) > MAX_DIRECTORY:
            found.leave(0, "has a list of members that is too long")
            return found
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                found.leave(0, f"has more than {MOST_MEMBERS:,} members")
            else:
                _members(archive, members, found)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        found.leave(0, f"is no whole ZIP: {str(error)[:200]}")
    return found


def _directory(stream: BinaryIO) -> int:
    """Bytes of the list of members, which is read whole; 0 where there is none (APPNOTE 4.3.14, 4.3.16)."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read()
    stream.seek(0)
    end = tail.rfind(b"PK\5\6")
    if end < 0 or end + 22 > len(tail):
        return 0
    length: int = struct.unpack_from("<I", tail, end + 12)[0]
    large = tail.rfind(b"PK\6\6", 0, end)
    if large >= 0 and large + 48 <= len(tail):
        length = max(
            0 if length == 0xFFFFFFFF else length, struct.unpack_from("<Q", tail, large + 40)[0]
        )
    return length


def _members(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], found: Collection) -> None:
    budget = [MAX_ALL]
    named = {info.filename: info for info in members}
    context = _first(archive, named, "collection_context.json", budget, found)
    info = _first(archive, named, "client_info.json", budget, found)
    try:
        who = _who(info or context)
    except ValueError as error:
        found.leave(0, str(error))
        return
    found.machines[who.id] = (who, {})
    at = next(
        (t for k in ("start_time", "create_time", "timestamp") if (t := time_of(context.get(k)))), None
    )
    for number, member in enumerate(members, 1):
        name = unquote(member.filename.replace("\\", "/"))
        if name.startswith("/") or ".." in PurePosixPath(name).parts or re.match(r"[A-Za-z]:", name):
            found.leave(number, "has a name that leads out of the collection")
            continue
        artifact = re.fullmatch(r"(?:.*/)?results/(.+)\.json", name)
        log = name.lower().endswith((".evtx",)) and "uploads/" in name
        if artifact is None and not log:
            continue
        try:
            content = _content(archive, member, budget)
            if log:
                _log(found, who, content)
            elif artifact and (known := TABLES.get(artifact[1].casefold())):
                gathered = found.table(who, known[0])
                gathered.collected = at
                try:
                    for row in _rows(content):
                        gathered.add(_renamed(row, known[1]))
                except ValueError:
                    # What lacks a row must not be found clean.
                    gathered.whole, gathered.why = False, "a part of it could not be read"
                    raise
        except _BROKEN as error:
            found.leave(number, str(error)[:200])


def _log(found: Collection, who: Sighting, content: bytes) -> None:
    within = evtx.read(io.BytesIO(content))
    own = name_key(who.hostname)[0]
    for other, tables in within.machines.values():
        if name_key(other.hostname)[0] != own:
            # One machine does not answer for another.
            found.notes.append(
                f"holds events of {other.hostname}, which is not {who.hostname}: left out"
            )
            continue
        for name, gathered in tables.items():
            mine = found.table(who, name)
            for row in gathered.rows:
                mine.add(row)
            if gathered.collected and (mine.collected is None or gathered.collected > mine.collected):
                mine.collected = gathered.collected
    for aside in within.aside[:100]:
        found.leave(0, f"event log: {aside.why}")


def _who(info: Mapping[str, Any]) -> Sighting:
    plain: dict[str, str] = {}
    for key, value in info.items():
        plain[key.casefold()] = text_of(value)
        if isinstance(value, Mapping):
            plain = {str(k).casefold(): text_of(v) for k, v in value.items()} | plain
    name = plain.get("fqdn") or plain.get("hostname") or ""
    return machine(name, plain.get("hardware_uuid", ""), plain.get("os") or plain.get("platform") or "")


def _first(
    archive: zipfile.ZipFile,
    named: Mapping[str, zipfile.ZipInfo],
    wanted: str,
    budget: list[int],
    found: Collection,
) -> dict[str, Any]:
    for name, member in named.items():
        if name.rpartition("/")[2] == wanted:
            try:
                return object_of(_content(archive, member, budget).strip())
            except _BROKEN as error:
                found.leave(0, f"{wanted} {str(error)[:200]}")
    return {}


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: list[int]) -> bytes:
    most = min(MAX_MEMBER, budget[0], max(_FREE, member.compress_size * MAX_RATIO))
    parts: list[bytes] = []
    size = 0
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > most:
                raise ValueError("unpacks to more than is believed: a bomb, or too large")
            parts.append(block)
    budget[0] -= size
    return b"".join(parts)


def _rows(content: bytes) -> Iterator[Row]:
    text = content.strip()
    if text.startswith(b"["):
        listed = object_of(b'{"rows":' + text + b"}")["rows"]
        yield from map(row_of, listed if isinstance(listed, list) else ())
        return
    for line in text.split(b"\n"):
        if line.strip():
            yield row_of(object_of(line))


def _renamed(row: Row, names: Mapping[str, str]) -> Row:
    return {names.get(key, key): value for key, value in row.items()}
