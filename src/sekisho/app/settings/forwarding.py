"""`[collect.forward]` of a site, and `[collect.centre]` where sites forward to."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from sekisho.app.settings.values import Line, Section, Size

_PLACE = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[0-9.]+)):(?P<port>\d{1,5})")
_CERTIFICATE = re.compile(
    r"[Ss][Hh][Aa]256:(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}|[A-Za-z0-9.-]{1,253}"
)


def place(text: str) -> tuple[str, int]:
    """(host, port) of ADDRESS:PORT. Raises ValueError."""
    match = _PLACE.fullmatch(text)
    if match is None or int(match["port"]) > 65535:
        raise ValueError("a place to listen is ADDRESS:PORT, such as 0.0.0.0:7443 or [::]:7443")
    return match["six"] or match["four"], int(match["port"])


def _place(text: str) -> str:
    place(text)
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    whole = parts.path in ("", "/") and not parts.query and not parts.fragment and "@" not in text
    if parts.scheme != "https" or not parts.hostname or not whole:
        raise ValueError("the centre is written https://HOST:PORT")
    return text.rstrip("/")


def _certificate(text: str) -> str:
    if _CERTIFICATE.fullmatch(text) is None:
        raise ValueError("a certificate is named by sha256:HEX or by a DNS name that it bears")
    return text


CollectorName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
Certificate = Annotated[str, AfterValidator(_certificate)]


class ForwardSettings(Section):
    """A site that keeps what it receives and forwards it to the centre."""

    url: Annotated[Line, AfterValidator(_url)] | None = Field(
        default=None,
        description="The centre that `sekisho collect --spool` forwards to.",
        examples=["https://sekisho.example.org:7443"],
    )
    certificate: Line | None = Field(
        default=None,
        description="This site's certificate, a PEM file; relative to the workspace.",
        examples=["tls/th-plant.pem"],
    )
    key: Line | None = Field(
        default=None,
        description="The key of that certificate, a PEM file; relative to the workspace.",
        examples=["tls/th-plant.key"],
    )
    ca: Line | None = Field(
        default=None,
        description="The authority that must have signed the centre's certificate, a PEM file.",
        examples=["tls/ca.pem"],
    )
    keep_days: float = Field(
        default=14,
        gt=0,
        le=45,
        description="Days for which the site keeps what it received, forwarded or not.",
    )
    limit: Size = Field(
        default=50 * 1024**3,
        description="Most that the site keeps; what the centre has goes first, then the oldest.",
    )
    rate: Size | None = Field(
        default=None,
        description="Bytes a second that forwarding may use of the line; no bound if not set.",
        examples=["1MB"],
    )


class CollectorSettings(Section):
    """A collector: its certificates, and the sites whose sensors it may deliver for."""

    certificates: Annotated[tuple[Certificate, ...], Field(min_length=1, max_length=8)]
    sites: Annotated[tuple[Line, ...], Field(min_length=1)] | None = None


class CentreSettings(Section):
    """Where sites forward to."""

    listen: Annotated[Line, AfterValidator(_place)] = Field(
        default="0.0.0.0:7443",
        description="Where `sekisho collect --centre` takes what sites forward (TCP).",
    )
    certificate: Line | None = Field(
        default=None,
        description="The centre's certificate, a PEM file; relative to the workspace.",
        examples=["tls/sekisho.example.org.pem"],
    )
    key: Line | None = Field(
        default=None,
        description="The key of that certificate, a PEM file; relative to the workspace.",
        examples=["tls/sekisho.example.org.key"],
    )
    ca: Line | None = Field(
        default=None,
        description="The authority that must have signed sites' certificates, a PEM file.",
        examples=["tls/ca.pem"],
    )
    limit: Size = Field(
        default=20 * 1024**3,
        description="Most of one collector that may wait to be committed; more stays at the site.",
    )
    requests: float = Field(
        default=200,
        ge=1,
        le=100_000,
        description="Requests a second that are answered of one certificate; more are told to come later.",
    )
    collectors: dict[CollectorName, CollectorSettings] = Field(
        default_factory=dict,
        description="Who may deliver: by name, its `certificates` (`sha256:HEX` or a DNS name that they "
        "bear) and the `sites` whose sensors are its own; the site of its name if not set.",
        examples=[{"th-plant": {"certificates": ["th-plant"]}}],
    )
