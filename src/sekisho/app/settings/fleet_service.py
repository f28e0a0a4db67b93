"""`[fleet.service]` of sekisho.toml: where `sekisho fleet serve` takes osquery in, and within which bounds."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from sekisho.app.settings.forwarding import place
from sekisho.app.settings.values import Line, Section, Size


def _place(text: str) -> str:
    place(text)
    return text


def _place_or_none(text: str) -> str:
    if text:
        place(text)
    return text


Place = Annotated[Line, AfterValidator(_place)]


class ServiceSettings(Section):
    """The service that osquery enrols with."""

    listen: Place = Field(
        default="0.0.0.0:8443",
        description="Where `sekisho fleet serve` takes osquery in (TCP, TLS always).",
    )
    certificate: Line | None = Field(
        default=None,
        description="The service's certificate, a PEM file; relative to the workspace.",
        examples=["tls/fleet.example.org.pem"],
    )
    key: Line | None = Field(
        default=None,
        description="The key of that certificate, a PEM file; relative to the workspace.",
        examples=["tls/fleet.example.org.key"],
    )
    clients: Line | None = Field(
        default=None,
        description="Authorities, a PEM file, one of which must have signed a terminal's certificate; "
        "none is asked for if not set.",
        examples=["tls/terminals-ca.pem"],
    )
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Processes that answer; more than one needs PostgreSQL ([state] url).",
    )
    check_in: int = Field(
        default=60,
        ge=1,
        le=86_400,
        description="Seconds between two questions of a terminal for what it is asked.",
    )
    interval: int = Field(
        default=3600,
        ge=60,
        le=604_800,
        description="Seconds between two results of a table that checks read; 24 times that for what costs"
        " terminals much.",
    )
    offline_minutes: float = Field(
        default=15,
        gt=0,
        le=525_600,
        description="A terminal that was not heard for so long is offline.",
    )
    largest: Size = Field(
        default=16 * 1024**2,
        description="Largest body that is taken, unpacked; more is refused while it streams.",
    )
    memory: Size = Field(
        default=256 * 1024**2,
        description="Most that the bodies of all requests of one process hold together.",
    )
    connections: int = Field(
        default=40_000,
        ge=16,
        le=1_000_000,
        description="Connections that are open at once in one process.",
    )
    node_rate: float = Field(
        default=5.0,
        gt=0,
        le=100_000,
        description="Requests a second that are answered of one terminal.",
    )
    node_bytes: Size = Field(
        default=256 * 1024,
        ge=1,
        description="Bytes a second of answers and logs, unpacked, that are taken of one terminal; four of the"
        " largest bodies may come at once.",
    )
    enrol_rate: float = Field(
        default=50.0,
        gt=0,
        le=100_000,
        description="Enrolments a second that are answered from one address.",
    )
    enrol_hour: int = Field(
        default=10,
        ge=1,
        le=100_000,
        description="Enrolments of one terminal in an hour; each takes its old key away.",
    )
    two_hosts: bool = Field(
        default=True,
        description="End a key that is used from two addresses in turn; false where terminals leave "
        "through several addresses.",
    )
    metrics: Annotated[Line, AfterValidator(_place_or_none)] = Field(
        default="",
        description="Where numbers are served to Prometheus; nowhere if empty.",
        examples=["127.0.0.1:9478"],
    )
