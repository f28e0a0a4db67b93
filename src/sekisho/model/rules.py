"""The register of authorised connections as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sekisho.model.addresses import IPNetwork
from sekisho.model.services import PortRange
from sekisho.model.validity import ALWAYS, Validity

SelectorKind = Literal["any", "internet", "zone", "site", "group", "asset", "prefix"]
Tier = Literal["essential", "normal"]
RuleState = Literal["active", "proposed"]


@dataclass(frozen=True, slots=True)
class Selector:
    """One side of a rule, or a part of it.

    `value` is '' for `any` and `internet`, the name for `zone`, `site` and `asset`, `site/group` for
    `group`, and the canonical prefix for `prefix`, whose `prefix` is set and whose `realm` says in
    which address space it lies.
    """

    kind: SelectorKind
    value: str = ""
    prefix: IPNetwork | None = None
    realm: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "any":
                return "*"
            case "internet":
                return "internet"
            case "site":
                return f"{self.value}/*"
            case "zone" | "asset":
                return f"{self.kind}:{self.value}"
            case "prefix" if self.realm:
                return f"{self.realm}:{self.value}"
            case _:
                return self.value


@dataclass(frozen=True, slots=True)
class Rule:
    """One authorised connection.

    `recorded` is when a rule was first seen that was added later with a `from` in the past: it excuses
    nothing that happened before that instant. None where it excuses all of its validity, because it
    stood in the workspace's first register, is not retroactive, or a second person accepted it.
    """

    id: str
    sources: tuple[Selector, ...]
    destinations: tuple[Selector, ...]
    services: tuple[PortRange, ...]
    service_text: str = "any"
    owner: str = ""
    ticket: str = ""
    why: str = ""
    approved_by: Mapping[str, str] = field(default_factory=dict)
    validity: Validity = ALWAYS
    tier: Tier = "normal"
    state: RuleState = "active"
    file: str = ""
    line: int = 0
    column: int = 0
    recorded: datetime | None = None

    @property
    def allow(self) -> str:
        """The rule as a person writes it."""
        sources = ", ".join(map(str, self.sources))
        destinations = ", ".join(map(str, self.destinations))
        return f"{sources} -> {destinations} : {self.service_text}"


@dataclass(frozen=True, slots=True)
class PolicyTest:
    """A claim about the policy: `allow` holds when all of it is allowed, `deny` when nothing is."""

    expect: Literal["allow", "deny"]
    sources: tuple[Selector, ...]
    destinations: tuple[Selector, ...]
    services: tuple[PortRange, ...]
    text: str
    at: datetime | None = None
    file: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole register. `intra_site` names the sites inside which rules are enforced too; `services`
    are the names (in small letters) that the register adds to the built-in ones."""

    rules: tuple[Rule, ...] = ()
    tests: tuple[PolicyTest, ...] = ()
    intra_site: frozenset[str] = frozenset()
    services: Mapping[str, tuple[PortRange, ...]] = field(default_factory=dict)
    sha256: str = ""
