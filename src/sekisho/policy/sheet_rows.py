"""Rows of an imported sheet as the parts of rules, with every problem located."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from pydantic_core import PydanticCustomError

from sekisho.inventory.located import Problems
from sekisho.inventory.register import Inventory
from sekisho.inventory.values import validity
from sekisho.model.rules import Selector, Tier
from sekisho.model.services import PortRange
from sekisho.model.validity import ALWAYS, Validity
from sekisho.policy.language import MAX_LENGTH, Slip, read_sentence
from sekisho.policy.sheet_days import read_day, slip_of
from sekisho.policy.sheet_ends import read_ends
from sekisho.policy.sheet_services import Own, protocol_words, service_words
from sekisho.policy.sheets import Cell, Sheet

_ANY = {"any", "all", "*", "0-65535", "1-65535"}
_ALLOWS = {"", "allow", "accept", "permit", "pass", "allowed", "yes", "1", "true", "active", "enabled"}
_OFF = {"no", "0", "false", "off", "disabled", "inactive", "retired", "deleted"}
_EMPTY = Cell("", 0)


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts of one rule. `place` is the row, as `register.csv:12`."""

    place: str
    id: str
    sources: tuple[Selector, ...]
    destinations: tuple[Selector, ...]
    services: tuple[PortRange, ...]
    service_text: str
    owner: str
    ticket: str
    why: str
    validity: Validity
    tier: Tier
    notes: tuple[str, ...]


class Rows:
    """Reads the rows of one sheet."""

    def __init__(self, sheet: Sheet, inventory: Inventory, own: Own, problems: Problems) -> None:
        self.sheet, self.inventory, self.own, self.problems = sheet, inventory, own, problems
        self.errors = 0

    def read(self, cells: Mapping[str, Cell]) -> Draft | None:
        """One row; None where it permits nothing or has an error, which is noted."""
        if self._skipped(cells):
            return None
        before = self.errors
        sources, destinations, text, ranges = self._sentence(cells)
        span = self._validity(cells)
        tier = self._tier(cells.get("tier", _EMPTY))
        if self.errors > before:
            return None
        first = next(iter(cells.values()))
        texts = {
            name: cells.get(name, _EMPTY).text.strip() for name in ("id", "owner", "ticket", "why")
        }
        length = sum(len(str(s)) + 2 for s in (*sources, *destinations)) + len(text) + 10
        if length > MAX_LENGTH:
            self._add(
                first, Slip(0, "rule/length", "the rule is too long", "split the row into several")
            )
            return None
        return Draft(
            f"{self.sheet.file}:{self.sheet.place(first)[0]}",
            texts["id"],
            sources,
            destinations,
            ranges,
            text,
            texts["owner"],
            texts["ticket"],
            texts["why"],
            span,
            tier,
            tuple(self._formulas(cells)),
        )

    def _skipped(self, cells: Mapping[str, Cell]) -> bool:
        """Whether the row permits nothing: it denies, or is switched off."""
        action, state = cells.get("action", _EMPTY), cells.get("state", _EMPTY)
        if action.text.casefold() not in _ALLOWS:
            message = f"this row does not allow ({action.text[:40]!r}) and is left out"
            mend = "between sites everything is denied unless a rule allows it"
            self._add(action, Slip(0, "csv/not-allow", message, mend), warning=True)
            return True
        disabled = cells.get("disabled", _EMPTY)
        for cell, off in (
            (state, state.text.casefold() in _OFF),
            (disabled, disabled.text.casefold() not in ("", *_OFF)),
        ):
            if off:
                message = f"this row is switched off ({cell.text[:40]!r}) and is left out"
                self._add(cell, Slip(0, "csv/off", message), warning=True)
                return True
        return False

    def _sentence(
        self, cells: Mapping[str, Cell]
    ) -> tuple[tuple[Selector, ...], tuple[Selector, ...], str, tuple[PortRange, ...]]:
        allow = cells.get("allow", _EMPTY)
        if allow.text:
            sentence, slips = read_sentence(allow.text)
            self._slips(allow, slips)
            if sentence is None or slips:
                return (), (), "", ()
            left, right = (
                [s for word in words for s in self._selectors(allow, word.text, word.offset)]
                for words in (sentence.sources, sentence.destinations)
            )
            names: list[str] = []
            ranges: list[PortRange] = []
            for word in sentence.services:
                name, found, more = service_words(word.text, "", self.own)
                self._slips(allow, more, word.offset)
                names.append(name)
                ranges.extend(found)
            both = tuple(dict.fromkeys(left)), tuple(dict.fromkeys(right))
            return *both, ", ".join(names), tuple(dict.fromkeys(ranges))
        ends = []
        for name in ("source", "destination"):
            cell = cells.get(name, _EMPTY)
            if not cell.text:
                self._missing(cells, name, "write `any` if all sites are meant")
            ends.append(self._selectors(cell, cell.text, 0))
        return *ends, *self._services(cells)  # type: ignore[return-value]

    def _selectors(self, cell: Cell, text: str, offset: int) -> tuple[Selector, ...]:
        found, slips = read_ends(text, self.inventory)
        self._slips(cell, slips, offset)
        return found

    def _services(self, cells: Mapping[str, Cell]) -> tuple[str, tuple[PortRange, ...]]:
        """The port column where it is filled, else the service column, else the whole protocol."""
        port, service, protocol = (cells.get(n, _EMPTY) for n in ("port", "service", "protocol"))
        spoken = "" if protocol.text.casefold() in (*_ANY, "ip") else protocol.text
        every = port.text.casefold() in _ANY
        if port.text and not every:
            cell, read = port, service_words(port.text, spoken, self.own)
        elif service.text and not (spoken and service.text.casefold() in _ANY):
            cell, read = service, service_words(service.text, spoken, self.own)
        elif spoken:
            cell, read = protocol, protocol_words(spoken)
        elif every or protocol.text:
            cell, read = port, service_words("any", "", self.own)
        else:
            self._missing(cells, "service", "write `any` if all services are meant")
            return "", ()
        self._slips(cell, read[2])
        return read[0], read[1]

    def _missing(self, cells: Mapping[str, Cell], name: str, mend: str) -> None:
        place = cells.get(name) or next(iter(cells.values()))
        self._add(place, Slip(0, "csv/missing", f"the row has no {name}", mend))

    def _validity(self, cells: Mapping[str, Cell]) -> Validity:
        begin, end = cells.get("from", _EMPTY), cells.get("expires", _EMPTY)
        times = [read_day(cell.text) for cell in (begin, end)]
        for cell, time in zip((begin, end), times, strict=True):
            if isinstance(time, Slip):
                self._add(cell, time)
        first, last = (None if isinstance(time, Slip) else time for time in times)
        try:
            return validity(first, last, "expires")
        except PydanticCustomError as error:
            self._add(end, slip_of(error))
            return ALWAYS

    def _tier(self, cell: Cell) -> Tier:
        for tier in get_args(Tier):
            if tier == (cell.text.casefold() or "normal"):
                return tier  # type: ignore[no-any-return]
        message = f"`{cell.text[:60]}` is not a tier"
        self._add(cell, Slip(0, "file/value", message, "write essential or normal"))
        return "normal"

    def _formulas(self, cells: Mapping[str, Cell]) -> Iterable[str]:
        for name in ("id", "owner", "ticket", "why"):
            if cells.get(name, _EMPTY).text[:1] in ("=", "@", "+"):
                yield f"its {name} looks like a formula; it was taken as text"

    def _slips(self, cell: Cell, slips: Iterable[Slip], offset: int = 0) -> None:
        for slip in slips:
            self._add(cell, Slip(offset + slip.offset, slip.code, slip.message, slip.mend))

    def _add(self, cell: Cell, slip: Slip, *, warning: bool = False) -> None:
        place = self.sheet.place(cell, slip.offset)
        self.errors += not warning
        level = ("error", "warning")[warning]
        self.problems.add(self.sheet.file, place, slip.code, slip.message, slip.mend, level)  # type: ignore[arg-type]
