"""The verdicts of what arrived: the same labels, classes and decisions as an audit's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.base import Register, microseconds

Ints = npt.NDArray[np.int64]


def violations(arrived: pa.Table, policy: CompiledPolicy) -> pa.Table:
    """Rows of arrivals (ARRIVED or COARSE) that are a finding's if established, as `judged` gives them."""
    return violating(judged(arrived, policy))


def violating(rows: pa.Table) -> pa.Table:
    """Those of judged rows that are a finding's if established."""
    return rows.filter(pc.greater_equal(rows["decided"], int(Rank.UNMAPPED)))


def judged(arrived: pa.Table, policy: Register) -> pa.Table:
    """Rows of arrivals (ARRIVED or COARSE) with `src_class`, `dst_class`, `decided`.

    `decided` (a Rank) holds for established flows. No row may reach over one of `policy.cuts`: each is
    judged by what held at its first flow.
    """
    if not arrived.num_rows:
        return _judged(arrived, *(np.zeros(0, dtype=np.int64),) * 3)
    at = arrived["first"].cast(pa.int64()).to_numpy()
    epoch = np.searchsorted([microseconds(point) for point in policy.epochs], at, "right")
    src, dst = _classes(arrived, epoch.astype(np.int64), policy)
    decided = _decided(src, dst, arrived["protocol"].to_numpy(), arrived["port"].to_numpy(), at, policy)
    return _judged(arrived, src, dst, decided)


def _judged(arrived: pa.Table, src: Ints, dst: Ints, decided: Ints) -> pa.Table:
    return (
        arrived.append_column("src_class", pa.array(src, pa.int32()))
        .append_column("dst_class", pa.array(dst, pa.int32()))
        .append_column("decided", pa.array(decided, pa.int8()))
    )


def _classes(arrived: pa.Table, epoch: Ints, policy: Register) -> tuple[Ints, Ints]:
    """Classes of both ends; each address is labelled once an epoch."""
    columns = {
        part: pa.chunked_array(
            [*arrived[f"src_{part}"].chunks, *arrived[f"dst_{part}"].chunks],
            arrived[f"src_{part}"].type,
        )
        for part in ("realm", "hi", "lo")
    }
    both = np.concatenate([epoch, epoch])
    code = both - both.min()
    realms = pc.unique(columns["realm"])
    parts = [pc.index_in(columns["realm"], realms).to_numpy().astype(np.int64)]
    parts += [np.unique(columns[part].to_numpy(), return_inverse=True)[1] for part in ("hi", "lo")]
    for part in parts:
        # Renumbered at each step, what is counted stays small enough for 64 bits.
        code = np.unique(code * (int(part.max()) + 1) + part, return_inverse=True)[1]
    _, index, inverse = np.unique(code, return_index=True, return_inverse=True)
    rows = pa.array(index)
    asked = pa.table(
        {"epoch": pa.array(both[index], pa.int32())}
        | {part: column.take(rows) for part, column in columns.items()}
    )
    classes = policy.label(asked)["class"].to_numpy().astype(np.int64)[inverse]
    return classes[: arrived.num_rows], classes[arrived.num_rows :]


def _decided(
    src: Ints,
    dst: Ints,
    protocol: npt.NDArray[np.int16],
    port: npt.NDArray[np.int32],
    at: Ints,
    policy: Register,
) -> Ints:
    """The decision of each row at its time."""
    service = protocol.astype(np.int64) << 16 | port.astype(np.int64)
    packed = (src * (int(dst.max()) + 1) + dst) << 24 | service
    _, index, inverse = np.unique(packed, return_index=True, return_inverse=True)
    decisions = policy.decide(
        pa.table(
            {
                "src_class": pa.array(src[index], pa.int32()),
                "dst_class": pa.array(dst[index], pa.int32()),
                "protocol": pa.array(protocol[index], pa.int16()),
                "port": pa.array(port[index], pa.int32()),
            }
        )
    )
    # Each combination's times follow each other and cover all of it: the first has no beginning.
    begins = decisions["begin"].cast(pa.int64())
    opens = np.flatnonzero(pc.is_null(begins).to_numpy(zero_copy_only=False))
    starts = pc.fill_null(begins, np.iinfo(np.int64).min).to_numpy()
    ranks = decisions["rank"].to_numpy().astype(np.int64)
    ends = np.append(opens[1:], len(ranks))
    place = opens[inverse]
    for several in np.flatnonzero(ends - opens > 1).tolist():
        rows = np.flatnonzero(inverse == several)
        within = np.searchsorted(starts[opens[several] : ends[several]], at[rows], "right") - 1
        place[rows] = opens[several] + within
    found: Ints = ranks[place]
    return found
