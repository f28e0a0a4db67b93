from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
import trustme

from sekisho.app.collecting.site import Site, alone, pem
from sekisho.app.workspace import Workspace, init
from sekisho.errors import RequestError


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = init(tmp_path).workspace
    sensors = "sensors:\n  edge: {site: a, address: 127.0.0.1}\n"
    (tmp_path / "sites.yaml").write_text(f"sites:\n  a: {{prefixes: [10.1.0.0/16]}}\n{sensors}")
    pair = trustme.CA()
    pair.cert_pem.write_to_path(tmp_path / "ca.pem")
    own = pair.issue_cert("a")
    own.cert_chain_pems[0].write_to_path(tmp_path / "a.pem")
    own.private_key_pem.write_to_path(tmp_path / "a.key")
    (tmp_path / "sekisho.toml").write_text(
        '[collect]\nflows = "127.0.0.1:0"\n[collect.forward]\nurl = "https://localhost:1"\n'
        'ca = "ca.pem"\ncertificate = "a.pem"\nkey = "a.key"\n'
    )
    return made


def site(workspace: Workspace) -> Site:
    return Site(workspace, workspace.settings(os.environ).settings.collect)


def test_receives_while_the_centre_is_not_there_and_stops(workspace: Workspace) -> None:
    stop, bound = threading.Event(), list[str]()

    def listening(receiver: object) -> None:
        bound.extend(one.name for one in receiver.bound)  # type: ignore[attr-defined]
        stop.set()

    site(workspace).run(stop, listening)
    assert bound[0].startswith("udp://127.0.0.1:")


def test_what_is_missing_is_named(workspace: Workspace) -> None:
    text = workspace.settings_file.read_text()
    for line, said in (("url", "no centre"), ("key", "forward.key"), ("ca", "forward.ca")):
        kept = [one for one in text.splitlines() if not one.startswith(f"{line} =")]
        workspace.settings_file.write_text("\n".join(kept) + "\n")
        with pytest.raises(RequestError, match=said):
            site(workspace).run(threading.Event(), lambda _receiver: None)


def test_one_at_a_time(workspace: Workspace) -> None:
    with alone(workspace.spool, "forward"), pytest.raises(RequestError, match="another process"):
        site(workspace).run(threading.Event(), lambda _receiver: None)


def test_paths_are_of_the_workspace(workspace: Workspace) -> None:
    forward = workspace.settings(os.environ).settings.collect.forward
    assert pem(workspace.root, "collect.forward", forward, "key") == workspace.root / "a.key"
