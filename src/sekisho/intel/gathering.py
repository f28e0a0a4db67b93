"""What a reader gives, made into rows: each value read, screened."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from sekisho.intel.base import Aside, FeedError, Given, Item, Superseded
from sekisho.intel.screening import Screen
from sekisho.intel.values import Value, read_value, words
from sekisho.model.addresses import bounds, halves
from sekisho.model.indicators import INDICATORS, MOST_INDICATORS

EXAMPLES = 5
"""Of what was set aside for one reason, those that are kept."""
_BATCH = 50_000


@dataclass(slots=True)
class Gathered:
    """`rows` are INDICATORS; `aside` counts what is none, by why, `examples` are some of it. `superseded` are
    the feed's own names of what it gave anew or took back."""

    rows: pa.Table
    aside: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    superseded: set[str] = field(default_factory=set)


def gather(items: Iterable[Item], screen: Screen, most: int = MOST_INDICATORS) -> Gathered:
    """All of a feed. Raises FeedError where it holds more than `most`: half a feed would look like all."""
    gathering = _Gathering(screen, most)
    for item in items:
        gathering.take(item)
    return gathering.done()


class _Gathering:
    def __init__(self, screen: Screen, most: int) -> None:
        self._screen, self._most = screen, most
        self._rows: list[dict[str, Any]] = []
        self._batches: list[pa.RecordBatch] = []
        self._seen: set[tuple[str, str, str]] = set()
        self._aside: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = defaultdict(list)
        self._superseded: set[str] = set()

    def take(self, item: Item) -> None:
        match item:
            case Superseded():
                self._superseded.add(item.source)
            case Aside():
                self._set_aside(item.why, item.text)
            case Given():
                try:
                    value = read_value(item.value, item.kind)
                except ValueError as error:
                    self._set_aside("malformed", f"{item.value}: {error}")
                    return
                why = self._screen.refuses(value)
                if why is not None:
                    self._set_aside(why, value.text)
                    return
                self._keep(item, value)

    def _set_aside(self, why: str, text: str) -> None:
        self._aside[why] += 1
        if len(self._examples[why]) < EXAMPLES:
            self._examples[why].append(words(text))

    def _keep(self, given: Given, value: Value) -> None:
        name = (value.kind.value, value.text, given.source)
        if name in self._seen:
            return
        if len(self._seen) >= self._most:
            raise FeedError(
                f"it holds more than the {self._most:,} indicators that there is room for",
                "take a smaller feed, or a part of it: nothing of it was taken",
            )
        self._seen.add(name)
        first: tuple[int | None, int | None] = (None, None)
        length = None
        if value.network is not None:
            first = halves(bounds(value.network)[0])
            length = value.network.prefixlen + (96 if value.network.version == 4 else 0)
        self._rows.append(
            {
                "kind": value.kind.value,
                "value": value.text,
                "hi": first[0],
                "lo": first[1],
                "length": length,
                "host": value.host,
                "confidence": given.confidence,
                "tlp": given.tlp,
                "valid_from": given.valid_from,
                "valid_until": given.valid_until,
                "seen": given.seen or given.valid_from,
                "source": given.source,
                "says": given.says,
                "details": json.dumps(given.details, ensure_ascii=False) if given.details else None,
            }
        )
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        self._batches.append(pa.RecordBatch.from_pylist(self._rows, INDICATORS))
        self._rows = []

    def done(self) -> Gathered:
        self._flush()
        rows = pa.Table.from_batches(self._batches, INDICATORS)
        return Gathered(rows, self._aside, dict(self._examples), self._superseded)
