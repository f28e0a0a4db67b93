from __future__ import annotations

from sekisho.app.checking.asked import checks_of
from sekisho.app.workspace import Workspace
from sekisho.fleet.checks.local_admins import LocalAdmins
from sekisho.fleet.checks.patch_age import PatchAge


def test_the_checks_have_the_workspaces_lists_and_bounds(workspace: Workspace) -> None:
    before = workspace.settings_file.read_text()
    said = '\n[fleet]\nadministrators = ["helpdesk-*"]\npatch_days = 14\n'
    workspace.settings_file.write_text(before + said)
    found = {one.name: one for one in checks_of(workspace)}
    assert found["local-admins"] == LocalAdmins(("helpdesk-*",))
    assert found["patch-age"] == PatchAge(14)
