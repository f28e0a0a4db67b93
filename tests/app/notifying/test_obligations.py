from __future__ import annotations

from datetime import date

import pytest

from sekisho.app.notifying.obligations import lint, listed
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems, RequestError

OWN = """\
title: Insurer
jurisdiction: insurer
citation: policy 7
as_of: 2026-01-01
confidence: secondary
applies: "yes"
trigger: peopel > 5
stages:
  notice: {kind: preliminary, to: [Insurer], anchor: aware, due: 10 days, needs: [all]}
"""


def test_own_ones_are_listed_and_linted(workspace: Workspace) -> None:
    today = date(2026, 2, 1)
    assert lint(workspace, (), today=today) == ()
    with pytest.raises(RequestError, match="no obligation insurer"):
        listed(workspace, ["insurer"])
    folder = workspace.root / "obligations"
    folder.mkdir()
    file = folder / "insurer.yaml"
    file.write_text(OWN)
    (problem,) = lint(workspace, (), today=today)
    assert str(problem).startswith("obligations/insurer.yaml:7:10: error: `peopel` is no fact")
    assert [p.file for p in lint(None, [file], today=today)] == [str(file)]
    with pytest.raises(FileProblems):
        listed(workspace)
    file.write_text(OWN.replace("peopel", "people"))
    assert lint(workspace, (), today=today) == ()
    (one,) = listed(workspace, ["insurer"]).obligations
    assert (one.own, one.file) == (True, "obligations/insurer.yaml")
