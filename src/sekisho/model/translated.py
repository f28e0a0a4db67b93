"""What a translation that a gateway logged with a connection is called, as a name (`NameKind.NAT`).

`tcp 10.1.0.5:51000 > 198.51.100.7:443 as 203.0.113.9:1024 > 198.51.100.7:443 for 12 s`: first the ends that
are meant, then those that records beyond the gateway bear, and how long the connection lasted. Ports are
0 where the protocol has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model import protocols
from sekisho.model.addresses import keys_from_text

Ints = npt.NDArray[np.int64]

_END = r"\[?(?P<{0}>[0-9a-f.:]+?)\]?:(?P<{0}_port>[0-9]{{1,5}})"
_FORM = (
    "^(?P<protocol>[^ ]+) "
    + _END.format("src") + " > " + _END.format("dst")
    + " as " + _END.format("seen_src") + " > " + _END.format("seen_dst")
    + " for (?P<seconds>[0-9]{1,9}) s$"
)  # fmt: skip


class Ends(NamedTuple):
    """One end of each of some connections: addresses as text, ports."""

    address: Any
    port: Ints


def told(
    protocol: Ints, src: Ends, dst: Ends, seen_src: Ends, seen_dst: Ends, seconds: Ints
) -> pa.Array:
    """Names of translations, text; columns are parallel."""
    names = pa.array([protocols.name(number) for number in range(256)], pa.string())
    parts = [names.take(pa.array(protocol)), " "]
    for end, then in ((src, " > "), (dst, " as "), (seen_src, " > "), (seen_dst, " for ")):
        parts += [_end(end), then]
    return pc.binary_join_element_wise(*parts, _text(seconds), " s", "")


def read(values: Any) -> pa.Table:
    """The parts of such names: protocol, seconds, and `hi`, `lo`, `port` of src, dst, seen_src, seen_dst, each
    int64, with `place`, the value's own. What does not read so is left out."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    found = pc.extract_regex(values, _FORM)
    place = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    found = found.take(pa.array(place))
    columns: dict[str, Any] = {"place": place}
    bad = np.zeros(len(place), dtype=np.bool_)
    for end in ("src", "dst", "seen_src", "seen_dst"):
        columns[f"{end}_hi"], columns[f"{end}_lo"], wrong = keys_from_text(found.field(end))
        columns[f"{end}_port"] = found.field(f"{end}_port").cast(pa.int64())
        bad |= wrong
    words = found.field("protocol").dictionary_encode()
    numbers = pa.array(list(_numbers(words.dictionary.to_pylist())), pa.int64())
    columns["protocol"] = numbers.take(words.indices)
    columns["seconds"] = found.field("seconds").cast(pa.int64())
    table = pa.table({name: pa.array(column, pa.int64()) for name, column in columns.items()})
    return table.filter(pa.array(~bad)).drop_null()


def _numbers(words: list[str]) -> Iterator[int | None]:
    for word in words:
        try:
            yield protocols.number(word)
        except ValueError:
            yield None


def _end(end: Ends) -> Any:
    address = end.address
    long = pc.match_substring(address, ":")
    bracketed = pc.binary_join_element_wise("[", address, "]", "")
    return pc.binary_join_element_wise(pc.if_else(long, bracketed, address), _text(end.port), ":")


def _text(numbers: Ints) -> Any:
    return pa.array(numbers, pa.int64()).cast(pa.string())
