from __future__ import annotations

from sekisho.app.settings.loading import parse
from sekisho.app.settings.restore import RestoreSettings


def test_nothing_is_cut_again_by_itself_unless_it_says_so() -> None:
    assert not RestoreSettings().recontain
    found = parse("[restore]\nrecontain = true\n", "sekisho.toml", {}).settings
    assert found.restore.recontain
