"""What a request brings to the desk, and what the desk says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from msgspec import Raw

from sekisho.fleet.service.dispatch import Outcome
from sekisho.model.nodes import Enrolling, Kind, RefusalReason


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: a status of HTTP and JSON. `invalid` says that it told a node that its key is none."""

    status: int
    body: bytes
    invalid: bool = False


@dataclass(frozen=True, slots=True)
class Enrol:
    """Somebody asks for a key; `key` is the key itself, told only when its hash is kept."""

    enrolling: Enrolling
    key: str
    site: str | None
    """The site that the address lies in."""


@dataclass(frozen=True, slots=True)
class Config:
    """A node asks for its configuration. `key` is the hash of the key it showed."""

    key: str
    address: str


@dataclass(frozen=True, slots=True)
class Read:
    """A node asks what it is asked."""

    key: str
    address: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came for one query id: the outcome, and its rows as they were written."""

    outcome: Outcome
    rows: Raw


@dataclass(frozen=True, slots=True)
class Write:
    """A node answers queries. `refused` are ids whose rows could not be read, with the words."""

    key: str
    address: str
    answers: Mapping[str, Answer]
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Log:
    """A node logs: lines, with the host that each says it is of."""

    key: str
    address: str
    kind: Kind
    lines: Sequence[tuple[str, Raw]]
    refused: int = 0
    """Lines that could not be read."""


CheckIn = Config | Read
"""What brings nothing but that a node is there."""
Asked = Enrol | CheckIn | Write | Log

FINE = Reply(200, b'{"node_invalid":false}')
_encode = msgspec.json.Encoder().encode


def json_reply(value: object, status: int = 200) -> Reply:
    """A value as JSON."""
    return Reply(status, _encode(value))


def refusal(reason: RefusalReason, words: str, status: int = 400, *, invalid: bool = False) -> Reply:
    """A refusal as osquery understands it: it does not look at the status, but at `error`, and enrols anew
    where `node_invalid` is true."""
    told = f"{reason}: {words}"
    if invalid:
        # Older versions take any other status for a broken line and do not read on.
        return Reply(200, _encode({"node_invalid": True, "error": told}), invalid=True)
    return json_reply({"error": told, "node_invalid": False}, status)
