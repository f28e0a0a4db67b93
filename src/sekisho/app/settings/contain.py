"""`[people]` and `[contain]` of sekisho.toml: who may approve, and what a plan needs before it is applied."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sekisho.app.settings.values import Line, Section
from sekisho.contain.approvals import Person
from sekisho.contain.signatures import read_key

Role = Literal["operator", "approver", "legal", "auditor"]


def _key(value: str) -> str:
    return read_key(value).text


class PersonSettings(Section):
    """Somebody of the workspace."""

    keys: Annotated[
        tuple[Annotated[Line, AfterValidator(_key)], ...],
        Field(
            default=(),
            max_length=20,
            description="Public SSH keys, a line each as in authorized_keys.",
        ),
    ]
    roles: Annotated[
        tuple[Role, ...], Field(default=(), description="What they may do: approver, operator …")
    ]


class ContainSettings(Section):
    """What a plan of containment needs."""

    approvals: int = Field(
        default=1,
        ge=1,
        le=10,
        description="How many people must approve before a plan is applied or lifted; 2 for four eyes.",
    )
    rollback_after: int = Field(
        default=600,
        ge=10,
        le=86_400,
        description="Seconds after which a gateway takes back by itself what nobody confirmed.",
    )


def people_of(settings: dict[str, PersonSettings]) -> dict[str, Person]:
    """The people with their keys read."""
    return {
        name: Person(name, frozenset(one.roles), tuple(read_key(text) for text in one.keys))
        for name, one in settings.items()
    }
