"""Some connections of many, told by their keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sekisho.audit.evidence import KEYS


def among(connections: Any, of: Any | None) -> Any:
    """The rows of a table that are of connections in `of` (keys), in their order; all where that is None."""
    return connections if of is None else connections.filter(pa.array(member(connections, of)))


def member(connections: Any, of: Any) -> NDArray[np.bool_]:
    """Of each row of a table whether its connection is in `of`; both have KEYS."""
    places = pa.array(np.arange(connections.num_rows, dtype=np.int64))
    asked = connections.select(KEYS).append_column("place", places)
    known = of.select(KEYS).cast(pa.schema([asked.schema.field(name) for name in KEYS]))
    found = asked.join(known, keys=list(KEYS), join_type="left semi")["place"].to_numpy()
    held = np.zeros(connections.num_rows, dtype=np.bool_)
    held[found] = True
    return held
