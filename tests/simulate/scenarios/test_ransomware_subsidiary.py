"""Tries by the dozen in the subsidiary's own address space, then over the company's link."""

from __future__ import annotations


def test_it_spreads_in_its_own_realm_first(world):
    made = world("ransomware-subsidiary")
    found = [t for t in made.truth("connections") if "subsidiary" in t["label"] or "mill" in t["label"]]
    assert {(t["src_realm"], t["dst_realm"]) for t in found} == {("aero", "aero")}
    assert sum(t["verdict"] == "attempted" for t in found) > 20
    assert sum(t["verdict"] == "unauthorized" for t in found) >= 3


def test_then_it_goes_over_the_link_from_the_server_in_both_spaces(world):
    made = world("ransomware-subsidiary")
    over = [t for t in made.truth("connections") if "link" in t["label"]]
    assert {(t["src"], t["src_realm"]) for t in over} == {("10.96.10.200", "")}
    assert {"jp-hq", "us-plant"} <= {t["dst_site"] for t in over if t["verdict"] == "unauthorized"}
    assert min(t["first"] for t in over) > made.truth("hops")[0]["at"]
    assert made.facts()["entry_realm"] == "aero"
