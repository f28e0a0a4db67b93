"""An encoder of exports that shares nothing with the decoder."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

Field = tuple[int, int, int]
"""Enterprise (0 is none), element, size (65535 is variable)."""


class Encoder:
    """Datagrams of v5, v9 and IPFIX."""

    at = 1_700_000_000
    uptime = 10_000_000

    def record(self, fields: Sequence[Field], values: Mapping[int, int | bytes]) -> bytes:
        """One record; `values` by element, the reverse ones by 29305 << 16 | element. Others are 0."""
        out = b""
        for enterprise, element, size in fields:
            value = values.get(enterprise << 16 | element, 0)
            if size == 65535:
                value = value if isinstance(value, bytes) else b"x" * value
                long = len(value) >= 255
                out += b"\xff" + struct.pack("!H", len(value)) if long else bytes([len(value)])
                out += value
            else:
                out += value if isinstance(value, bytes) else value.to_bytes(size, "big")
        return out

    def data(self, number: int, records: Iterable[bytes], padding: int = 0) -> bytes:
        body = b"".join(records) + bytes(padding)
        return struct.pack("!HH", number, len(body) + 4) + body

    def _fields(self, fields: Sequence[Field]) -> bytes:
        return b"".join(
            struct.pack("!HHI", element | 0x8000, size, enterprise)
            if enterprise
            else struct.pack("!HH", element, size)
            for enterprise, element, size in fields
        )

    def template(self, version: int, number: int, fields: Sequence[Field]) -> bytes:
        body = struct.pack("!HH", number, len(fields)) + self._fields(fields)
        return struct.pack("!HH", 0 if version == 9 else 2, len(body) + 4) + body

    def options(self, version: int, number: int, fields: Sequence[Field], scopes: int = 1) -> bytes:
        if version == 9:
            head = struct.pack("!HHH", number, 4 * scopes, 4 * (len(fields) - scopes))
        else:
            head = struct.pack("!HHH", number, len(fields), scopes)
        body = head + self._fields(fields)
        return struct.pack("!HH", 1 if version == 9 else 3, len(body) + 4) + body

    def message(
        self,
        version: int,
        sets: Sequence[bytes],
        *,
        sequence: int = 0,
        domain: int = 1,
        at: int | None = None,
    ) -> bytes:
        body = b"".join(sets)
        when = self.at if at is None else at
        if version == 9:
            head = struct.pack("!HHIIII", 9, len(sets), self.uptime, when, sequence, domain)
        else:
            head = struct.pack("!HHIII", 10, 16 + len(body), when, sequence, domain)
        return head + body

    def v5(
        self,
        records: Sequence[Mapping[str, Any]],
        *,
        sequence: int = 0,
        sampling: int = 0,
        count: int | None = None,
    ) -> bytes:
        head = struct.pack(
            "!HHIIIIBBH",
            5,
            len(records) if count is None else count,
            self.uptime,
            self.at,
            500_000_000,
            sequence,
            0,
            0,
            sampling,
        )
        return head + b"".join(
            struct.pack(
                "!IIIHHIIIIHHBBBBHHBBH",
                one.get("src", 0x0A000001),
                one.get("dst", 0x0A000002),
                0,
                1,
                2,
                one.get("packets", 3),
                one.get("bytes", 300),
                one.get("first", self.uptime - 2000),
                one.get("last", self.uptime - 1000),
                one.get("sport", 40000),
                one.get("dport", 443),
                0,
                one.get("flags", 2),
                one.get("protocol", 6),
                0,
                0,
                0,
                0,
                0,
                0,
            )
            for one in records
        )


COMMON: tuple[Field, ...] = (
    (0, 8, 4),
    (0, 12, 4),
    (0, 7, 2),
    (0, 11, 2),
    (0, 4, 1),
    (0, 6, 1),
    (0, 1, 4),
    (0, 2, 4),
    (0, 22, 4),
    (0, 21, 4),
)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture(scope="session")
def common() -> tuple[Field, ...]:
    """Fields of a usual template of v9."""
    return COMMON


@pytest.fixture(scope="session")
def usual() -> dict[int, int]:
    """Values for the usual template."""
    return {
        8: 0x0A000001,
        12: 0x0A000002,
        7: 40000,
        11: 443,
        4: 6,
        6: 2,
        1: 300,
        2: 3,
        22: Encoder.uptime - 2000,
        21: Encoder.uptime - 1000,
    }
