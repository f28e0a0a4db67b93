from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.errors import FileProblems, RequestError
from sekisho.inventory.files import files_sha256, inventory_files, load_inventory, parse_inventory

GOOD = "sites: {jp: {country: JP, prefixes: [10.1.0.0/16]}}\n"


def test_a_workspace_is_read_and_its_bytes_hashed(tmp_path: Path) -> None:
    (tmp_path / "sites.yaml").write_text(GOOD)
    alone = load_inventory(tmp_path)
    (tmp_path / "assets.csv").write_text("address,hostname\n10.1.0.1,a\n")
    both = load_inventory(tmp_path)
    assert (len(alone.assets), len(both.assets)) == (0, 1)
    assert alone.sha256 != both.sha256
    assert both.sha256 == files_sha256(inventory_files(tmp_path))


def test_the_hash_tells_names_from_contents() -> None:
    assert files_sha256({"a": b"bc"}) != files_sha256({"ab": b"c"})
    assert files_sha256({"a": b"", "b": b"x"}) != files_sha256({"a": b"x", "b": b""})
    assert files_sha256({"a": b"1", "b": b"2"}) == files_sha256({"b": b"2", "a": b"1"})


def test_no_inventory_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        load_inventory(tmp_path)
    assert "init" in refused.value.mend
    (tmp_path / "sites.yaml").mkdir()
    with pytest.raises(RequestError, match="not a file"):
        load_inventory(tmp_path)


def test_problems_of_both_files_come_at_once() -> None:
    with pytest.raises(FileProblems) as refused:
        parse_inventory({"sites.yaml": (GOOD + "zone: {}\n").encode(), "assets.csv": b"address\n"})
    assert {p.file for p in refused.value.problems} == {"sites.yaml", "assets.csv"}


def test_assets_say_nothing_while_sites_cannot_be_read() -> None:
    with pytest.raises(FileProblems) as refused:
        parse_inventory({"sites.yaml": b"\t", "assets.csv": b"address,hostname\n10.0.0.1,a\n"})
    assert {p.file for p in refused.value.problems} == {"sites.yaml"}
