from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.decisions import open_decisions
from sekisho.app.notifying.drafting import take
from sekisho.app.notifying.versions import asked_version, document_name, listed, numbered, versions
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.notify.papers import Draft


def test_names() -> None:
    assert document_name("jp-appi", "final") == "jp-appi/final"
    assert document_name("", "public-statement") == "public-statement"


def test_versions_count_for_each_document(
    workspace: Workspace, opened: str, now: datetime, tmp_path: Path
) -> None:
    file = tmp_path / "a.txt"
    for content, obligation, stage in (
        ("one", "jp-appi", "final"),
        ("two", "jp-appi", "final"),
        ("one", "", "public-statement"),
    ):
        file.write_text(content)
        take(workspace, opened, obligation, stage, file, now=now, by="lee")
    assert [(one.document, one.version) for one in listed(workspace, opened).drafts] == [
        ("jp-appi/final", 1),
        ("jp-appi/final", 2),
        ("public-statement", 1),
    ]
    draft = Draft("t", (), (), ())
    with open_decisions(workspace) as decisions:
        store = decisions.state.notices()
        assert numbered(store, opened, "jp-appi/final", draft).version == 3
        assert numbered(store, opened, "th-pdpa/authority", draft).version == 1
        assert asked_version(store, opened, "jp-appi/final").number == 2
        assert asked_version(store, opened, "jp-appi/final@1").number == 1
        assert list(versions(store, opened)) == ["jp-appi/final", "public-statement"]
        for asked in ("jp-appi/finale", "jp-appi/final@9", "jp-appi/final@x"):
            with pytest.raises(RequestError, match=r"no draft|no version"):
                asked_version(store, opened, asked)
