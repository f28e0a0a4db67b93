"""What gateways say of themselves, as a document. Sizes are bytes; addresses are text."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.findings import Document
from sekisho.model.plans import StagingDocument
from sekisho.model.probes import Probed


class Counted(Document):
    """A counter of a gateway: `p3_cut` are the packets that plan P-3 dropped."""

    name: str
    packets: int
    bytes: int


class GatewayDocument(Document):
    """One gateway. `should_hold` are the plans in force there; `as_told` whether it holds just their text.
    What was not asked, or could not be, is null, and `why` says why."""

    name: str
    platform: str
    address: str
    deliver: Literal["ssh", "napalm", "render"]
    reached: bool
    why: str | None = None
    version: str | None = None
    should_hold: tuple[str, ...] = ()
    as_told: bool | None = None
    waiting: str | None = None
    seconds_left: int | None = None
    taken_back: str | None = None
    drift: bool | None = None
    survives_reboot: bool | None = None
    counters: tuple[Counted, ...] = ()
    logs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class StagedPlan(Document):
    """A plan that is told in stages and is not told everywhere yet."""

    plan: str
    staging: StagingDocument


class ProbedPlan(Document):
    """A plan in force that terminals were asked to try, as far as answers were collected."""

    plan: str
    probed: tuple[Probed, ...] = ()


class GatewaysDocument(Document):
    """`sekisho contain status --format json`. `in_force` are all plans that gateways may hold, `staged` those
    that are on their way from site to site, `probed` those that terminals tried."""

    schema_: Literal["sekisho.gateways/1"] = Field(default="sekisho.gateways/1", alias="schema")
    gateways: tuple[GatewayDocument, ...] = ()
    in_force: tuple[str, ...] = ()
    staged: tuple[StagedPlan, ...] = ()
    probed: tuple[ProbedPlan, ...] = ()
