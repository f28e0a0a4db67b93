"""Terminals in LDIF, as ldifde and ldapsearch export a directory (RFC 2849).

Only entries of class computer are terminals. GUIDs are binary, their first three groups
reversed ([MS-DTYP] 2.3.4.2).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from uuid import UUID

from sekisho.fleet.registers.base import ALIASES, Register, plain

_BINARY = frozenset({"objectguid", "netbootguid"})
_ENTRY_LINES = 20_000
_LINE = 1 << 20


def is_ldif(head: bytes) -> bool:
    """Whether a file begins like LDIF."""
    for line in _utf8(head).splitlines():
        if line.strip() and not line.startswith(b"#"):
            return line.lower().startswith((b"version:", b"dn:"))
    return False


def read(content: bytes) -> Register:
    """Terminals of an LDIF file; a row is the line at which its entry begins."""
    found = Register()
    content = _utf8(content)
    for line, entry in _entries(content, found):
        # ldifde writes each entry that it exports as one to be added.
        if any(value.strip().lower() != b"add" for value in entry.get("changetype", ())):
            found.leave(line, "is a change, not an entry: export entries")
            continue
        classes = {
            value.decode("utf-8", "replace").casefold() for value in entry.get("objectclass", ())
        }
        if "dn" not in entry or (classes and "computer" not in classes):
            found.others += 1
            continue
        try:
            values = {
                field: next((_value(name, entry[name][0]) for name in names if name in entry), "")
                for field, names in ALIASES.items()
            }
        except ValueError as error:
            found.leave(line, str(error))
            continue
        found.add(line, values)
    return found


def _utf8(content: bytes) -> bytes:
    """`ldifde -u`, and PowerShell where it is not told otherwise, write UTF-16."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace").encode()
    return content.removeprefix(b"\xef\xbb\xbf")


def _value(name: str, value: bytes) -> str:
    if name in _BINARY and len(value) == 16:
        return str(UUID(bytes_le=value))
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name} is no text") from error


def _entries(content: bytes, found: Register) -> Iterator[tuple[int, dict[str, list[bytes]]]]:
    entry: dict[str, list[bytes]] = {}
    begin = 0
    broken = False
    size = 0
    for number, line in _unfolded(content):
        if not line.strip():
            if entry and not broken:
                yield begin, entry
            entry, begin, broken, size = {}, 0, False, 0
            continue
        if line.startswith(b"#"):
            continue
        begin = begin or number
        size += 1
        name, colon, rest = line.partition(b":")
        if broken:
            continue
        try:
            if not colon or size > _ENTRY_LINES or len(line) > _LINE:
                raise ValueError("is no attribute")
            if rest.startswith(b"<"):
                raise ValueError("points to another file, which is not read")
            value = (
                base64.b64decode(rest[1:].strip(), validate=True)
                if rest.startswith(b":")
                else rest.strip()
            )
        except (ValueError, binascii.Error) as error:
            reason = "is no base64" if isinstance(error, binascii.Error) else str(error)
            found.leave(number, f"{reason}: its entry was set aside")
            broken = True
            continue
        key = plain(name.decode("ascii", "replace").partition(";")[0])
        if key != "version":
            entry.setdefault(key, []).append(value)
    if entry and not broken:
        yield begin, entry


def _unfolded(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with the number of each's first; one that begins with a space goes on with the one before."""
    parts: list[bytes] = []
    begin = 0
    for number, raw in enumerate(content.split(b"\n"), 1):
        line = raw.removesuffix(b"\r")
        if line.startswith(b" ") and parts:
            parts.append(line[1:])
            continue
        if begin:
            yield begin, b"".join(parts)
        parts, begin = [line], number
    if begin:
        yield begin, b"".join(parts)
