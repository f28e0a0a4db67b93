"""What identifies a machine, and what only looks as if it did.

Boards leave the factory with all zeros, all ones or the vendor's example where a UUID or serial number
belongs; thousands of machines then share it. Source: DMTF DSP0134 (SMBIOS), 7.2.1.
"""

from __future__ import annotations

import re
import unicodedata
from uuid import UUID

_JUNK_UUIDS = frozenset(
    {
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "01234567-8910-1112-1314-151617181920",
        "12345678-1234-5678-90ab-cddeefaabbcc",
        "12345678-1234-1234-1234-123456789abc",
        "11111111-2222-3333-4444-555555555555",
        "00112233-4455-6677-8899-aabbccddeeff",
        "4c4c4544-0000-2010-8020-80c04f202020",
        "4c4c4544-0046-3310-805a-b7c04f533232",
        "63203342-0eb0-aa1a-4df5-3fb37dbb0670",
    }
)
_FEWEST_DIGITS = 4
"""Different hexadecimal digits that a real UUID has at least: all zeros, all F, FEFE… have fewer."""
_JUNK_SERIALS = frozenset(
    {
        "none",
        "null",
        "na",
        "unknown",
        "default",
        "defaultstring",
        "serial",
        "serialnumber",
        "systemserialnumber",
        "chassisserialnumber",
        "baseboardserialnumber",
        "tobefilledbyoem",
        "tobefilledbyo",
        "notspecified",
        "notapplicable",
        "notavailable",
        "notsettable",
        "invalid",
        "empty",
        "unset",
        "sernum",
        "oem",
        "oemserial",
        "123456",
        "1234567",
        "12345678",
        "123456789",
        "1234567890",
        "0123456789",
        "123456789012345678901234567",
        "xxxxxxxx",
        "invalidserial",
        "filledbyoem",
        "system",
    }
)
_NOT_HEX = re.compile(r"[^0-9a-f]")
MOST_MARKS = 3
"""Marks on one letter: Thai has two, Devanagari three; more only cover what stands beside."""
_LONGEST_NAME = 255
_LONGEST_LABEL = 63


def uuid_of(text: str) -> str:
    """A UUID as 8-4-4-4-12 in lower case; '' for none. Raises ValueError for what is no UUID."""
    bare = text.strip().lower().removeprefix("urn:uuid:")
    # Firmware and exports write words where there is none: "Not Settable", "N/A".
    if "".join(c for c in bare if c.isalnum()) in {"", *_JUNK_SERIALS}:
        return ""
    if re.fullmatch(r"x'[0-9a-f]{32}'", bare):
        # csvde writes binary attributes so; Active Directory keeps the first three groups reversed.
        return str(UUID(bytes_le=bytes.fromhex(bare[2:-1])))
    if not re.fullmatch(
        r"\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?", bare
    ):
        raise ValueError("is no UUID")
    return str(UUID(_NOT_HEX.sub("", bare)))


def identifies(uuid: str) -> bool:
    """Whether a UUID can tell one machine from others."""
    return len(set(uuid) - {"-"}) >= _FEWEST_DIGITS and uuid not in _JUNK_UUIDS


def uuid_key(uuid: str) -> str:
    """The same key for both byte orders: before SMBIOS 2.6 tools disagree about the first three groups.
    '' for a UUID that identifies nothing."""
    if not uuid or not identifies(uuid):
        return ""
    swapped = str(UUID(bytes=UUID(uuid).bytes_le))
    return min(uuid, swapped) if identifies(swapped) else ""


def serial_key(serial: str) -> str:
    """A serial number in one spelling; '' for one that identifies nothing."""
    bare = "".join(c for c in serial.casefold() if c.isalnum())
    if len(bare) < 4 or len(set(bare)) < 3 or bare in _JUNK_SERIALS:
        return ""
    return bare


def is_name(text: str) -> bool:
    """Whether text can be a machine's name: letters of any script and their marks, digits, `_`, `-`, dots."""
    if not 0 < len(text.removesuffix("$")) <= _LONGEST_NAME:
        return False
    marks = 0
    for n, one in enumerate(unicodedata.normalize("NFKC", text).removesuffix("$")):
        if unicodedata.category(one).startswith("M"):
            marks += 1
            if n == 0 or marks > MOST_MARKS:
                return False
            continue
        marks = 0
        if not (one.isalnum() or one == "_" or (n and one in "-.")):
            return False
    return True


def name_key(hostname: str) -> tuple[str, str]:
    """The short name and the domain ('' where it has none), in one spelling.

    Case, width (`ＰＣ１` is `pc1`) and IDNA (`xn--…`) do not tell machines apart. Sources: UAX #15, RFC 5890.
    """
    plain = unicodedata.normalize("NFKC", hostname).rstrip(".").removesuffix("$")
    labels = [_shown(label) for label in plain.casefold().split(".")]
    return labels[0], ".".join(labels[1:])


def _shown(label: str) -> str:
    if not label.startswith("xn--") or len(label) > _LONGEST_LABEL:
        return label
    try:
        found = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label
    # What decodes to no name, or to one that needs no IDNA, is only called so.
    return (
        unicodedata.normalize("NFKC", found).casefold()
        if not found.isascii() and is_name(found)
        else label
    )
