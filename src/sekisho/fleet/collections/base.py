"""What was collected from machines: tables of rows, by machine. All of it may have been written by an intruder.

Values are text, cut at `LONGEST`; what is beyond a bound is set aside, never half believed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sekisho.fleet.identity import identifies, is_name, uuid_of
from sekisho.model.terminals import Aside, Sighting

LONGEST = 4096
MOST_ROWS = 100_000
"""Rows of one table of one machine."""
MOST_COLUMNS = 200
MOST_ASIDE = 1000
"""Places of one file that are kept and shown; all are counted."""
MAX_LINE = 16 << 20

Row = Mapping[str, str]


@dataclass(slots=True)
class Gathered:
    """One table of one machine. `whole` is False where it may lack rows, and `why` then says why; `failure`
    is what the machine said went wrong, `absent` that its platform has no such table. `collected` is by its own
    clock, the latest of the rows."""

    rows: list[Row] = field(default_factory=list)
    whole: bool = True
    why: str = ""
    failure: str = ""
    collected: datetime | None = None
    absent: bool = False

    def add(self, row: Row) -> None:
        """One more row, within bounds."""
        if len(self.rows) < MOST_ROWS:
            self.rows.append(row)
        else:
            self.whole, self.why = False, f"more than {MOST_ROWS:,} rows"

    def join(self, more: Gathered) -> None:
        """The same table from another file: what either lacks, the whole lacks."""
        for row in more.rows:
            self.add(row)
        if not more.whole:
            self.whole, self.why = False, more.why
        if more.collected and (self.collected is None or more.collected > self.collected):
            self.collected = more.collected


@dataclass(slots=True)
class Collection:
    """One file. `machines` are by the key that the file tells them apart with."""

    machines: dict[str, tuple[Sighting, dict[str, Gathered]]] = field(default_factory=dict)
    aside: list[Aside] = field(default_factory=list)
    aside_count: int = 0
    notes: list[str] = field(default_factory=list)

    def leave(self, row: int, why: str) -> None:
        """Set a part aside; all are counted, the first are kept."""
        self.aside_count += 1
        if len(self.aside) < MOST_ASIDE:
            self.aside.append(Aside(row, why))

    def table(self, who: Sighting, name: str) -> Gathered:
        """A machine's table, begun where it is new."""
        _, tables = self.machines.setdefault(who.id, (who, {}))
        return tables.setdefault(name, Gathered())


def object_of(line: bytes) -> dict[str, Any]:
    """The JSON object in a line. Raises ValueError that says what is wrong."""
    if len(line) > MAX_LINE:
        raise ValueError(f"is longer than {MAX_LINE >> 20} MiB")
    try:
        found = _loaded(line)
    except RecursionError as error:
        raise ValueError("is nested too deep") from error
    except ValueError as error:
        raise ValueError("is no JSON") from error
    if not isinstance(found, dict):
        raise ValueError("is no JSON object")
    return found


def _loaded(line: bytes) -> Any:
    try:
        return json.loads(line)
    except UnicodeDecodeError:
        # Names and command lines are bytes, and tools pass them on: one odd byte must not cost the line.
        return json.loads(line.decode("utf-8", "replace"))


def row_of(value: Any) -> Row:
    """An object's plain values as text. Raises ValueError for what is no object."""
    if not isinstance(value, Mapping):
        raise ValueError("a row is no object")
    if len(value) > MOST_COLUMNS:
        raise ValueError(f"a row has more than {MOST_COLUMNS} columns")
    return {str(k)[:LONGEST].casefold(): text_of(v) for k, v in value.items()}


def text_of(value: Any) -> str:
    """A plain value as text; '' for what is none."""
    if value is None or isinstance(value, (Mapping, list)):
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)[:LONGEST].replace("\0", "\ufffd")


def machine(hostname: str, uuid: str = "", os: str = "") -> Sighting:
    """Who a collection says that it is of. Raises ValueError where that can be no machine's name."""
    try:
        hardware = uuid_of(uuid)
    except ValueError:
        hardware = ""
    if hostname and not is_name(hostname):
        raise ValueError("its hostname is no name of a machine")
    if not hostname and not (hardware and identifies(hardware)):
        raise ValueError("does not say which machine it is of")
    return Sighting(hostname, uuid=hardware, os=os[:200] if os.isprintable() else "")


def time_of(value: Any) -> datetime | None:
    """A time from (milli-, micro-, nano-)seconds or ISO text; None for none, or an impossible one."""
    try:
        if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
            found = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        number = float(value)
        if not math.isfinite(number):
            return None
        while number > 1e11:
            number /= 1000
        return datetime.fromtimestamp(number, UTC) if number > 0 else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None
