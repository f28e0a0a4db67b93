"""Rules suggested from evidence, as a document: the contract `sekisho.policy-suggestions/1`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.findings import Document, Time


class Suggested(Document):
    """One proposed rule. It authorises nothing; `notes` say what must not be approved blindly.

    `witnesses` name all flows that it rests on, as the evidence named them.
    """

    id: str
    allow: str
    why: str
    valid_from: Time | None = Field(alias="from")
    connections: int
    flows: int
    notes: tuple[str, ...]
    witnesses: tuple[str, ...]


class LeftOut(Document):
    """Connections that no rule was written from, and why; `examples` are a few of them."""

    reason: str
    text: str
    connections: int
    examples: tuple[str, ...]


class SuggestionsDocument(Document):
    """`sekisho policy suggest --format json`. `observed` connections were looked at."""

    schema_: Literal["sekisho.policy-suggestions/1"] = Field(
        default="sekisho.policy-suggestions/1", alias="schema"
    )
    observed: int
    covered: int
    proposals: tuple[Suggested, ...]
    left_out: tuple[LeftOut, ...]
