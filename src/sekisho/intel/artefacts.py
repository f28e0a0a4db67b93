"""Indicators as what machines were found to hold is compared with: addresses, names and hashes of files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.intel.loading import Loaded
from sekisho.intel.values import read_value
from sekisho.model.addresses import address_of, number, parse_address
from sekisho.model.indicators import IndicatorKind

_HASHES = {32: "md5", 40: "sha1", 64: "sha256"}
_ALL = 128


class Artefacts:
    """The indicators of all feeds that have not expired. Built when they are first asked for.

    `keeps` says of an address (its 128-bit number) whether it may raise an alarm at all.
    """

    def __init__(self, loaded: Loaded, keeps: Callable[[int], bool]) -> None:
        self._loaded = loaded
        self._keeps = keeps

    @cached_property
    def rows(self) -> pa.Table:
        """Those that count (LOADED)."""
        return self._loaded.rows.filter(pc.invert(self._loaded.rows["expired"]))

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known of feeds before believing that nothing else is indicated."""
        return self._loaded.notes

    def address(self, text: str) -> tuple[int, ...]:
        """Places of the indicators that name an address; nothing for what is no address."""
        try:
            value = number(parse_address(text.strip().strip("[]")))
        except ValueError:
            return ()
        if not self._keeps(value):
            return ()
        found: list[int] = []
        for length, networks in self._networks.items():
            found += networks.get(value >> (_ALL - length), ())
        return tuple(found)

    def name(self, text: str) -> tuple[int, ...]:
        """Places of the indicators that name a host, or a domain that it is in."""
        try:
            value = read_value(text.strip().rstrip("."), IndicatorKind.DOMAIN).text
        except ValueError:
            return ()
        found = list(self._hosts.get(value, ()))
        labels = value.split(".")
        for start in range(len(labels)):
            found += self._domains.get(".".join(labels[start:]), ())
        return tuple(found)

    def hash(self, text: str) -> tuple[int, ...]:
        """Places of the indicators that name a file's hash, MD5, SHA-1 or SHA-256."""
        value = text.strip().casefold()
        return tuple(self._files.get(value, ())) if len(value) in _HASHES else ()

    def told(self, place: int) -> str:
        """An indicator in words: its value, whose it is, with whom that may be shared, how long it holds."""
        row: dict[str, Any] = self.rows.slice(place, 1).to_pylist()[0]
        until = f", until {row['valid_until']:%Y-%m-%d}" if row["valid_until"] else ", without an end"
        says = f": {row['says']}" if row["says"] else ""
        return (
            f"{row['value'][:120]} ({row['feed']}, TLP:{row['tlp'].upper()}{until},"
            f" confidence {row['confidence']}){says}"
        )

    @cached_property
    def _networks(self) -> dict[int, dict[int, list[int]]]:
        found: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        columns = (self.rows[name].to_pylist() for name in ("hi", "lo", "length"))
        for place, (hi, lo, length) in enumerate(zip(*columns, strict=True)):
            if hi is not None:
                found[length][number(address_of(hi, lo)) >> (_ALL - length)].append(place)
        return found

    @cached_property
    def _domains(self) -> dict[str, list[int]]:
        return self._by_value(("domain",))

    @cached_property
    def _files(self) -> dict[str, list[int]]:
        return self._by_value(tuple(_HASHES.values()))

    @cached_property
    def _hosts(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for place, host in enumerate(self.rows["host"].to_pylist()):
            if host is not None:
                found[host].append(place)
        return found

    def _by_value(self, kinds: tuple[str, ...]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for place, value in self._of(kinds):
            found[value].append(place)
        return found

    def _of(self, kinds: tuple[str, ...]) -> Iterator[tuple[int, str]]:
        wanted = pc.is_in(self.rows["kind"], value_set=pa.array(kinds, pa.string()))
        places = pc.indices_nonzero(wanted)
        return zip(places.to_pylist(), self.rows["value"].take(places).to_pylist(), strict=True)
