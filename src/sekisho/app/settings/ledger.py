"""`[ledger]` of sekisho.toml: what signs the ledger's head, and where it is published."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from sekisho.app.secrets import SecretReference
from sekisho.app.settings.values import Line, Section
from sekisho.watch.targets import url_problem


def _url(value: str) -> str:
    if problem := url_problem(value, in_the_clear=True):
        raise ValueError(f"this {problem}")
    return value


def _names(value: object) -> object:
    """A list, or names with commas as an environment variable has them."""
    return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else value


Names = Annotated[tuple[Line, ...], Field(max_length=20), BeforeValidator(_names)]


class LedgerSettings(Section):
    """The record of evidence and decisions."""

    key: SecretReference | None = Field(
        default=None,
        description="The Ed25519 key that signs heads, PKCS #8 in PEM; one in data/ledger is made if "
        "not set.",
        examples=[{"file": "secrets/ledger.pem"}],
    )
    file: Line | None = Field(
        default=None,
        description="A file to which heads are added, best on a machine whose keepers are others; "
        "relative to the workspace.",
        examples=["/mnt/audit/sekisho-heads.txt"],
    )
    sinks: Names = Field(
        default=(),
        description="Names of `[watch.sinks.NAME]` of kind syslog or email to which heads are sent "
        "besides alerts.",
        examples=[["soc-mail"]],
    )
    timestamp: Annotated[Line, AfterValidator(_url)] | None = Field(
        default=None,
        description="A time stamp server (RFC 3161) that signs when a head was there.",
        examples=["https://tsa.example.org/tsr"],
    )
    timestamp_ca: Line | None = Field(
        default=None,
        description="Certificates of an authority of your own for its https, PEM; relative to the "
        "workspace.",
        examples=["company-ca.pem"],
    )
    publish_hours: float = Field(
        default=24.0,
        gt=0,
        le=8760,
        description="`sekisho doctor` warns of entries that are older and in no published head.",
    )

    @property
    def published(self) -> bool:
        """Whether heads go anywhere."""
        return bool(self.file or self.sinks or self.timestamp)
