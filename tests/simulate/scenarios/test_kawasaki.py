"""One Thai server into Japan, then the other countries, as the reference incident went."""

from __future__ import annotations


def test_the_countries_in_the_order_of_the_incident(world):
    into = {}
    for hop in world("kawasaki").truth("hops"):
        if hop["dst_site"].startswith("jp-") and hop["permitted"] == "unauthorized":
            into.setdefault(hop["src_site"], hop["at"])
    assert list(into) == ["th-plant", "ph-plant", "id-plant", "us-plant"]


def test_several_servers_in_japan_through_the_same_thai_one(world):
    made = world("kawasaki")
    entry = made.facts()["entry"]
    found = [
        t for t in made.truth("connections") if t["src"] == entry and t["verdict"] == "unauthorized"
    ]
    assert len({t["dst"] for t in found if t["dst_site"].startswith("jp-")}) >= 4


def test_control_runs_backwards_and_begins_it_all(world):
    made = world("kawasaki")
    first = made.truth("hops")[0]
    assert (first["kind"], first["src"], first["permitted"]) == (
        "reverse",
        made.facts()["entry"],
        "external",
    )


def test_a_permitted_edge_is_used_too(world):
    assert "authorized" in {h["permitted"] for h in world("kawasaki").truth("hops")}


def test_what_leaves_is_in_the_logs(world):
    made = world("kawasaki")
    facts = made.facts()
    ends = facts["entry"], facts["exfiltration_to"]
    out = sum(r.out for r in made.rows("th-plant-edge") if (r.src, r.dst) == ends)
    assert 0.5 * facts["exfiltration_bytes"] < out <= facts["exfiltration_bytes"]
