"""Without an attack only the innocent connections are left to find."""

from __future__ import annotations


def test_nothing_but_mishaps_is_found(world):
    found = world("quiet").truth("connections")
    assert all(t["label"].startswith("benign") for t in found)
    assert {t["verdict"] for t in found} == {"attempted", "lapsed", "unauthorized", "unmapped"}


def test_no_hops_and_no_entry(world):
    assert world("quiet").truth("hops") == []
    assert world("quiet").facts()["entry"] is None
