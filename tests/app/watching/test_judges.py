from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.app.decisions import open_decisions
from sekisho.app.watching.judges import Judges
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems

NOW = datetime(2020, 6, 8, tzinfo=UTC)


def test_an_edit_counts_at_once_and_is_kept_as_a_version(raw_company: Path) -> None:
    workspace = Workspace(raw_company)
    with open_decisions(workspace) as decisions:
        judges = Judges(workspace, decisions, "aiko", NOW)
        before = judges.look(NOW)
        assert judges.look(NOW).describer is before.describer
        policy = raw_company / "policy.yaml"
        policy.write_text(policy.read_text().replace("tcp/8443", "tcp/8444"))
        after = judges.look(NOW)
        assert after.describer is not before.describer
        assert after.notice is None
        assert len(decisions.state.versions("policy")) == 2


def test_a_mistake_keeps_the_last_good_version_and_is_told_once(raw_company: Path) -> None:
    workspace = Workspace(raw_company)
    policy = raw_company / "policy.yaml"
    good = policy.read_text()
    with open_decisions(workspace) as decisions:
        judges = Judges(workspace, decisions, "aiko", NOW)
        before = judges.look(NOW)
        policy.write_text(good.replace("th-plant/edi ->", "th-plant/none ->"))
        broken = judges.look(NOW)
        assert broken.describer is before.describer
        assert not broken.sound
        assert broken.notice is not None
        assert (broken.notice.kind, broken.notice.change) == ("register", "raised")
        assert "policy.yaml:3" in broken.notice.text
        assert judges.look(NOW) == type(broken)(before.describer, sound=False)
        policy.write_text(good)
        mended = judges.look(NOW)
        assert mended.sound
        assert mended.notice is not None
        assert (mended.notice.change, mended.notice.status) == ("cleared", "cleared")


def test_it_does_not_begin_with_a_register_that_has_mistakes(raw_company: Path) -> None:
    (raw_company / "policy.yaml").write_text("connections: 3\n")
    workspace = Workspace(raw_company)
    with open_decisions(workspace) as decisions, pytest.raises(FileProblems):
        Judges(workspace, decisions, "aiko", NOW)
