from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.errors import FileProblems
from sekisho.inventory.files import load_inventory

SITES = """\
sites:
  jp-hq: {name: Head office, country: JP, owner: it, prefixes: [10.1.0.0/16]}
sensors:
  jp-edge: {site: jp-hq, kind: zeek, sees: [edge]}
nat:
"""


def read(folder: Path, *entries: str) -> object:
    (folder / "sites.yaml").write_text(SITES + "".join(f"  {entry}\n" for entry in entries))
    (folder / "assets.csv").write_text("address,hostname,site,groups,owner,criticality\n")
    return load_inventory(folder)


def test_entries_are_read_with_time_ports_and_sensor(tmp_path: Path) -> None:
    inventory = read(
        tmp_path,
        "erp: {original: 10.1.0.5, translated: 203.0.113.5}",
        "a: {sensor: jp-edge, original: 10.1.0.6, translated: 203.0.113.6, ports: 1024-2047}",
        "b: {sensor: jp-edge, original: 10.1.0.7, translated: 203.0.113.6, ports: 2048-4095}",
        "c: {original: 10.1.0.8, translated: 203.0.113.8, until: 2020-06-30}",
        "d: {original: 10.1.0.9, translated: 203.0.113.8, from: 2020-07-01}",
    )
    found = {one.name: one for one in inventory.translations}  # type: ignore[attr-defined]
    assert set(found) == {"erp", "a", "b", "c", "d"}
    assert (found["erp"].sensor, found["erp"].ports) == (None, (0, 65535))
    assert (found["a"].sensor, found["a"].ports) == ("jp-edge", (1024, 2047))
    assert found["c"].validity.end == found["d"].validity.begin


def test_a_prefix_stands_for_one_of_equal_length_address_by_address(tmp_path: Path) -> None:
    inventory = read(tmp_path, "site: {original: 10.1.0.0/30, translated: 172.31.8.4/30}")
    found = [(str(one.original), str(one.translated)) for one in inventory.translations]  # type: ignore[attr-defined]
    assert found == [(f"10.1.0.{n}", f"172.31.8.{4 + n}") for n in range(4)]


@pytest.mark.parametrize(
    ("entries", "line", "said"),
    [
        (["x: {original: 10.1.0.0/30, translated: 172.31.8.0/29}"], 6, "not as many"),
        (["x: {original: 10.0.0.0/8, translated: 11.0.0.0/8}"], 6, "over 1,024"),
        (
            [
                "x: {original: 10.1.0.0/30, translated: 172.31.8.0/30}",
                "y: {original: 10.1.0.9, translated: 172.31.8.2}",
            ],
            7,
            "stands for 10.1.0.2 (x) and for 10.1.0.9",
        ),
        (["x: {original: 10.1.0.5}"], 6, "translated"),
        (["x: {original: 10.1.0.5, translated: nowhere}"], 6, "nowhere"),
        (["x: {original: 10.1.0.5, translated: 203.0.113.5, ports: 9-1}"], 6, "no range"),
        (["x: {sensor: jp-edg, original: 10.1.0.5, translated: 203.0.113.5}"], 6, "no sensor"),
        (
            [
                "x: {original: 10.1.0.5, translated: 203.0.113.5}",
                "y: {sensor: jp-edge, original: 10.1.0.6, translated: 203.0.113.5}",
            ],
            7,
            "stands for 10.1.0.5 (x) and for 10.1.0.6",
        ),
    ],
)
def test_a_slip_is_located(tmp_path: Path, entries: list[str], line: int, said: str) -> None:
    with pytest.raises(FileProblems) as caught:
        read(tmp_path, *entries)
    (problem,) = caught.value.problems
    assert said in str(problem)
    assert f"sites.yaml:{line}:" in str(problem)
