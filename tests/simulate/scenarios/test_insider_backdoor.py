"""A session that never really ends, slow data, and a permit used for what it was not meant."""

from __future__ import annotations


def test_the_implant_calls_out_and_holds_the_line(world):
    made = world("insider-backdoor")
    facts = made.facts()
    ends = facts["entry"], facts["exfiltration_to"]
    sessions = [r for r in made.rows("jp-kobe-edge") if (r.src, r.dst) == ends]
    hours = [float(r.fields["duration"]) / 3600 for r in sessions]
    assert len(sessions) >= 5
    assert sum(h > 4 for h in hours) >= len(hours) / 2
    assert max(r.out / max(float(r.fields["duration"]), 1) for r in sessions) < 2000


def test_a_permit_is_misused_and_is_no_finding(world):
    made = world("insider-backdoor")
    hop = next(h for h in made.truth("hops") if h["technique"] == "T1039")
    assert hop["permitted"] == "authorized"
    assert (hop["src"], hop["dst"]) not in {(t["src"], t["dst"]) for t in made.truth("connections")}


def test_the_insiders_come_from_an_office_that_may_not(world):
    found = [
        t for t in world("insider-backdoor").truth("connections") if "insiders' visits" in t["label"]
    ]
    ends = [(t["src_site"], t["dst_site"], t["verdict"]) for t in found]
    assert ends == [("in-eng", "jp-kobe", "unauthorized")]


def test_what_stays_in_one_office_is_on_no_record(world):
    made = world("insider-backdoor")
    (inside,) = (hop for hop in made.truth("hops") if hop["recorded"] == "0")
    assert inside["technique"] == "T1074.002"
    assert inside["permitted"] == "intra_site"
    rows = [r for sensor in made.sensors() for r in made.rows(sensor)]
    assert not [r for r in rows if (r.src, r.dst) == (inside["src"], inside["dst"])]
