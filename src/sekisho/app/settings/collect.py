"""`[collect]` of sekisho.toml: where `sekisho collect` listens, and how it commits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from sekisho.app.settings.forwarding import CentreSettings, ForwardSettings
from sekisho.app.settings.values import Line, Section, Size
from sekisho.model.addresses import parse_address

_PLACE = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[0-9.]+)):(?P<port>\d{1,5})")


def places(text: str) -> tuple[tuple[str, int], ...]:
    """(host, port) of `ADDRESS:PORT, …`; none where the text is empty. Raises ValueError."""
    return tuple(_places(text))


def _places(text: str) -> Iterator[tuple[str, int]]:
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _PLACE.fullmatch(part)
        if match is None or int(match["port"]) > 65535:
            raise ValueError(
                f"{part!r} is no place to listen: write ADDRESS:PORT, such as 0.0.0.0:2055 or [::]:2055"
            )
        host = match["six"] or match["four"]
        parse_address(host)
        yield host, int(match["port"])


def _checked(text: str) -> str:
    places(text)
    return text


Places = Annotated[Line, AfterValidator(_checked)]


class CollectSettings(Section):
    """Listening for flows and messages, and committing them."""

    flows: Places = Field(
        default="0.0.0.0:2055, 0.0.0.0:4739, 0.0.0.0:6343",
        description="Where NetFlow, IPFIX and sFlow are received (UDP), any of them at each place; "
        "`[::]:2055` takes IPv4 and IPv6.",
    )
    syslog_udp: Places = Field(
        default="",
        description="Where syslog is received over UDP.",
        examples=["0.0.0.0:514"],
    )
    syslog_tcp: Places = Field(
        default="",
        description="Where syslog is received over TCP.",
        examples=["0.0.0.0:601"],
    )
    syslog_tls: Places = Field(
        default="",
        description="Where syslog is received over TLS; needs `tls_certificate` and `tls_key`.",
        examples=["0.0.0.0:6514"],
    )
    tls_certificate: Line | None = Field(
        default=None,
        description="This collector's certificates, a PEM file; relative to the workspace.",
        examples=["tls/collector.pem"],
    )
    tls_key: Line | None = Field(
        default=None,
        description="The key of that certificate, a PEM file; relative to the workspace.",
        examples=["tls/collector.key"],
    )
    tls_clients: Line | None = Field(
        default=None,
        description="Authorities, a PEM file, one of which must have signed a sender's certificate; "
        "none is asked for if not set.",
        examples=["tls/devices-ca.pem"],
    )
    buffer: Size = Field(
        default=64 * 1024**2,
        description="Receive buffer asked of the kernel for each UDP socket; `net.core.rmem_max` bounds it.",
    )
    memory: Size = Field(
        default=64 * 1024**2,
        description="Received data held in memory while the disk is slow; more is dropped and counted.",
    )
    reserve: Size = Field(
        default=256 * 1024**2,
        description="Disk space that is left to others: with less the receiver drops, and counts.",
    )
    commit_seconds: float = Field(
        default=1.0,
        ge=0.1,
        le=60,
        description="Seconds between two commits to the lake.",
    )
    keep_days: float = Field(
        default=0,
        ge=0,
        le=3650,
        description="Days for which segments are kept, compressed, after they were committed; 0: not at all.",
    )
    keep_size: Size = Field(
        default=100 * 1024**3,
        description="Most that kept segments may take; the oldest go first.",
    )
    refresh_minutes: float = Field(
        default=15,
        ge=0,
        le=1440,
        description="Minutes between two roll-ups of what was collected, while there is time for it; "
        "0: only when somebody asks.",
    )
    forward: ForwardSettings = Field(
        default=ForwardSettings(), description="A site that forwards what it receives to the centre."
    )
    centre: CentreSettings = Field(
        default=CentreSettings(), description="The centre that sites forward to."
    )
