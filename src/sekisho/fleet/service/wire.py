"""osquery's remote API as it stands on the wire: what is read of a request, and within which bounds.

Types bound the depth: rows are flat, and nothing nests deeper than the API does. What a node sends beside the
API is passed over. Source: osquery's documentation, "Remote settings"; osquery/remote/utility.h.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from sekisho.model.nodes import RefusalReason

PATHS = {
    "enroll": "/api/v1/osquery/enroll",
    "config": "/api/v1/osquery/config",
    "log": "/api/v1/osquery/log",
    "read": "/api/v1/osquery/distributed/read",
    "write": "/api/v1/osquery/distributed/write",
}
MOST_QUERIES = 500
"""Query ids of one answer; more is not what anybody handed."""
MOST_LINES = 10_000
"""Lines of one log request; osquery sends 1,024."""

Text = Annotated[str, Meta(max_length=400)]
Value = str | int | float | bool | None
Row = dict[str, Value]
T = TypeVar("T", bound=Struct)


class Refused(Exception):
    """A request that is not taken: why, and with which words."""

    def __init__(self, reason: RefusalReason, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.reason, self.words, self.status = reason, words, status


class Enroll(Struct):
    """`enroll`. The details are tables of one row each."""

    enroll_secret: Text = ""
    host_identifier: Text = ""
    host_details: dict[Text, dict[str, Value]] = {}
    platform_type: Raw = Raw(b"")


class Keyed(Struct):
    """`config` and `distributed/read`."""

    node_key: Text


class Log(Struct):
    """`log`; `data` are the lines, each read by itself."""

    node_key: Text
    log_type: Text = ""
    data: list[Raw] = []


class Write(Struct):
    """`distributed/write`; rows are read one query at a time. What fails may have no rows."""

    node_key: Text
    queries: dict[Text, Raw] = {}
    statuses: dict[Text, int | str | None] = {}
    messages: dict[Text, str | None] = {}
    stats: dict[Text, dict[Text, Value]] = {}


class _Line(Struct):
    hostIdentifier: Text = ""  # noqa: N815 - osquery's own name


_ROWS: msgspec.json.Decoder[list[Row]] = msgspec.json.Decoder(list[Row])
_LINE: msgspec.json.Decoder[_Line] = msgspec.json.Decoder(_Line)
_DECODERS: dict[type[Struct], msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind) for kind in (Enroll, Keyed, Log, Write)
}
_EMPTY = (b'""', b"null", b"")
"""An empty list, as versions before 3 wrote it."""


def read(kind: type[T], body: bytes) -> T:
    """A request of this kind. Raises Refused."""
    try:
        found: T = _DECODERS[kind].decode(body)
    except msgspec.ValidationError as error:
        raise Refused("wrong_shape", _words(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("not_json", _words(error)) from error
    except RecursionError as error:
        raise Refused("wrong_shape", "is nested too deep") from error
    return found


def rows(raw: Raw) -> list[Row]:
    """The rows that answer one query. Raises Refused."""
    content = bytes(raw)
    if content.strip() in _EMPTY:
        return []
    try:
        return _ROWS.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("wrong_shape", _words(error)) from error


def as_text(raw: Raw) -> Raw:
    """What is no UTF-8 in it becomes U+FFFD: osquery passes on the bytes of names and command lines as they
    are, and one odd byte in a row must not cost the others."""
    content = bytes(raw)
    if content.isascii():
        return raw
    mended = content.decode("utf-8", "replace").encode()
    return raw if mended == content else Raw(mended)


def host_of(raw: Raw) -> str:
    """Which host a line of a log says that it is of; '' where it does not. Raises Refused."""
    try:
        return _LINE.decode(raw).hostIdentifier
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("wrong_shape", _words(error)) from error


def status_of(value: int | str | None) -> int:
    """A status, which some versions write as text; what is none is a failure."""
    try:
        found = int(value or 0)
    except ValueError:
        return 1
    return found if -(1 << 31) <= found < 1 << 31 else 1


def stats_of(told: dict[str, Value] | None) -> dict[str, int]:
    """Numbers of what a query cost; what is no number, or impossible, is left out."""
    found = {}
    for name in ("wall_time_ms", "user_time", "system_time", "memory"):
        try:
            number = int((told or {}).get(name) or 0)
        except (ValueError, OverflowError):
            continue
        if 0 < number < 1 << 62:
            found[name] = number
    return found


def _words(error: Exception) -> str:
    return str(error)[:200]
