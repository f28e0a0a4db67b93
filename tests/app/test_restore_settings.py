from __future__ import annotations

from sekisho.app.restore_settings import RestoreSettings
from sekisho.app.settings import parse


def test_nothing_is_cut_again_by_itself_unless_it_says_so() -> None:
    assert not RestoreSettings().recontain
    found = parse("[restore]\nrecontain = true\n", "sekisho.toml", {}).settings
    assert found.restore.recontain
