"""Many payloads in one buffer."""

import numpy as np

from sekisho.sources.netflow.datagrams import Datagrams, gathered


def test_payloads_keep_their_order_exporter_and_number() -> None:
    found = Datagrams.of([("a", b"one", 5), ("b", b"", 6), ("a", b"three", 7)], first_row=10)
    assert len(found) == 3
    assert [found.payload(place) for place in range(3)] == [b"one", b"", b"three"]
    assert found.payload(2, 2) == b"th"
    assert [found.names[place] for place in found.exporters] == ["a", "b", "a"]
    assert found.arrivals.tolist() == [5, 6, 7]
    assert found.rows.tolist() == [10, 11, 12]


def test_no_payloads_are_no_datagrams() -> None:
    assert len(Datagrams.of([])) == 0


def test_headers_are_gathered_from_any_place() -> None:
    octets = np.frombuffer(b"\0\1\0\2\0\3", dtype=np.uint8)
    kind = np.dtype([("number", ">u2")])
    assert gathered(octets, np.array([4, 0]), 2, kind)["number"].tolist() == [3, 1]
