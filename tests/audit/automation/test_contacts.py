from __future__ import annotations

import numpy as np

from sekisho.audit.automation.contacts import Contacts, Runs


def test_rows_come_in_order_of_number_then_start() -> None:
    found = Contacts.of(
        {"number": [1, 0, 1], "start": [5, 9, 2], "lasted": [50, 90, 20], "sent": [3, 1, 2]}
    )
    assert found.number.tolist() == [0, 1, 1]
    assert found.start.tolist() == [9, 2, 5]
    assert found.lasted.tolist() == [90, 20, 50]
    assert found.sent.tolist() == [1, 2, 3]
    assert len(found.where(found.number == 1)) == 2


def test_runs_are_neighbours_equal_in_every_column() -> None:
    runs = Runs.of(np.array([1, 1, 1, 2, 1]), np.array([0, 0, 7, 7, 7]))
    assert runs.begin.tolist() == [0, 2, 3, 4]
    assert runs.size.tolist() == [2, 1, 1, 1]
    assert runs.place.tolist() == [0, 0, 1, 2, 3]
    assert len(Runs.of(np.zeros(0, dtype=np.int64))) == 0
