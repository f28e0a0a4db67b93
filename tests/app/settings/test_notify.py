from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.app.settings.loading import load
from sekisho.errors import FileProblems


def test_a_review_is_wanted_where_the_workspace_says_so(tmp_path: Path) -> None:
    file = tmp_path / "sekisho.toml"
    file.write_text("")
    assert load(file, {}).settings.notify.review is False
    file.write_text("[notify]\nreview = true\n")
    assert load(file, {}).settings.notify.review is True
    file.write_text("[notify]\nreviews = true\n")
    with pytest.raises(FileProblems, match="reviews"):
        load(file, {})
