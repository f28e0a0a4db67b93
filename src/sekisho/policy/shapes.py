"""What stands in a policy file, as shapes: they check it, and make the JSON Schema for editors."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from sekisho.inventory.located import Shape, wrong
from sekisho.inventory.values import When, validity
from sekisho.model.rules import RuleState, Tier
from sekisho.model.validity import Validity

_ID = re.compile(r"\w[\w.:/-]{0,127}")
_SENTENCE = {"type": "string", "examples": ["th-plant/edi -> jp-hq/edi : tcp/8443"]}


def _id(value: Any) -> str:
    text = str(value) if value is not None else ""
    if not _ID.fullmatch(text):
        raise wrong(
            "rule/id",
            f"{text[:80]!r} cannot be an id",
            "use letters, digits, `-`, `_`, `.`, `:` and `/`, at most 128, no spaces",
        )
    return text


def _text(value: Any) -> Any:
    return "" if value is None else value


Text = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": ["string", "number"]})]
Approvals = Annotated[dict[str, Text], BeforeValidator(lambda value: {} if value is None else value)]
Id = Annotated[str, BeforeValidator(_id), WithJsonSchema({"type": ["string", "number"]})]


class ConnectionShape(Shape):
    """One authorised connection."""

    id: Id = Field(description="A name of its own, such as TH-HQ-EDI")
    allow: Annotated[str, WithJsonSchema(_SENTENCE)] = Field(description="FROM -> TO : SERVICES")
    owner: Text = Field(default="", description="Who answers for it")
    ticket: Text = Field(default="", description="The change or request that asked for it")
    why: Text = Field(default="", description="What it is for")
    approved_by: Approvals = Field(default={}, description="Who agreed, by site")
    begin: When | None = Field(
        default=None, alias="from", description="First UTC day or time at which it holds"
    )
    expires: When | None = Field(
        default=None, description="Last UTC day (inclusive), or the time it ends"
    )
    tier: Tier = Field(default="normal", description="essential survives enhanced restrictions")
    state: RuleState = Field(default="active", description="proposed authorises nothing")

    @model_validator(mode="after")
    def _in_order(self) -> ConnectionShape:
        validity(self.begin, self.expires, "expires")
        return self

    @property
    def validity(self) -> Validity:
        """From and expires as an interval."""
        return validity(self.begin, self.expires, "expires")


class TestShape(Shape):
    """A claim about the policy."""

    allow: Annotated[str, WithJsonSchema(_SENTENCE)] | None = Field(
        default=None, description="Holds when all of it is allowed"
    )
    deny: Annotated[str, WithJsonSchema(_SENTENCE)] | None = Field(
        default=None, description="Holds when nothing of it is allowed"
    )
    at: When | None = Field(default=None, description="When; now by default")

    @model_validator(mode="after")
    def _one(self) -> TestShape:
        if (self.allow is None) == (self.deny is None):
            raise wrong(
                "test/one",
                "a test says either `allow` or `deny`",
                "write one of them; two claims are two tests",
            )
        return self


def _intra(value: Any) -> Any:
    if value is None:
        return []
    if isinstance(value, (list, tuple)) or value == "audit":
        return value
    raise wrong(
        "intra-site/value",
        f"{str(value)[:60]!r} is no answer for `intra_site`",
        "write `intra_site: audit` for all sites, or a list such as [th-plant]",
    )


def _words(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Ranges = Annotated[
    tuple[str, ...],
    BeforeValidator(_words),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class PolicyFile(Shape):
    """policy.yaml, or one of policy/*.yaml."""

    connections: tuple[ConnectionShape, ...] = Field(
        default=(), description="The authorised connections"
    )
    tests: tuple[TestShape, ...] = Field(
        default=(), description="Claims that `sekisho policy test` checks"
    )
    services: dict[str, Ranges] = Field(
        default={}, description="Names for ports, such as mes: [tcp/8443]"
    )
    intra_site: Annotated[
        Literal["audit"] | tuple[str, ...],
        BeforeValidator(_intra),
        WithJsonSchema({"anyOf": [{"const": "audit"}, {"type": "array", "items": {"type": "string"}}]}),
    ] = Field(
        default=(),
        description="Sites inside which rules are enforced too; `audit` for all that have any",
    )
