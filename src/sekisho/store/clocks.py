"""Sensors' clock offsets against each other, from flows that several of them saw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.store.base import ClockOffset, ClockPair

NARROWEST, TIGHT, WIDEST = 50_000, 1_000_000, 30_000_000
"""Microseconds: what starts so close is always one flow; how close they are taken to be at least when
nothing better fits; how far apart at most."""
FEW = 3
"""Flows that must agree before an offset is believed without their length and volume agreeing too."""
MEMORY = 31
"""Days for which a measurement speaks where a day has none of its own."""
_WINDOW = 2_000_000


def offsets(sensors: Iterable[str], layers: Iterable[Sequence[ClockPair]]) -> list[ClockOffset]:
    """One offset per sensor, by name, from what was measured between pairs.

    The first layer is of the day itself, the others of days ever further away: a later one only joins
    what nothing before it did. Of a layer the pairs with the most evidence come first. Each tree's
    reference is its sensor with the most evidence of the day; what shares nothing with any is 0.
    """
    names = sorted(set(sensors))
    weight: dict[str, int] = {}
    tree: dict[str, list[tuple[str, int, int]]] = {}
    root: dict[str, str] = {}

    def find(name: str) -> str:
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    for number, layer in enumerate(layers):
        for one in sorted(layer, key=lambda pair: (-pair.pairs, pair.a, pair.b)):
            if number == 0:
                weight[one.a] = weight.get(one.a, 0) + one.pairs
                weight[one.b] = weight.get(one.b, 0) + one.pairs
            if find(one.a) != find(one.b):
                root[find(one.a)] = find(one.b)
                tree.setdefault(one.a, []).append((one.b, one.apart, one.spread))
                tree.setdefault(one.b, []).append((one.a, -one.apart, one.spread))
        if len({find(name) for name in names}) <= 1:
            break
    found: dict[str, ClockOffset] = {}
    for name in sorted(names, key=lambda n: (-weight.get(n, 0), n)):
        if name in found:
            continue
        found[name] = ClockOffset(name, 0, 0, weight.get(name, 0))
        waiting = [name]
        while waiting:
            here = waiting.pop()
            for there, apart, spread in tree.get(here, ()):
                if there not in found:
                    offset = found[here].offset + apart
                    found[there] = ClockOffset(there, offset, spread, weight.get(there, 0))
                    waiting.append(there)
    return [found[name] for name in names]


def layers(
    own: Sequence[ClockPair], others: Mapping[int, Sequence[ClockPair]], day: int
) -> Iterator[Sequence[ClockPair]]:
    """What was measured on a day, then on the other days, the nearest first."""
    yield own
    for near in sorted(others, key=lambda one: (abs(one - day), one)):
        if near != day and abs(near - day) <= MEMORY:
            yield others[near]


def pairs_of(starts: pa.Table) -> list[ClockPair]:
    """What starts of the same flows at two sensors (columns a, b, apart, alike) say of their clocks."""
    if not starts.num_rows:
        return []
    a = starts["a"].to_numpy(zero_copy_only=False)
    b = starts["b"].to_numpy(zero_copy_only=False)
    apart = starts["apart"].to_numpy()
    alike = starts["alike"].to_numpy(zero_copy_only=False)
    names, numbers = np.unique(np.concatenate([a, b]).astype(str), return_inverse=True)
    code = numbers[: len(a)].astype(np.int64) * len(names) + numbers[len(a) :]
    found = []
    for one in np.unique(code).tolist():
        here = code == one
        measured = densest(apart[here], alike[here])
        if measured is not None:
            first, second = divmod(one, len(names))
            found.append(ClockPair(str(names[first]), str(names[second]), *measured))
    return found


def densest(apart: npt.NDArray[np.int64], alike: npt.NDArray[np.bool_]) -> tuple[int, int, int] | None:
    """(median, spread, count) of the densest two seconds of differences; None where they say nothing.

    The densest place rather than the median of all: ports are reused, and what one sensor saw once
    need not be what the other saw once.
    """
    if not len(apart):
        return None
    order = np.argsort(apart, kind="stable")
    values, sure = apart[order], alike[order]
    ends = np.searchsorted(values, values + _WINDOW, side="right")
    counts = ends - np.arange(len(values))
    best = int(np.argmax(counts))
    chosen = slice(best, int(ends[best]))
    inside = values[chosen]
    if len(inside) < FEW and not sure[chosen].all():
        return None
    if len(inside) < 0.05 * len(values) and not sure[chosen].mean() > 0.5:
        return None
    middle = int(np.median(inside))
    spread = int(np.quantile(np.abs(inside - middle), 0.99))
    return middle, spread, len(inside)


def tolerances(clocks: Iterable[ClockOffset]) -> tuple[int, int]:
    """(tight, wide) microseconds within which starts are taken for one flow's."""
    spread = max((clock.spread for clock in clocks), default=0)
    tight = min(max(4 * spread, NARROWEST), TIGHT)
    return tight, min(max(4 * spread, TIGHT), WIDEST)


def reach(clocks: Iterable[ClockOffset]) -> int:
    """Microseconds around a day in which views of its flows may lie."""
    known = [clock.offset for clock in clocks]
    return (max(known) - min(known) if known else 0) + WIDEST
