"""Logs of exactly so many rows, the same for the same seed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sekisho.errors import RequestError
from sekisho.inventory.files import load_inventory
from sekisho.policy.files import load_policy
from sekisho.simulate.volume import write_volume


def data(path):
    return [
        line for line in path.read_text().splitlines() if line[0] not in "#tSf" and line.count(",") != 5
    ]


@pytest.mark.parametrize("form", ["zeek-tsv", "zeek-json"])
@pytest.mark.parametrize("sensors", [1, 2])
def test_exactly_so_many_rows(tmp_path, form, sensors):
    made = write_volume(tmp_path, 70_002, prefixes=200, rules=40, days=3, sensors=sensors, format=form)
    counts = [len(data(p)) for p in made.files]
    assert sum(counts) == made.rows == 70_002
    assert len(counts) == 3 * sensors
    assert made.size == sum(p.stat().st_size for p in made.files)


def test_nfdump_has_two_rows_a_flow_and_a_summary(tmp_path):
    made = write_volume(tmp_path, 4000, prefixes=50, rules=10, days=2, format="nfdump-csv")
    texts = [p.read_text().splitlines() for p in made.files]
    assert sum(len(t) - 4 for t in texts) == 4000
    assert all(len(line.split(",")) == 48 for t in texts for line in t[:-3])


def test_the_same_seed_writes_the_same(tmp_path):
    first, same, other = (
        [
            p.read_bytes()
            for p in write_volume(tmp_path / name, 2000, days=2, prefixes=50, seed=seed).files
        ]
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == same
    assert first != other


def test_rows_are_in_order_and_in_their_day(tmp_path):
    made = write_volume(tmp_path, 3000, days=3, prefixes=50)
    for path in made.files:
        times = [float(line.split("\t")[0]) for line in data(path)]
        assert times == sorted(times)
        day = datetime.strptime(path.stem, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
        assert day <= times[0] <= times[-1] < day + 86_400


def test_a_connection_is_seen_about_ten_times_a_day(tmp_path):
    made = write_volume(tmp_path, 40_000, days=2, prefixes=300)
    keys = [
        {(f[2], f[4], f[5], f[6]) for f in (line.split("\t") for line in data(p))} for p in made.files
    ]
    assert 8 <= 40_000 / sum(len(k) for k in keys) <= 13


def test_a_longer_time_can_have_the_connections_of_a_shorter_one(tmp_path):
    week, month = (
        write_volume(tmp_path / str(days), 14_000, prefixes=300, days=days, population=many)
        for days, many in ((7, None), (28, 200))
    )
    assert len(month.files) == 28
    assert week.connections == month.connections == 200


def test_the_workspace_has_the_prefixes_and_rules_asked_for(tmp_path):
    write_volume(tmp_path, 1000, prefixes=300, rules=70)
    inventory = load_inventory(tmp_path)
    assert sum(len(site.prefixes) for site in inventory.sites.values()) == 300
    assert len(load_policy(tmp_path, inventory).rules) == 70


@pytest.mark.parametrize(
    ("rows", "more"), [(3, {}), (1001, {"sensors": 2}), (1000, {"prefixes": 2}), (9, {"population": 0})]
)
def test_what_cannot_be_written_is_refused(tmp_path, rows, more):
    with pytest.raises(RequestError):
        write_volume(tmp_path / "w", rows, **more)


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine").write_text("keep")
    with pytest.raises(RequestError):
        write_volume(tmp_path, 1000)
