"""Sensors' clock offsets against each other, from flows that several of them saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.store.base import ClockOffset

NARROWEST, TIGHT, WIDEST = 50_000, 1_000_000, 30_000_000
"""Microseconds: what starts so close is always one flow; how close they are taken to be at least when
nothing better fits; how far apart at most."""
FEW = 3
"""Flows that must agree before an offset is believed without their length and volume agreeing too."""
_WINDOW = 2_000_000


def offsets(
    pairs: pa.Table, sensors: Iterable[str], before: Mapping[str, ClockOffset]
) -> list[ClockOffset]:
    """One offset per sensor from pairs of starts (columns a, b, apart, alike).

    The pairs with the most evidence are joined to a tree first; each tree's reference is its sensor with
    the most evidence. A sensor that shares nothing keeps what was measured `before`, else 0.
    """
    names = sorted(set(sensors))
    edges = _edges(pairs)
    weight = dict.fromkeys(names, 0)
    for a, b, _, _, count in edges:
        weight[a] = weight.get(a, 0) + count
        weight[b] = weight.get(b, 0) + count
    tree: dict[str, list[tuple[str, int, int, int]]] = {name: [] for name in weight}
    root = {name: name for name in weight}

    def find(name: str) -> str:
        while root[name] != name:
            name = root[name]
        return name

    for a, b, offset, spread, count in sorted(edges, key=lambda e: (-e[4], e[0], e[1])):
        if find(a) != find(b):
            root[find(a)] = find(b)
            tree[a].append((b, offset, spread, count))
            tree[b].append((a, -offset, spread, count))
    found: dict[str, ClockOffset] = {}
    for name in sorted(weight, key=lambda n: (-weight[n], n)):
        if name in found:
            continue
        kept = before.get(name)
        if not tree[name]:
            found[name] = ClockOffset(name, kept.offset if kept else 0, kept.spread if kept else 0, 0)
            continue
        found[name] = ClockOffset(name, 0, 0, weight[name])
        waiting = [name]
        while waiting:
            here = waiting.pop()
            for there, offset, spread, count in tree[here]:
                if there not in found:
                    found[there] = ClockOffset(there, found[here].offset + offset, spread, count)
                    waiting.append(there)
    return [found[name] for name in names]


def _edges(pairs: pa.Table) -> list[tuple[str, str, int, int, int]]:
    if not pairs.num_rows:
        return []
    a = pairs["a"].to_numpy(zero_copy_only=False)
    b = pairs["b"].to_numpy(zero_copy_only=False)
    apart = pairs["apart"].to_numpy()
    alike = pairs["alike"].to_numpy(zero_copy_only=False)
    names, numbers = np.unique(np.concatenate([a, b]).astype(str), return_inverse=True)
    code = numbers[: len(a)].astype(np.int64) * len(names) + numbers[len(a) :]
    edges = []
    for one in np.unique(code).tolist():
        here = code == one
        measured = densest(apart[here], alike[here])
        if measured is not None:
            first, second = divmod(one, len(names))
            edges.append((str(names[first]), str(names[second]), *measured))
    return edges


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
