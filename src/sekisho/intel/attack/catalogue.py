"""A catalogue of techniques as values: one version of one domain of ATT&CK."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Status = Literal["active", "revoked", "deprecated"]
TERMS = "https://attack.mitre.org/resources/legal-and-branding/terms-of-use/"
NOTICE = (
    "ATT&CK: © The MITRE Corporation. This work is reproduced and distributed with the permission of The"
    " MITRE Corporation."
)
"""ATT&CK's terms of use ask that its copyright designation goes along with every copy."""
TEXT = 300
"""Characters of a description that are kept."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class LogSource(_Value):
    """Where a technique shows, by ATT&CK's own analytics: a data component, and the log and channel of it
    (`WinEventLog:Security`, `EventCode=4624`), empty where ATT&CK does not say."""

    component: str
    log: str = ""
    channel: str = ""


class Technique(_Value):
    """One technique. `tactics` are short names (`lateral-movement`), `replaced_by` is the id of what a revoked
    one became. `modified` is aware UTC."""

    id: str
    name: str
    tactics: tuple[str, ...] = ()
    status: Status = "active"
    replaced_by: str = ""
    text: str = ""
    platforms: tuple[str, ...] = ()
    modified: datetime | None = None
    shown_by: tuple[LogSource, ...] = ()

    @property
    def parent(self) -> str:
        """The technique that it is a part of; its own id where it is whole."""
        return self.id.partition(".")[0]


class Catalogue(_Value):
    """One version. `domain` is `enterprise-attack`, `ics-attack` or `mobile-attack`; `date` is when the
    version was published, aware UTC, None where the source does not say; `notice` is to be shown with it,
    `arrived` is when the version was first had here.
    """

    domain: str
    version: str
    date: datetime | None = None
    notice: str = NOTICE
    source: str = ""
    arrived: datetime | None = None
    techniques: Mapping[str, Technique] = {}

    @property
    def label(self) -> str:
        """`enterprise-attack 18.1 (2025-11-13)`."""
        return f"{self.domain} {self.version}" + (f" ({self.date:%Y-%m-%d})" if self.date else "")

    def named(self, technique: str) -> str:
        """`Remote Services: SSH` for the part of a technique, else the technique's name; its id where it is
        not known."""
        found = self.techniques.get(technique)
        if found is None:
            return technique
        whole = self.techniques.get(found.parent)
        return f"{whole.name}: {found.name}" if whole and whole.id != found.id else found.name
