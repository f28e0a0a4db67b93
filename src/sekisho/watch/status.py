"""How the watch itself is: what a monitor asks before it believes a silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.model.verdicts import Severity


@dataclass(frozen=True, slots=True)
class Status:
    """One moment. `alerts` are those that nobody has answered, by severity; muted ones are not in it.
    `by_verdict` are the same by severity and verdict, '' where an alert's connections have several.

    `lag` is how many seconds after it counted in the lake the newest judged file was judged, None where
    none was; `behind` how many files wait. By the sink's name: `pending` messages wait for it to take
    them, `failed` ones it refused for good, `delivered` ones it took. `register_sound` is False while
    files of the register cannot be read and the last good version judges. Counters are since the watch
    began.
    """

    at: datetime
    alerts: Mapping[Severity, int] = field(default_factory=dict)
    by_verdict: Mapping[tuple[Severity, str], int] = field(default_factory=dict)
    muted: int = 0
    lag: float | None = None
    file: int = 0
    behind: int = 0
    judged_at: datetime | None = None
    flows: int = 0
    told: int = 0
    pending: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    delivered: Mapping[str, int] = field(default_factory=dict)
    register_sound: bool = True
