from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from sekisho.app.checking.enrolling import list_secrets, new_secret, pepper, retire_secret
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import IntegrityError, RequestError
from sekisho.fleet.service import keys

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_secret_is_shown_once_and_kept_nowhere(workspace: Workspace) -> None:
    made = new_secret(workspace, site="th-plant", why="rollout", now=NOW, by="ken")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", made.secret)
    for path in workspace.root.rglob("*"):
        assert not path.is_file() or made.secret.encode() not in path.read_bytes(), path
    (one,) = list_secrets(workspace).secrets
    assert (one.id, one.site, one.why, one.by, one.nodes) == (made.id, "th-plant", "rollout", "ken", 0)
    with open_decisions(workspace) as decisions:
        (kept,) = decisions.state.nodes().secrets()
    assert kept.hash == keys.hashed(made.secret, pepper(workspace), "enrol")


def test_secrets_overlap_and_are_retired_once(workspace: Workspace) -> None:
    first = new_secret(workspace, now=NOW, by="ken")
    new_secret(workspace, now=NOW, by="ken")
    retired = retire_secret(workspace, first.id, now=NOW, by="aiko")
    assert (retired.retired, retired.retired_by) == (NOW, "aiko")
    assert sorted(s.retired is None for s in list_secrets(workspace).secrets) == [False, True]
    with pytest.raises(RequestError, match="was retired by aiko"):
        retire_secret(workspace, first.id, now=NOW, by="ken")
    with pytest.raises(RequestError, match="there is no secret S-x"):
        retire_secret(workspace, "S-x", now=NOW, by="ken")


def test_a_site_that_is_not_there(workspace: Workspace) -> None:
    with pytest.raises(RequestError, match="there is no site nowhere"):
        new_secret(workspace, site="nowhere", now=NOW, by="ken")
    with pytest.raises(RequestError, match="at most"):
        new_secret(workspace, why="x" * 5000, now=NOW, by="ken")


def test_the_pepper_is_made_once_and_is_its_owners_alone(workspace: Workspace) -> None:
    found = pepper(workspace)
    assert (len(found), pepper(workspace)) == (32, found)
    path = workspace.fleet / "pepper"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"short")
    with pytest.raises(IntegrityError, match="5 bytes"):
        pepper(workspace)
