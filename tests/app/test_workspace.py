"""A workspace is found from inside it, made without overwriting, and its examples are valid."""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sekisho.app.workspace import Workspace, find, init
from sekisho.errors import RequestError


def uncomment(text: str) -> str:
    return re.sub(r"(?m)^# ", "", text)


def test_init_then_find_from_below(tmp_path: Path) -> None:
    made = init(tmp_path / "w")
    below = tmp_path / "w" / "logs" / "deep"
    below.mkdir(parents=True)
    assert find(below) == made.workspace == find(tmp_path, tmp_path / "w")
    assert stat.S_IMODE(made.workspace.data.stat().st_mode) == 0o700
    assert set(made.written) == {
        "sekisho.toml",
        "sites.yaml",
        "assets.csv",
        "policy.yaml",
        "gateways.yaml",
        "restore.yaml",
        "data/",
    }


def test_init_overwrites_nothing_and_is_idempotent(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("connections: []\n")
    (tmp_path / "other").write_text("mine")
    first = init(tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    second = init(tmp_path)
    assert first.kept == ("policy.yaml",)
    assert second.written == ()
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert (tmp_path / "policy.yaml").read_text() == "connections: []\n"


def test_init_does_not_write_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "w"
    root.mkdir()
    (root / "sites.yaml").symlink_to(outside)
    assert "sites.yaml" in init(root).kept
    assert not outside.exists()


def test_a_register_in_a_folder_gets_no_second_one(tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "a.yaml").write_text("connections: []\n")
    workspace = init(tmp_path).workspace
    assert workspace.policy_files() == (tmp_path / "policy" / "a.yaml",)


def test_a_folder_that_is_no_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="not inside a workspace") as inside:
        find(tmp_path)
    assert "sekisho init" in inside.value.mend
    with pytest.raises(RequestError, match="not a workspace"):
        find(tmp_path, tmp_path / "nowhere")


def test_init_over_a_file_is_a_request_error(tmp_path: Path) -> None:
    (tmp_path / "w").write_text("")
    with pytest.raises(RequestError, match="cannot make"):
        init(tmp_path / "w")


@pytest.mark.parametrize("name", ["sites.yaml", "policy.yaml", "gateways.yaml", "restore.yaml"])
def test_yaml_starters_are_empty_and_their_examples_parse(tmp_path: Path, name: str) -> None:
    init(tmp_path)
    text = (tmp_path / name).read_text()
    assert YAML(typ="safe").load(text) is None
    assert YAML(typ="safe").load(uncomment(text))


def test_settings_starter_is_valid_as_written_and_uncommented(tmp_path: Path) -> None:
    workspace = init(tmp_path).workspace
    assert tomllib.loads(workspace.settings_file.read_text()) == {}
    assert all(row.origin == "default" for row in workspace.settings({}).show())
    workspace.settings_file.write_text(uncomment(workspace.settings_file.read_text()))
    assert all(row.origin.startswith("sekisho.toml:") for row in workspace.settings({}).show())


def test_the_state_is_a_file_unless_a_secret_names_a_database(tmp_path: Path) -> None:
    workspace = init(tmp_path).workspace
    assert workspace.state_url({}) == workspace.state
    (tmp_path / "sekisho.toml").write_text('[state]\nurl = {env = "DB"}\n')
    assert workspace.state_url({"DB": "postgresql://u:p@h/d"}) == "postgresql://u:p@h/d"
    with pytest.raises(RequestError, match="no DB"):
        workspace.state_url({})


def test_inventory_files_are_those_that_exist(tmp_path: Path) -> None:
    assert Workspace(tmp_path).inventory_files() == ()
    workspace = init(tmp_path).workspace
    assert [p.name for p in workspace.inventory_files()] == ["sites.yaml", "assets.csv"]
