from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model.addresses import key, parse_address
from sekisho.model.translated import Ends, read, told

ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6).filter(lambda a: not a.ipv4_mapped))
ENDS = st.tuples(ADDRESSES.map(str), st.integers(0, 65535))


def numbers(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


@settings(max_examples=40)
@given(st.integers(0, 255), st.tuples(ENDS, ENDS, ENDS, ENDS), st.integers(0, 10**8))
def test_what_is_told_is_read(protocol: int, ends: tuple[tuple[str, int], ...], seconds: int) -> None:
    columns = [Ends(pa.array([address], pa.string()), numbers(port)) for address, port in ends]
    value = told(numbers(protocol), *columns, numbers(seconds))
    (row,) = read(value).to_pylist()
    assert (row["protocol"], row["seconds"], row["place"]) == (protocol, seconds, 0)
    for name, (address, port) in zip(("src", "dst", "seen_src", "seen_dst"), ends, strict=True):
        assert (row[f"{name}_hi"], row[f"{name}_lo"]) == key(parse_address(address))
        assert row[f"{name}_port"] == port


def test_what_does_not_read_so_is_left_out() -> None:
    good = "tcp 10.1.0.5:51000 > 198.51.100.7:443 as 203.0.113.9:1024 > 198.51.100.7:443 for 12 s"
    bad = ["", "tcp", good.replace("10.1.0.5", "10.1.0.555"), good.replace("tcp", "xyz"), good + " ?"]
    assert read(pa.array([*bad, good], pa.string()))["place"].to_pylist() == [len(bad)]
