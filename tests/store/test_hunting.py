"""Indicators against flows by hand of two days, and names beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.model.addresses import bounds, halves, key, parse_address, text_of
from sekisho.store import hunting
from sekisho.store.hunting import ASKED_ADDRESSES, ASKED_NAMES, ASKED_PREFIXES, Asked, Hunted
from sekisho.store.lake import Lake

from .conftest import MONDAY
from .conftest import _flow as flow
from .conftest import _name as name
from .conftest import _take as take
from .conftest import _take_names as take_names

DAY = 86_400


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "lake", create=True, threads=1, memory_limit="300MB") as lake:
        yield lake


def asked(
    addresses: Sequence[str] = (), prefixes: Sequence[str] = (), names: Sequence[tuple[str, str]] = ()
) -> Asked:
    """Numbers count from 0 in addresses, from 100 in prefixes, from 200 in names."""
    rows: list[dict[str, Any]] = []
    for number, text in enumerate(addresses):
        hi, lo = key(parse_address(text))
        rows.append({"number": number, "hi": hi, "lo": lo})
    wide: list[dict[str, Any]] = []
    for number, text in enumerate(prefixes, 100):
        network = ip_network(text)
        hi, lo = halves(bounds(network)[0])
        length = network.prefixlen + (96 if network.version == 4 else 0)
        wide.append({"number": number, "hi": hi, "lo": lo, "length": length})
    said = [{"number": n, "family": f, "value": v} for n, (f, v) in enumerate(names, 200)]
    return Asked(
        pa.Table.from_pylist(rows, ASKED_ADDRESSES),
        pa.Table.from_pylist(wide, ASKED_PREFIXES),
        pa.Table.from_pylist(said, ASKED_NAMES),
    )


def find(lake: Lake, one: Asked, **more: Any) -> Hunted:
    return lake.hunting.find(one, more.pop("keeps", lambda _hi, _lo: True), **more)


def ends(found: Hunted) -> list[tuple[int, str, str, int]]:
    assert found.contacts is not None
    return sorted(
        (r["number"], text_of(r["src_hi"], r["src_lo"]), text_of(r["dst_hi"], r["dst_lo"]), r["flows"])
        for r in found.contacts.to_pylist()
    )


def test_addresses_and_prefixes_at_either_end(lake: Lake) -> None:
    take(
        lake,
        "edge",
        [
            flow("10.1.0.5", "45.9.148.3", 443),
            flow("10.1.0.5", "45.9.148.3", 443, at=DAY + 60, sport=50_002),
            flow("45.9.149.200", "10.1.0.5", 22),
            flow("2001:db8:1::5", "2a0b:f4c2:1::9", 443),
            flow("10.1.0.5", "45.9.150.1", 443),
        ],
    )
    found = find(
        lake,
        asked(["45.9.148.3", "10.9.9.9"], ["45.9.148.0/23", "2a0b:f4c0::/29", "2a0b:f4c2:1::8/125"]),
    )
    assert ends(found) == [
        (0, "10.1.0.5", "45.9.148.3", 2),
        (100, "10.1.0.5", "45.9.148.3", 2),
        (100, "45.9.149.200", "10.1.0.5", 1),
        (101, "2001:db8:1::5", "2a0b:f4c2:1::9", 1),
        (102, "2001:db8:1::5", "2a0b:f4c2:1::9", 1),
    ]
    assert found.contacts is not None
    one = next(r for r in found.contacts.to_pylist() if r["number"] == 0)
    assert (one["days"], one["established"], one["bytes_out"], one["sensors"]) == (2, 2, 2000, ["edge"])
    assert one["first"] == MONDAY + timedelta(hours=10)
    assert (found.recorded, found.named) == (True, False)


def test_a_connection_with_both_ends_in_a_prefix_is_one(lake: Lake) -> None:
    take(lake, "edge", [flow("45.9.148.1", "45.9.148.2", 443)])
    found = find(lake, asked([], ["45.9.148.0/24"]))
    assert [one[3] for one in ends(found)] == [1]


def test_ends_of_prefixes_that_may_raise_no_alarm(lake: Lake) -> None:
    take(lake, "edge", [flow("10.1.0.5", f"8.8.8.{n}", 53) for n in (8, 9)])
    spared = key(parse_address("8.8.8.8"))
    found = find(lake, asked([], ["8.8.8.0/24"]), keeps=lambda hi, lo: (hi, lo) != spared)
    assert [one[2] for one in ends(found)] == ["8.8.8.9"]
    assert found.passed == 1


def test_a_window_takes_whole_days_and_nothing_recorded_is_said(lake: Lake) -> None:
    assert not find(lake, asked(["45.9.148.3"])).recorded
    rows = [flow("10.1.0.5", "45.9.148.3", 443, at=n * DAY + 60, sport=50_000 + n) for n in range(3)]
    take(lake, "edge", rows)
    one = asked(["45.9.148.3"])
    begin = MONDAY + timedelta(days=1)
    assert [x[3] for x in ends(find(lake, one, begin=begin))] == [2]
    assert [x[3] for x in ends(find(lake, one, begin=begin, end=begin + timedelta(days=1)))] == [1]
    assert not find(lake, one, begin=MONDAY + timedelta(days=9)).recorded


def test_a_day_that_is_not_whole_is_named_and_the_others_answer(lake: Lake) -> None:
    rows = [flow("10.1.0.5", "45.9.148.3", 443, at=n * DAY + 60, sport=50_000 + n) for n in range(3)]
    take(lake, "edge", rows)
    one, second = asked(["45.9.148.3"]), MONDAY + timedelta(days=1)
    assert find(lake, one, begin=second).damage == ()
    broken = max(path for path in lake.counted() if path.startswith("rollup"))
    lake.layout.absolute(broken).write_bytes(b"")
    found = find(lake, one, begin=second)
    assert [(damage.path, damage.reason[:7]) for damage in found.damage] == [(broken, "0 bytes")]
    assert [x[3] for x in ends(found)] == [1]
    for whole in (find(lake, one), find(lake, one, begin=MONDAY)):
        assert [x[3] for x in ends(whole)] == [3], (
            "the month has it, also in a window that holds the month"
        )
        assert whole.damage == ()


def test_no_more_than_asked_for_and_how_many_there_are(lake: Lake) -> None:
    take(lake, "edge", [flow("10.1.0.5", "45.9.148.3", port) for port in range(1, 6)])
    found = find(lake, asked(["45.9.148.3"]), limit=2)
    assert found.contacts is not None
    assert (found.contacts.num_rows, found.contacts["total"][0].as_py()) == (2, 5)


def test_names_below_a_domain_hosts_alone_and_hashes(lake: Lake) -> None:
    take(lake, "a", [flow(), flow("10.40.1.1"), flow("10.40.9.9", port=80)])
    take_names(
        lake,
        "a",
        [
            name("evil.example"),
            name("www.evil.example", at=36_005),
            name("notevil.example"),
            name("cdn.example:8080", "http_host", src="10.40.1.1"),
            name("sub.cdn.example", src="10.40.1.1"),
            name("abcd", "ja3", at=36_001),
            name("45.9.148.3", "dns_answer"),
            name("lost.example", src="10.40.77.7"),
        ],
    )
    families = [
        ("below", "evil.example"),
        ("host", "cdn.example"),
        ("ja3", "abcd"),
        ("below", "lost.example"),
    ]
    found = find(lake, asked(names=families))
    assert found.sightings is not None
    assert found.carriers is not None
    said = {(r["number"], r["kind"], r["value"]) for r in found.sightings.to_pylist()}
    assert said >= {
        (200, "sni", "evil.example"),
        (200, "sni", "www.evil.example"),
        (201, "http_host", "cdn.example:8080"),
        (202, "ja3", "abcd"),
        (203, "sni", "lost.example"),
    }
    assert not {r for r in said if "notevil" in r[2] or "sub.cdn" in r[2]}
    flows = {
        (r["number"], text_of(r["src_hi"], r["src_lo"]), r["port"]) for r in found.carriers.to_pylist()
    }
    # What no flow carries is sighted all the same.
    assert flows == {(200, "10.40.9.9", 445), (201, "10.40.1.1", 445), (202, "10.40.9.9", 445)}
    one = found.sightings.to_pylist()[0]
    assert (one["path"], one["row"] > 0, found.named) == ("names.log", True, True)
    late = find(lake, asked(names=families), begin=MONDAY + timedelta(hours=11))
    assert late.sightings is not None
    assert late.sightings.num_rows == 0


def test_that_answers_are_left_out_is_said(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    line = [
        name("evil.example", "dns_query", row=1),
        *(name(f"45.9.148.{n}", "dns_answer", row=1) for n in (3, 4)),
    ]
    take_names(lake, "a", line)
    one = asked(names=[("below", "evil.example")])
    found = find(lake, one)
    assert found.answers is not None
    assert (found.answers.num_rows, found.answers_left_out) == (2, False)
    monkeypatch.setattr(hunting, "MOST_ANSWERS", 1)
    found = find(lake, one)
    assert found.answers is not None
    assert (found.answers["answer"].to_pylist(), found.answers_left_out) == (["45.9.148.3"], True)
