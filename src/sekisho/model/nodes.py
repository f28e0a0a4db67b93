"""The words of the service that osquery enrols with: nodes, what they may ask, what was refused. Aware UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from sekisho.model.terminals import Sighting

RefusalReason = Literal[
    "too_large",
    "not_json",
    "wrong_shape",
    "compressed",
    "too_often",
    "bad_secret",
    "wrong_site",
    "enrols_too_often",
    "unknown_key",
    "old_key",
    "late_key",
    "two_hosts",
    "not_handed",
    "foreign_log",
    "no_room",
    "cut_off",
]
REFUSALS: tuple[RefusalReason, ...] = get_args(RefusalReason)
"""Why something was not taken; docs/reference/fleet-service.md says what each means."""
KeyEnd = Literal["replaced", "two_hosts"]
Kind = Literal["answers", "result", "status"]


@dataclass(frozen=True, slots=True)
class EnrolSecret:
    """A secret that osquery enrols with; of the secret itself only a hash is kept. `site` binds it to one."""

    id: str
    hash: str
    made: datetime
    by: str
    site: str = ""
    why: str = ""
    retired: datetime | None = None
    retired_by: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """An osquery that enrolled. `who` is what it said of its machine, `identifier` its own name for it,
    `enrolled` its latest enrolment of `enrolments`, `seen` when it last asked or answered anything. `platform`
    is as osquery names it, '' where it is not known."""

    id: int
    who: Sighting
    identifier: str
    version: str
    secret: str
    first: datetime
    enrolled: datetime
    enrolments: int
    seen: datetime
    address: str
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused of a node (0: of nobody known), how often, and the last time's words."""

    node: int
    reason: RefusalReason
    count: int
    first: datetime
    last: datetime
    address: str = ""
    detail: str = ""


@dataclass(slots=True)
class Caller:
    """A node as its key found it, with what the desk may change of it. `ended` says why the key is none any
    more, and `until` since when. `hops` counts how often it came back to the address it had just left, since
    `swapped`."""

    node: int
    ended: str
    who: Sighting
    identifier: str
    seen: datetime
    address: str
    before: str
    swapped: datetime | None
    hops: int
    until: datetime | None = None
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Enrolling:
    """Somebody who asks for a key. `identity` is the same for the same machine under the same name;
    `secret` is the hash of the secret that was shown, `key` that of the key it will get."""

    identity: str
    who: Sighting
    identifier: str
    version: str
    address: str
    secret: str
    key: str
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a node delivered and nobody has judged yet. `digest` is the same for the same words of one node."""

    node: int
    kind: Kind
    digest: str
    body: bytes
    id: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """A Parquet file of results. `path` is relative to the folder of results."""

    path: str
    rows: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ServiceCounts:
    """How the service stands: what it counted since it was first started, by name, and what waits."""

    counts: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    nodes: int = 0
    fresh: int = 0
    waiting: int = 0
    held: int = 0
    oldest: datetime | None = None
