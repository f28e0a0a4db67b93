"""Whether a sensor stands at the initiator's site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.store.base import AddressRange, SensorTraits

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def at_home(
    traits: Mapping[str, SensorTraits],
    sensor: pa.Array,
    realm: pa.Array,
    hi: pa.Array,
    lo: pa.Array,
    at: Ints,
) -> Bools:
    """For each row whether the address lies in the sensor's home at `at` (microseconds). Arrays or chunked
    arrays, parallel."""
    found = np.zeros(len(sensor), dtype=np.bool_)
    high, low = hi.to_numpy(), lo.to_numpy()
    for name in pc.unique(sensor).to_pylist():
        trait = traits.get(name)
        if trait is None or not trait.home:
            continue
        rows = np.flatnonzero(pc.equal(sensor, name).to_numpy(zero_copy_only=False))
        for one in sorted({home.realm for home in trait.home}):
            same = pc.equal(realm, one).to_numpy(zero_copy_only=False)[rows]
            chosen = rows[same]
            ranges = [home for home in trait.home if home.realm == one]
            found[chosen] = _inside(ranges, high[chosen], low[chosen], at[chosen])
    return found


def _inside(ranges: Sequence[AddressRange], hi: Ints, lo: Ints, at: Ints) -> Bools:
    inside = np.zeros(len(hi), dtype=np.bool_)
    for one in ranges:
        after = (hi > one.first_hi) | ((hi == one.first_hi) & (lo >= one.first_lo))
        before = (hi < one.last_hi) | ((hi == one.last_hi) & (lo <= one.last_lo))
        held = after & before
        if one.begin is not None:
            held &= at >= one.begin
        if one.end is not None:
            held &= at < one.end
        inside[held] = one.own
    return inside
