from __future__ import annotations

import numpy as np
import pytest

from sekisho.audit.automation.prevalence import Prevalence, hosts_of


@pytest.mark.parametrize(
    ("hosts", "of", "rare", "common"),
    [
        (1, 1_000, True, False),
        (3, 150, True, False),
        (3, 12, True, False),  # of few hosts a share says little
        (4, 1_000, False, False),
        (10, 1_000, False, False),
        (25, 1_000, False, True),
        (6, 12, False, True),
        (0, 0, True, False),
    ],
)
def test_rare_and_common(hosts: int, of: int, rare: bool, common: bool) -> None:
    figure = Prevalence(hosts, of)
    assert (figure.rare, figure.common) == (rare, common)


def test_distinct_hosts_of_the_company_are_counted() -> None:
    initiators, peers = np.array([1, 1, 2, 9, 3]), np.array([0, 0, 0, 0, 2])
    internal = np.array([True, True, True, False, True])
    assert hosts_of(initiators, peers, internal).tolist() == [2, 0, 1]
    nobody = np.zeros(0, dtype=np.int64)
    assert hosts_of(nobody, nobody, np.zeros(0, dtype=np.bool_)).tolist() == []
