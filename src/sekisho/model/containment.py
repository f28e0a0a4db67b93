"""Whether a plan of containment holds, by evidence, as a document.

Field names and their meanings are relied on outside; within version 1 they only grow. Times are aware
UTC; sizes are IP-layer bytes; addresses are text.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.findings import Document, End, Time
from sekisho.model.gateways import Counted
from sekisho.model.hops import Evidence
from sekisho.model.plans import GatewayState
from sekisho.model.probes import Probed
from sekisho.model.restrictions import PlanState

Contained = Literal["yes", "no", "not_known"]
Came = Literal["escaped", "dropped", "one_way", "draining", "exempt", "passing"]
"""What was seen of a severed connection since: it `escaped` a gateway that cuts it; it was `dropped`
(tried, and never answered); data went `one_way` and nobody could see whether it arrived; its sessions are
`draining`; it was `exempt`; or it is `passing` where no gateway that holds the plan stands."""


class Crossed(Document):
    """A severed connection of which something was seen since. `since` is when the first gateway on its path
    was told, None where none stands there. `probe` says that terminals were asked to try it then, and by which
    probe of which plan."""

    finding: str
    came: Came
    src: End
    dst: End
    protocol: str
    port: int
    service: str
    gateways: tuple[str, ...] = ()
    since: Time | None = None
    flows: int
    established: int
    first: Time
    last: Time
    sensors: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    probe: str | None = None


class SeveredConnection(Document):
    """A connection that was there before, with what was seen of it since: `came` None where nothing was."""

    finding: str
    src: End
    dst: End
    service: str
    last_before: Time
    last_after: Time | None = None
    came: Came | None = None


class ReadBack(Document):
    """One gateway of the plan. `state` and `since` are what we noted; the rest is what it says of itself
    now. `holds` is None where that is not known, and `why` says why. `dropped` are packets since its table was
    last replaced; `logged` its latest rate-limited log lines about this plan."""

    name: str
    deliver: Literal["ssh", "napalm", "render"]
    state: GatewayState
    since: Time | None = None
    reached: bool = False
    holds: bool | None = None
    drift: bool | None = None
    why: str | None = None
    dropped: int | None = None
    counters: tuple[Counted, ...] = ()
    logged: tuple[str, ...] = ()


class Watching(Document):
    """A sensor that could see what is severed. `watched` without a break since, `interrupted`, or `nothing`:
    it recorded nothing since. `last` is its latest evidence; `missing` counts hours without any."""

    sensor: str
    site: str
    state: Literal["watched", "interrupted", "nothing"]
    last: Time | None = None
    missing: int = 0


class Unwatched(Document):
    """Two places (a site, `zone:NAME`, `internet`) that are severed, where nobody can say that nothing
    passes."""

    begin: str = Field(alias="from")
    end: str = Field(alias="to")
    why: str


class ContainmentDocument(Document):
    """`sekisho contain verify --format json`.

    `contained` is `yes` only where nothing escaped, every gateway holds it and every severed pair was
    watched since; `why` are the reasons. `attempts` are dropped flows that were seen. `grace` are the
    seconds after `since` that clocks are given; `until` is how far evidence reaches. `probed` has one entry
    for each severed direction where terminals were ever asked to try it: one that is reached makes it `no`, no
    other changes the answer.
    """

    schema_: Literal["sekisho.containment/1"] = Field(default="sekisho.containment/1", alias="schema")
    plan: str
    hash: str
    state: PlanState
    contained: Contained
    why: tuple[str, ...]
    at: Time
    since: Time | None = None
    until: Time | None = None
    grace: int = 0
    escaped: tuple[Crossed, ...] = ()
    attempts: int = 0
    crossed: tuple[Crossed, ...] = ()
    gateways: tuple[ReadBack, ...] = ()
    sensors: tuple[Watching, ...] = ()
    unwatched: tuple[Unwatched, ...] = ()
    severed: tuple[SeveredConnection, ...] = ()
    probed: tuple[Probed, ...] = ()
    notes: tuple[str, ...] = ()
