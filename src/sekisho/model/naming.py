"""What an address was called, who asked for a name, where a hash or fingerprint was seen: `sekisho.names/1`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sekisho.model.documents import Document
from sekisho.model.findings import Span, Time
from sekisho.model.names import NameKind


class NameEvidence(Document):
    """The line in which it was written first: path, hash of the file, line from 1."""

    path: str
    sha256: str
    row: int


class NameSighting(Document):
    """One value, and for name service what it was asked or answered with.

    `beside`: of an answer the name that was asked for, of a question an answer to it; else null. `clients`
    are initiators, for name service those who asked, `servers` responders; at most 100 of each, as
    `address` or `realm:address`, `client_count` and `server_count` are all. Times are the sensors' own.
    """

    kind: NameKind
    value: str
    beside: str | None
    times: int
    first_seen: Time
    last_seen: Time
    clients: tuple[str, ...]
    client_count: int
    servers: tuple[str, ...]
    server_count: int
    sensors: tuple[str, ...]
    evidence: NameEvidence


class NamesDocument(Document):
    """`sekisho names`. `asked` is what was looked for, in the form in which it is kept; `total` is how many
    sightings there are, also beyond those given. `recorded` is false where the lake holds no names in the
    window: then nothing found says nothing."""

    schema_: Literal["sekisho.names/1"] = Field(default="sekisho.names/1", alias="schema")
    asked: str
    is_address: bool
    window: Span
    recorded: bool
    total: int
    sightings: tuple[NameSighting, ...]
    notes: tuple[str, ...] = ()
