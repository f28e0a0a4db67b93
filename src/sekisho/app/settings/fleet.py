"""`[fleet]` of sekisho.toml: what terminals are held to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sekisho.app.settings.fleet_service import ServiceSettings
from sekisho.app.settings.values import Line, Section, Size
from sekisho.fleet.yara.scanning import LARGEST, SECONDS


class FleetSettings(Section):
    """Checking terminals."""

    administrators: Annotated[tuple[Line, ...], Field(max_length=1000)] | None = Field(
        default=None,
        description="Who may administer terminals, by name or SID, `*` for anything; Windows' own accounts"
        " need not be named. If not set, who was not there before a campaign began is told.",
        examples=[["CORP\\Workstation Admins", "helpdesk-*"]],
    )
    patch_days: int = Field(
        default=60,
        ge=1,
        le=3650,
        description="How old, in days, the newest patch of a terminal may be.",
    )
    yara: Line | None = Field(
        default=None,
        description="A folder of YARA rules (`.yar`, `.yara`) for collected files; relative to the workspace.",
        examples=["rules/yara"],
    )
    yara_seconds: int = Field(
        default=SECONDS, ge=1, le=3600, description="How long the rules may take for one file."
    )
    yara_largest: Size = Field(
        default=LARGEST, description="The largest file that the rules are held against, in memory."
    )
    sigma: Line | None = Field(
        default=None,
        description="A folder of Sigma rules (`.yml`) for terminals' own logs; relative to the workspace.",
        examples=["rules/sigma"],
    )
    sigma_level: Literal["critical", "high", "medium", "low", "informational"] = Field(
        default="medium",
        description="Rules below this level are not asked.",
    )
    sysmon: bool = Field(default=False, description="Every Windows terminal should run Sysmon.")
    service: ServiceSettings = Field(
        default=ServiceSettings(), description="The service that osquery enrols with."
    )
