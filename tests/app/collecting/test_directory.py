from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.app.collecting.directory import Directory
from sekisho.app.workspace import Workspace, init
from sekisho.errors import FileProblems, RequestError

SITES = """
sites:
  a: {prefixes: [10.1.0.0/16]}
  b: {prefixes: [10.2.0.0/16]}
sensors:
  one: {site: a, address: 10.0.0.1}
  two: {site: b, address: 10.0.0.1}
  three: {site: b, address: "2001:db8::1"}
  four: {site: b}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = init(tmp_path).workspace
    (tmp_path / "sites.yaml").write_text(SITES)
    settings(made, '[collect.centre.collectors.a]\ncertificates = ["a"]\n')
    return made


def settings(workspace: Workspace, text: str) -> None:
    workspace.settings_file.write_text(text)


def test_each_has_the_exporters_of_its_own_sites(workspace: Workspace) -> None:
    both = (
        '[collect.centre.collectors.a]\ncertificates = ["a"]\n'
        '[collect.centre.collectors.east]\ncertificates = ["x"]\nsites = ["b", "a"]\n'
        '[collect.centre.collectors.b]\ncertificates = ["b"]\n'
    )
    settings(workspace, both)
    standing = Directory(workspace).now()
    exporters = {name: one.exporters for name, one in standing.collectors.items()}
    assert exporters == {
        "a": {"10.0.0.1"},
        "east": {"10.0.0.1", "2001:db8::1"},
        "b": {"10.0.0.1", "2001:db8::1"},
    }
    assert [list(standing.sensors[name]) for name in ("a", "b")] == [["one"], ["two", "three"]]


def test_what_changes_holds_at_once_and_what_cannot_be_read_lets_nobody_in(
    workspace: Workspace,
) -> None:
    directory = Directory(workspace)
    assert list(directory.collectors()) == ["a"]
    assert directory.now() is directory.now()
    settings(workspace, "")
    assert not directory.collectors()
    settings(workspace, "[collect")
    for _ in range(2):
        with pytest.raises(FileProblems):
            directory.collectors()
    settings(workspace, '[collect.centre.collectors.c]\ncertificates = ["c"]\n')
    with pytest.raises(RequestError, match="no site 'c'"):
        directory.collectors()
    workspace.settings_file.unlink()
    with pytest.raises(RequestError, match="cannot read"):
        directory.collectors()
