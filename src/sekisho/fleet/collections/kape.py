"""Files copied from one machine as they lay there, as KAPE's targets do: `C/Windows/System32/winevt/Logs/…`.

Whose they are is said by the event logs among them, by the newest event of its own channels; without any, by
the name of the folder or ZIP, which KAPE makes of the machine's (`%m`), or by whoever brings them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from sekisho.fleet.collections import evtx, modules
from sekisho.fleet.collections.base import Collection, machine
from sekisho.fleet.collections.looking import Look
from sekisho.fleet.collections.members import BROKEN, Member, names, of_zip
from sekisho.fleet.identity import is_name, name_key
from sekisho.model.terminals import Sighting

_DRIVE = re.compile(r"[A-Za-z]:?")
_TOP = frozenset(
    {
        "windows",
        "users",
        "programdata",
        "program files",
        "program files (x86)",
        "$extend",
        "$recycle.bin",
    }
)
_FORWARDED = "forwardedevents.evtx"
_STAMP = re.compile(r"^\d{4}-?\d{2}-?\d{2}T?[\d:_\-]*[_-]")
"""KAPE puts the time before the name of what it packs."""
_NO_TIME = datetime.min.replace(tzinfo=UTC)


def root_of(path: str) -> str | None:
    """The folder of a path (with `/`) that holds a machine's drive; None where no part of it is one."""
    parts = PurePosixPath(path).parts
    for n, (drive, below) in enumerate(pairwise(parts)):
        if _DRIVE.fullmatch(drive) and below.casefold() in _TOP:
            return "/".join(parts[:n])
    return None


def is_copy(stream: BinaryIO) -> bool:
    """Whether a ZIP holds one machine's files as they lay on its drive."""
    roots = {root_of(name.replace("\\", "/")) for name in names(stream)} - {None}
    return len(roots) == 1


def read_zip(stream: BinaryIO, name: str, look: Look, host: str = "") -> Collection:
    """The machine of a ZIP; `name` is the ZIP's, `host` whose it is where a person says so."""
    found = Collection()
    with of_zip(stream, found) as listed:
        gather(listed, found, name, look, host)
    return found


def gather(listed: Sequence[Member], found: Collection, name: str, look: Look, host: str = "") -> None:
    """Everything that is known of the machine whose files these are, into `found`."""
    logs = [m for m in listed if m.name.casefold().endswith(".evtx")]
    within = [w for m in logs if (w := _log(m, found, look)) is not None]
    who = _who(within, name, host, found)
    if who is None:
        return
    found.machines.setdefault(who.id, (who, {}))
    for one in within:
        _take(found, who, one)
    for member in listed:
        if member.name.casefold().endswith(".csv"):
            _module(found, who, member)
        look.at(found, who, member)
    _, tables = found.machines[who.id]
    at = max((t.collected for t in tables.values() if t.collected), default=None)
    for table in tables.values():
        table.collected = table.collected or at


def _log(member: Member, found: Collection, look: Look) -> Collection | None:
    forwarded = member.name.rpartition("/")[2].casefold() == _FORWARDED
    try:
        copy = cast(BinaryIO, io.BytesIO(member.content()))
        within = evtx.read(copy, None if forwarded else look.log(member.name))
    except BROKEN as error:
        found.leave(member.number, f"{member.name[-200:]}: {str(error)[:200]}")
        return None
    for aside in within.aside[:100]:
        found.leave(member.number, f"{member.name[-200:]}, record {aside.row}: {aside.why}")
    if forwarded:
        # What others sent here is theirs, and no machine answers for another.
        if within.machines:
            found.notes.append(f"{member.name[-200:]} holds what other machines forwarded: left out")
        return None
    return within


def _who(within: Iterable[Collection], name: str, host: str, found: Collection) -> Sighting | None:
    said: dict[str, datetime] = {}
    for one in within:
        for other, tables in one.machines.values():
            last = max((t.collected or _NO_TIME for t in tables.values()), default=_NO_TIME)
            said[other.hostname] = max(last, said.get(other.hostname, _NO_TIME))
    newest = max(said, key=lambda n: (said[n], n), default="")
    if host:
        if newest and name_key(newest)[0] != name_key(host)[0]:
            found.notes.append(f"its event logs are of {newest}, and it was brought as {host}'s")
        return machine(host)
    if newest:
        return machine(newest)
    plain = _STAMP.sub("", name.removesuffix(".zip"))
    if is_name(plain):
        found.notes.append(f"no event log says whose it is: taken for {plain} by its name")
        return machine(plain)
    found.leave(0, "does not say which machine it is of: name it with --host")
    return None


def _take(found: Collection, who: Sighting, within: Collection) -> None:
    own = name_key(who.hostname)[0]
    for other, tables in within.machines.values():
        if name_key(other.hostname)[0] != own:
            note = f"holds events of {other.hostname}, which is not {who.hostname}: left out"
            if note not in found.notes:
                found.notes.append(note)
            continue
        for name, gathered in tables.items():
            found.table(who, name).join(gathered)


def _module(found: Collection, who: Sighting, member: Member) -> None:
    try:
        for name, rows in modules.tables(member.content(modules.MAX_CSV)):
            table = found.table(who, name)
            try:
                for row in rows:
                    table.add(row)
            except ValueError:
                # What lacks a row must not be found clean.
                table.whole, table.why = False, "a part of it could not be read"
                raise
    except BROKEN as error:
        found.leave(member.number, f"{member.name[-200:]}: {str(error)[:200]}")
