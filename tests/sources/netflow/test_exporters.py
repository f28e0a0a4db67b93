"""Sessions, and where records go."""

from __future__ import annotations

from typing import Any

import numpy as np

from sekisho.sources.netflow.chunks import Decoded
from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.exporters import Exporters, groups, joined
from sekisho.sources.netflow.messages import parse


def test_exporter_domain_and_version_make_a_session_and_their_number_is_bounded(encoder: Any) -> None:
    exporters, done = Exporters(sessions_limit=3), Decoded()
    items = [("a", 1), ("a", 2), ("b", 1), ("a", 1), ("c", 1)]
    datagrams = Datagrams.of([(who, encoder.message(9, [], domain=domain), 0) for who, domain in items])
    for messages in parse(datagrams)[0]:
        assert exporters.sessions_of(datagrams, messages, done).tolist() == [0, 1, 2, 0, -1]
    assert [(fault.row, "told apart" in fault.reason) for fault in done.faults] == [(5, True)]


def test_groups_keep_the_order_within() -> None:
    found = {key: places.tolist() for key, places in groups(np.array([7, 3, 7, 3, 7]))}
    assert found == {3: [1, 3], 7: [0, 2, 4]}
    assert [places.tolist() for _, places in groups(np.array([5, 5]))] == [[0, 1]]
    assert list(groups(np.array([], dtype=np.int64))) == []


def test_pieces_are_joined() -> None:
    assert joined(b"abcdef", np.array([4, 0]), np.array([2, 1])) == b"efa"
