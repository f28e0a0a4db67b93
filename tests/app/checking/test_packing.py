from __future__ import annotations

import pytest

from sekisho.app.checking.packing import listed
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def test_what_stands_in_the_way_of_a_check_is_said(workspace: Workspace) -> None:
    (pack,) = listed(workspace, "ransomware-subsidiary").packs
    steps = {step.check: step for step in pack.steps}
    assert (steps["yara"].ready, steps["yara"].by_osquery) == (False, False)
    assert (steps["rdp"].ready, steps["rdp"].by_osquery) == (True, True)
    assert len(listed(workspace).packs) == 3
    with pytest.raises(RequestError, match="no pack"):
        listed(workspace, "nothing")
