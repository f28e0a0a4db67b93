"""Mapping files: which columns of a generic source hold what, and in which units."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, get_args

from sekisho.errors import RequestError
from sekisho.model.flows import State
from sekisho.sources.base import RawMapping
from sekisho.sources.columns import TimeKind
from sekisho.sources.times import zone

ROLES = (
    "start",
    "end",
    "duration",
    "src",
    "src_port",
    "dst",
    "dst_port",
    "protocol",
    "bytes_out",
    "bytes_in",
    "payload_out",
    "payload_in",
    "packets_out",
    "packets_in",
    "state",
    "service",
    "uid",
    "icmp_type",
    "icmp_code",
)
"""What a column can hold. Without a mapping a column is called after what it holds."""
NEEDED = ("start", "src", "dst", "protocol")
STATES: Dictionary[str, State] = MappingProxyType(
    {
        "": State.UNKNOWN,
        "unknown": State.UNKNOWN,
        "established": State.ESTABLISHED,
        "no_reply": State.NO_REPLY,
        "rejected": State.REJECTED,
        "denied": State.DENIED,
    }
)
_KEYS = ("columns", "time", "timezone", "one_way", "states", "delimiter")
_DELIMITERS = MappingProxyType({"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"})


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping that was checked. `time` None: ISO, or an epoch whose unit shows in its size."""

    columns: Dictionary[str, str] = field(default_factory=dict)
    time: TimeKind | None = None
    timezone: str | None = None
    one_way: bool = False
    states: Dictionary[str, State] = field(default_factory=lambda: STATES)
    delimiter: str = ","

    def column(self, role: str) -> str:
        """The name of the column that holds `role`."""
        return self.columns.get(role, role)

    def missing(self, names: tuple[str, ...]) -> list[str]:
        """Columns without which nothing can be read, as this file would have to call them."""
        return [self.column(role) for role in NEEDED if self.column(role) not in names]


def check(raw: RawMapping | None) -> Mapping:
    """A mapping file as loaded, checked. Raises RequestError that says what may stand there."""
    if raw is None:
        return Mapping()
    if not isinstance(raw, Dictionary):
        raise RequestError("a mapping is a table of keys", f"its keys are {', '.join(_KEYS)}")
    for key in raw:
        if key not in _KEYS:
            raise RequestError(f"a mapping has no key {key!r}", f"choose from {', '.join(_KEYS)}")
    kind = raw.get("time")
    if kind is not None and kind not in get_args(TimeKind):
        raise RequestError(
            f"time: {kind!r} is no kind of time", f"choose one of {', '.join(get_args(TimeKind))}"
        )
    name = raw.get("timezone")
    if name is not None:
        zone(str(name))
    # Files are loaded as text, so that names such as `no` and `1` stay what they are.
    given = raw.get("one_way", False)
    one_way = {"true": True, "false": False}.get(str(given).lower())
    if one_way is None:
        raise RequestError(f"one_way: {given!r} is neither true nor false", "write one_way: true")
    return Mapping(
        columns=_columns(raw.get("columns") or {}),
        time=kind,
        timezone=None if name is None else str(name),
        one_way=one_way,
        states=_states(raw.get("states") or {}),
        delimiter=_delimiter(raw.get("delimiter", ",")),
    )


def _columns(raw: Any) -> dict[str, str]:
    if not isinstance(raw, Dictionary):
        raise RequestError(
            "columns: names what each column holds", "for example columns: {start: firstSwitched}"
        )
    for role, name in raw.items():
        if role not in ROLES:
            raise RequestError(
                f"columns: {role!r} is nothing a column can hold", f"choose from {', '.join(ROLES)}"
            )
        if not isinstance(name, str) or not name:
            raise RequestError(f"columns: {role} must name a column", f"for example {role}: my_{role}")
    return dict(raw)


def _states(raw: Any) -> dict[str, State]:
    choices = ", ".join(name for name in STATES if name)
    if not isinstance(raw, Dictionary):
        raise RequestError(
            "states: says what each value means", "for example states: {ACCEPT: established}"
        )
    states = dict(STATES)
    for value, name in raw.items():
        if str(name) not in STATES:
            raise RequestError(f"states: {name!r} is no state", f"choose one of {choices}")
        states[str(value).strip().lower()] = STATES[str(name)]
    return states


def _delimiter(raw: Any) -> str:
    found = _DELIMITERS.get(str(raw), str(raw))
    if found not in _DELIMITERS.values():
        raise RequestError(
            f"delimiter: {raw!r} parts no columns", f"choose one of {', '.join(_DELIMITERS)}"
        )
    return found
