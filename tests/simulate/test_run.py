"""Whole runs: the same bytes for the same seed, and logs that agree with the truth beside them."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.errors import RequestError
from sekisho.simulate.attack import Script
from sekisho.simulate.base import Dice, Size
from sekisho.simulate.registry import SCENARIOS
from sekisho.simulate.run import Setting, benign_life, enact, simulate, stage

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def prints(folder):
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        simulate("kawasaki", tmp_path / name, seed, "small", flows=4000, days=6)
    assert prints(tmp_path / "a") == prints(tmp_path / "b")
    assert prints(tmp_path / "a") != prints(tmp_path / "c")


def test_the_same_traffic_can_be_recorded_in_one_format_by_all(tmp_path):
    for form in ("zeek-tsv", "nfdump-csv"):
        told = simulate("quiet", tmp_path / form, 1, flows=1000, days=5, recorded_as=form)
        sites = (tmp_path / form / "sites.yaml").read_text()
        assert ("kind: zeek" in sites) == (form == "zeek-tsv")
        assert ("kind: netflow" in sites) == (form == "nfdump-csv")
        assert told.rows > 1000


def test_progress_counts_up_to_all_of_it(tmp_path):
    steps = []
    simulate("quiet", tmp_path / "w", 1, "small", lambda *step: steps.append(step), flows=1000, days=5)
    assert [done for _, done, _ in steps] == [1, 2, 3, 4, 5]
    assert {total for _, _, total in steps} == {5}


@pytest.mark.parametrize(
    ("scenario", "more"),
    [
        ("nothing", {}),
        ("quiet", {"days": 2}),
        ("quiet", {"flows": 200_000_000}),
        ("quiet", {"clients": 1}),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_before_anything_is_written(tmp_path, scenario, more):
    with pytest.raises(RequestError):
        simulate(scenario, tmp_path / "w", 1, "small", **more)
    assert not (tmp_path / "w").exists()


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine").write_text("keep")
    with pytest.raises(RequestError):
        simulate("quiet", tmp_path, 1, "small")
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_the_start_is_a_choice(tmp_path):
    summary = simulate("quiet", tmp_path / "w", 1, "small", start=date(2024, 2, 26), flows=1000, days=5)
    assert summary.begin == datetime(2024, 2, 26, tzinfo=UTC)
    assert summary.end == datetime(2024, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_connection_of_the_truth_is_in_the_logs_of_the_sensors_it_names(world, scenario):
    made = world(scenario)
    rows = {}
    for sensor in made.sensors():
        for row in made.rows(sensor):
            rows.setdefault((sensor, row.src, row.dst, row.proto, row.dport), []).append(row)
    for truth in made.truth("connections"):
        names = dict(part.split("=") for part in truth["first_seen"].split(";"))
        counts = dict(part.split("=") for part in truth["flows_seen"].split(";"))
        for sensor, text in names.items():
            there = rows[sensor, truth["src"], truth["dst"], truth["protocol"], int(truth["port"])]
            wanted = (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)
            assert wanted in {row.at for row in there}
            if truth["verdict"] != "lapsed":
                assert wanted == min(row.at for row in there)
                if made.sites["sensors"][sensor]["kind"] == "zeek":
                    assert len(there) == int(counts[sensor])


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_no_rule_permits_is_in_the_truth_and_nothing_else_is(world, scenario):
    """An independent evaluator over every inter-site line finds the truth's connections."""
    made = world(scenario)
    found = set()
    for sensor in made.sensors():
        about = made.sites["sensors"][sensor]
        realm, kind = about.get("realm", ""), about["kind"]
        for row in made.rows(sensor):
            at = EPOCH + timedelta(microseconds=row.at)
            src, dst = made.site_of(realm, row.src), made.site_of(realm, row.dst)
            if src is None or dst is None or src == dst:
                continue
            if made.permitted(realm, row.src, row.dst, row.proto, row.dport, at):
                continue
            if kind == "netflow" and (
                row.proto == "icmp" or made.permitted(realm, row.dst, row.src, row.proto, row.sport, at)
            ):
                continue
            found.add((realm, row.src, row.dst, row.proto, row.dport))
    truth = {
        (t["src_realm"], t["src"], t["dst"], t["protocol"], int(t["port"]))
        for t in made.truth("connections")
        if t["verdict"] != "unmapped"
    }
    answers = {(realm, dst, src) for realm, src, dst, _, _ in truth}
    extra = {key for key in found - truth if key[:3] not in answers}
    assert truth - found == set()
    assert extra == set()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_attempts_have_no_answer_and_the_rest_has(world, scenario):
    made = world(scenario)
    for truth in made.truth("connections"):
        assert (truth["verdict"] in ("attempted", "unmapped")) == (int(truth["established"]) == 0)
        assert int(truth["bytes_out"]) >= 28 * int(truth["flows"])


def test_logs_hold_the_nuisances_that_real_ones_have(world):
    made = world("quiet")
    texts = {s: [p for p in (made.path / "logs" / s).rglob("*") if p.is_file()] for s in made.sensors()}
    assert any(p.suffix == ".gz" for p in texts["jp-hq-edge"])
    plain = {p.name for p in texts["us-plant-edge"]}
    assert {f"{name}.gz" for name in plain} & plain
    assert len(texts["ph-plant-edge"]) == len(made.files("ph-plant-edge")) + 1
    rows = [row for s in made.sensors() for row in made.rows(s)]
    assert {"S0", "REJ", "SF", "RSTO", "OTH"} <= {row.state for row in rows}
    assert any(int(row.fields.get("missed_bytes", 0)) for row in rows)
    assert any(row.dst.startswith("ff02::") for row in rows)
    assert any(row.dst == "255.255.255.255" for row in rows)


def test_all_life_has_names_of_its_own_and_permits_have_reasons(company, calendar, labels):
    activities, permits = benign_life(company, calendar, labels)
    assert len({a.name for a in activities}) == len(activities)
    assert len({p.id for p in permits}) == len(permits)
    assert all(p.owner and p.ticket and p.why for p in permits)


def test_what_is_staged_is_what_is_written(tmp_path: Path) -> None:
    def play(script: Script) -> None:
        src, dst = script.company.host("th-plant-app01"), script.company.host("jp-hq-files01")
        script.sessions("mine", src, dst, 445, [script.calendar.at(2, 3)], 60, 1e4, 1e4)
        script.hop(src, dst, 445, script.calendar.at(2, 3))

    size = Size(flows=1000, days=5, clients=22, internet=300)
    setting = Setting("mine", 1, "own", size, date(2024, 2, 26), Dice((1,)), play)
    staged = stage(setting)
    summary = enact(setting, tmp_path / "w")
    assert (summary.scenario, summary.hops) == ("mine", len(staged.script.hops))
    hops = (tmp_path / "w" / "truth" / "hops.csv").read_text()
    assert staged.company.hosts[staged.script.hops[0].src].address in hops
