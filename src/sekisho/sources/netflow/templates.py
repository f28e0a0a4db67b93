"""Templates: what an exporter says its records look like (RFC 3954, 5.2 and 6.1; RFC 7011, 3.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sekisho.sources.netflow.elements import VARIABLE, Kind, fits, role_of

FIELD_LIMIT = 512
"""Fields of one template; more is no template for a flow."""
FIRST_DATA_SET = 256
_PAIR, _NUMBER = struct.Struct("!HH"), struct.Struct("!I")
_V9_SCOPE_INTERFACE = 2
_INPUT = 10
_NOTHING_KNOWN = -1


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: `enterprise` 0 is IANA's own, -1 none that is known; `size` 65535 is variable."""

    enterprise: int
    element: int
    size: int


@dataclass(frozen=True, slots=True)
class Template:
    """The layout of the records of one set id.

    `scopes` counts the leading scope fields; 0 for flows. `kind` is the NumPy record of the roles that
    are read, over the fields of fixed size alone. `least` is the smallest record in bytes.
    """

    id: int
    fields: tuple[FieldSpec, ...]
    scopes: int
    kind: np.dtype[np.void]
    roles: dict[str, Kind]
    least: int
    variable: bool

    @classmethod
    def of(cls, number: int, fields: tuple[FieldSpec, ...], scopes: int = 0) -> Template:
        """Work the layout out. Raises ValueError where no record could be told from the next."""
        formats: dict[str, Any] = {}
        offsets: dict[str, int] = {}
        roles: dict[str, Kind] = {}
        at, least = 0, 0
        for field in fields:
            if field.size == VARIABLE:
                least += 1
                continue
            found = role_of(field.enterprise, field.element)
            if found is not None and found[0] not in roles and fits(found[1], field.size):
                role, kind = found
                roles[role] = kind
                formats[role] = _format(kind, field.size)
                offsets[role] = at
            at += field.size
            least += field.size
        if least == 0:
            raise ValueError("its records have no length")
        if at > 65535:
            raise ValueError("its records are longer than a datagram")
        kind_of_record = np.dtype(
            {
                "names": list(formats),
                "formats": list(formats.values()),
                "offsets": list(offsets.values()),
                "itemsize": at,
            }
        )
        variable = any(field.size == VARIABLE for field in fields)
        return cls(number, fields, scopes, kind_of_record, roles, least, variable)


def _format(kind: Kind, size: int) -> Any:
    if kind is Kind.ADDRESS6:
        return (">u8", (2,))
    if kind is Kind.FLOAT:
        return f">f{size}"
    return f">u{size}" if size in (1, 2, 4, 8) else ("u1", (size,))


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The exporter takes a template back; `id` 2 or 3 means all of that sort (RFC 7011, 8.1)."""

    id: int


Announced = Template | Withdrawal


def parse_set(body: bytes, *, version: int, options: bool) -> Iterator[Announced | ValueError]:
    """The templates of one template set. What cannot be read ends it, as a ValueError value."""
    at = 0
    least = 6 if options and version == 9 else 4
    while len(body) - at >= least:
        number, count = _PAIR.unpack_from(body, at)
        if number == 0 and count == 0:
            return
        at += 4
        scopes = 0
        if options and version == 9:
            (option_bytes,) = struct.unpack_from("!H", body, at)
            at += 2
            scopes, count = count // 4, (count + option_bytes) // 4
        elif options and count:
            if len(body) - at < 2:
                yield ValueError(f"template {number} is cut off")
                return
            (scopes,) = struct.unpack_from("!H", body, at)
            at += 2
        if count == 0 and version != 9:
            yield Withdrawal(number)
            continue
        if number < FIRST_DATA_SET:
            yield ValueError(f"template {number} has a number under {FIRST_DATA_SET}")
            return
        if count > FIELD_LIMIT:
            yield ValueError(f"template {number} has {count} fields; at most {FIELD_LIMIT} are taken")
            return
        if options and not 0 < scopes <= count:
            yield ValueError(f"options template {number} has {scopes} scopes of {count} fields")
            return
        fields: list[FieldSpec] = []
        for place in range(count):
            if len(body) - at < 4:
                yield ValueError(f"template {number} is cut off")
                return
            element, size = _PAIR.unpack_from(body, at)
            at += 4
            enterprise = 0
            if version != 9 and element & 0x8000:
                if len(body) - at < 4:
                    yield ValueError(f"template {number} is cut off")
                    return
                (enterprise,) = _NUMBER.unpack_from(body, at)
                at += 4
                element &= 0x7FFF
            elif version == 9 and place < scopes:
                # Scopes of v9 are numbers of their own (RFC 3954, 6.1).
                interface = element == _V9_SCOPE_INTERFACE
                enterprise, element = (0, _INPUT) if interface else (_NOTHING_KNOWN, element)
            fields.append(FieldSpec(enterprise, element, size))
        try:
            yield Template.of(number, tuple(fields), scopes)
        except ValueError as error:
            yield ValueError(f"template {number}: {error}")
