from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.containing.approving import people, sign
from sekisho.app.decisions import open_decisions
from sekisho.app.notifying.approving import approve, reviewed, to_sign
from sekisho.app.notifying.drafting import take, write_draft
from sekisho.app.notifying.facts import record
from sekisho.app.notifying.versions import listed
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError

NAME = "th-pdpa/authority"


@pytest.fixture
def drafted(lawyers: Workspace, opened: str, now: datetime, tmp_path: Path) -> Workspace:
    """With one version of a draft."""
    write_draft(lawyers, opened, "th-pdpa", "authority", tmp_path / "a.html", now=now, by="aiko")
    return lawyers


def test_a_lawyer_approves_one_version_and_no_other(
    drafted: Workspace, opened: str, now: datetime, tmp_path: Path
) -> None:
    text = to_sign(drafted, opened, NAME)
    (first,) = listed(drafted, opened).drafts
    assert text.decode() == f"sekisho notice INC-1 {NAME} version 1 sha256 {first.digest}\n"
    with pytest.raises(Refused, match="ken has not the role legal"):
        approve(drafted, opened, NAME, sign(tmp_path / "ken", text), now=now, by="x")
    with pytest.raises(RequestError, match="does not hold"):
        approve(drafted, opened, NAME, sign(tmp_path / "lee", b"other"), now=now, by="x")
    given = approve(drafted, opened, NAME, sign(tmp_path / "lee", text), now=now, by="x")
    assert [(one.by, one.holds) for one in given.reviews] == [("lee", True)]
    with pytest.raises(RequestError, match="lee approved it already"):
        approve(drafted, opened, NAME, sign(tmp_path / "lee", text), now=now, by="x")
    record(drafted, opened, ["people=12"], now=now, by="aiko", source="call")
    write_draft(drafted, opened, "th-pdpa", "authority", tmp_path / "b.html", now=now, by="aiko")
    with pytest.raises(RequestError, match="does not hold"):
        approve(drafted, opened, NAME, sign(tmp_path / "lee", text), now=now, by="x")
    with pytest.raises(Refused, match="version 1 was replaced by version 2"):
        approve(drafted, opened, f"{NAME}@1", sign(tmp_path / "lee", text), now=now, by="x")
    for asked, message in (("th-pdpa/x", "no draft"), (f"{NAME}@7", "no version 7")):
        with pytest.raises(RequestError, match=message):
            to_sign(drafted, opened, asked)


def test_a_delivery_is_reviewed_only_by_what_was_approved_before_it(
    drafted: Workspace, opened: str, now: datetime, tmp_path: Path
) -> None:
    def lacks(proof: str, at: datetime, document: str = NAME) -> str | None:
        with open_decisions(drafted) as decisions:
            store = decisions.state.notices()
            return reviewed(store, opened, document, proof, at, people(drafted)).lacks

    later = now + timedelta(hours=2)
    assert "by nobody with the role legal" in (lacks("", later) or "")
    assert "nothing was drafted" in (lacks("", later, "jp-appi/final") or "")
    text = to_sign(drafted, opened, NAME)
    approve(drafted, opened, NAME, sign(tmp_path / "lee", text), now=now + timedelta(hours=1), by="x")
    assert lacks("", later) is None
    assert "approved only after it was delivered" in (lacks("", now) or "")
    (tmp_path / "edited.docx").write_bytes(b"edited")
    take(drafted, opened, "th-pdpa", "authority", tmp_path / "edited.docx", now=later, by="aiko")
    assert "version 2" in (lacks("", later) or "")
    # A proof that is the approved file itself says which version went out.
    (first, _) = listed(drafted, opened).drafts
    assert lacks(first.files["html"], later) is None
    # Who is no lawyer any more has approved nothing.
    settings = drafted.root / "sekisho.toml"
    settings.write_text(settings.read_text().replace('"legal"', '"auditor"'))
    with open_decisions(drafted) as decisions:
        known = people(Workspace(drafted.root))
        store = decisions.state.notices()
        assert reviewed(store, opened, NAME, first.files["html"], later, known).lacks
