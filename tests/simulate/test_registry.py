"""The scenarios by the names that people use."""

from __future__ import annotations

from sekisho.simulate.registry import SCENARIOS


def test_the_four_scenarios():
    assert list(SCENARIOS) == ["kawasaki", "insider-backdoor", "ransomware-subsidiary", "quiet"]
    assert all(callable(play) for play in SCENARIOS.values())
