"""Hosts of many connections as numbers, and who of them are the company's."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sekisho.audit.automation.contacts import Ints
from sekisho.audit.automation.prevalence import hosts_of
from sekisho.policy.compile import CompiledPolicy


@dataclass(frozen=True)
class Ends:
    """`src` and `dst`: the number of the host at either end of each connection. By host: `site` (its place
    in `sites`; 0 is none), `talked_to_by` (how many internal hosts it talked with, either way). What follows
    from them is worked out once: an audit asks for it with every finding."""

    src: Ints
    dst: Ints
    site: Ints
    sites: tuple[str | None, ...]
    talked_to_by: Ints

    @cached_property
    def internal(self) -> NDArray[np.bool_]:
        """By host, whether it is in a site."""
        return self.site > 0

    @cached_property
    def hosts(self) -> int:
        """How many of the company's hosts were seen."""
        return int(self.internal.sum())

    @cached_property
    def peer(self) -> Ints:
        """Of each connection the end that is asked about: the responder, or the initiator where only that
        is outside."""
        inside = self.internal
        return np.where(inside[self.dst] & ~inside[self.src], self.src, self.dst)

    def pair_first(self, first: Ints) -> Ints:
        """Of each connection when its two hosts were first seen together, from when each connection was."""
        low, high = np.minimum(self.src, self.dst), np.maximum(self.src, self.dst)
        _, place = np.unique(low * len(self.site) + high, return_inverse=True)
        earliest = np.full(int(place.max()) + 1 if len(place) else 0, np.iinfo(np.int64).max)
        np.minimum.at(earliest, place, first)
        return earliest[place]


def ends(connections: Any, compiled: CompiledPolicy, at: datetime) -> Ends:
    """The ends of a table of keys; sites are those of the inventory at `at` (aware)."""
    rows = connections.num_rows
    names = {part: _both(connections, part) for part in ("realm", "hi", "lo")}
    realms = pc.dictionary_encode(names["realm"])
    codes = realms.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    hi, lo = names["hi"].to_numpy(), names["lo"].to_numpy()
    order = np.lexsort((lo, hi, codes))
    fresh = np.ones(len(order), dtype=np.bool_)
    for column in (codes, hi, lo):
        moved = column[order][1:] != column[order][:-1]
        fresh[1:] = moved if column is codes else fresh[1:] | moved
    number = np.zeros(len(order), dtype=np.int64)
    number[order] = np.cumsum(fresh) - 1
    each = order[fresh]
    asked = pa.table(
        {
            "epoch": np.full(len(each), bisect_right(compiled.epochs, at), dtype=np.int32),
            "realm": names["realm"].take(pa.array(each)),
            "hi": hi[each],
            "lo": lo[each],
        }
    )
    label = compiled.label(asked)["class"].to_numpy()
    sites: dict[str | None, int] = {None: 0}
    of_class = np.array(
        [sites.setdefault(one.site, len(sites)) for one in compiled.classes] or [0], dtype=np.int64
    )
    site = of_class[label]
    src, dst = number[:rows], number[rows:]
    talked = hosts_of(np.concatenate([src, dst]), np.concatenate([dst, src]), (site > 0)[number])
    talked = np.pad(talked, (0, len(each) - len(talked)))
    return Ends(src, dst, site, tuple(sites), talked)


def _both(connections: Any, part: str) -> Any:
    """A column of the initiators, then of the responders."""
    src, dst = connections[f"src_{part}"], connections[f"dst_{part}"]
    return pa.chunked_array([*src.chunks, *dst.chunks], src.type).combine_chunks()
