"""What two policies judge differently, as documents: the contract `sekisho.policy-diff/1`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.findings import Document, End, NearestRule, PolicyVersion, Time
from sekisho.model.verdicts import Verdict


class Judged(Document):
    """One policy's word on a connection: its verdict, and the rule that permits it or came closest."""

    verdict: Verdict
    rule: str | None = None
    nearest_rule: NearestRule | None = None


class Change(Document):
    """A connection whose verdict changes. `before` and `after` are the old and the new policy's."""

    src: End
    dst: End
    protocol: str
    port: int
    service: str
    flows: int
    first_seen: Time
    last_seen: Time
    before: Judged
    after: Judged


class ChangeGroup(Document):
    """All changes from one site to another, of one service, with the same verdicts.

    A site is None for what belongs to none.
    """

    src_site: str | None
    dst_site: str | None
    service: str
    before: Verdict
    after: Verdict
    connections: int
    flows: int


class PermissionChange(Document):
    """What becomes permitted, or ceases to be: from any of the sources to any of the destinations.

    The ends are selectors as rules write them; `rest of X` is what is left of X without the other
    selectors of the two policies, and `other addresses of SITE` what none of them names.
    """

    change: Literal["permitted", "ceased"]
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: str


class Permissions(Document):
    """What two policies permit differently at one time, whatever was observed.

    `total` counts all changes; `changes` may hold fewer. `complete` is False where the comparison was
    given up for its size, so that even `total` is only what was found until then.
    """

    at: Time
    changes: tuple[PermissionChange, ...]
    total: int
    complete: bool = True


class PolicyDiff(Document):
    """`sekisho policy diff --format json`.

    `connections` were judged by both policies, `changed` of them differently. `groups` and `changes`
    put what becomes worse first; where they were cut off, `notes` says how many are not shown.
    """

    schema_: Literal["sekisho.policy-diff/1"] = Field(default="sekisho.policy-diff/1", alias="schema")
    old: PolicyVersion
    new: PolicyVersion
    connections: int
    changed: int
    groups: tuple[ChangeGroup, ...]
    changes: tuple[Change, ...]
    permissions: Permissions | None = None
    notes: tuple[str, ...] = ()
