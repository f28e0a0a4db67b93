"""Files of machines from the command's side: whose they are, what rules say, and that each counts once."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.checking.intake import take_in
from sekisho.app.checking.standing import shown, status
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems, RequestError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RULE = 'rule evil { strings: $a = "evil" condition: $a }'


@pytest.fixture
def ruled(workspace: Workspace, listed: Path) -> Workspace:
    """A workspace with a rule and a list."""
    (workspace.root / "rules").mkdir()
    (workspace.root / "rules" / "x.yar").write_text(RULE)
    with workspace.settings_file.open("a") as stream:
        stream.write('\n[fleet]\nyara = "rules"\n')
    take_in(workspace, [listed], now=NOW, by="ken")
    return workspace


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """One machine's files as KAPE copies them, and a link among them."""
    folder = tmp_path / "kape" / "th-plc" / "C" / "Users" / "Public"
    folder.mkdir(parents=True)
    (folder / "a.exe").write_bytes(b"MZ evil")
    (folder / "b.exe").write_bytes(b"MZ")
    (folder / "passwd").symlink_to("/etc/passwd")
    return tmp_path / "kape"


def test_a_folder_of_kape_is_one_machines_and_counts_once(ruled: Workspace, drive: Path) -> None:
    found = take_in(ruled, [drive], now=NOW, by="ken")
    (one,) = found.files
    assert (one.kind, one.aside) == ("kape", 1)
    assert "is a link" in one.problems[0]
    (answer,) = (a for a in shown(ruled, "th-plc", now=NOW).answers if a.check == "yara")
    (text,) = answer.findings
    assert text.startswith("C/Users/Public/a.exe: rule evil (x.yar), SHA-256 ")
    before = shown(ruled, "th-plc", now=NOW).answers
    again = take_in(ruled, [drive], now=NOW, by="ken")
    assert again.files[0].again
    assert shown(ruled, "th-plc", now=NOW).answers == before


def test_the_same_as_a_zip_and_as_files_that_a_person_names(
    ruled: Workspace, drive: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "2026-03-01T101112_th-plc.zip"
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("C/Users/Public/a.exe", b"evil")
    loose = tmp_path / "loose.bin"
    loose.write_bytes(b"evil")
    assert take_in(ruled, [packed], now=NOW, by="ken").files[0].kind == "kape"
    assert take_in(ruled, [loose], now=NOW, by="ken", host="th-plc").files[0].kind == "files"
    paths = [
        a.findings[0].partition(":")[0] for a in shown(ruled, "th-plc", now=NOW).answers if a.findings
    ]
    assert sorted(paths) == ["C/Users/Public/a.exe", "loose.bin"]
    with pytest.raises(RequestError, match="no name of a machine"):
        take_in(ruled, [loose], now=NOW, by="ken", host="../x")


def test_what_was_taken_in_is_looked_at_again_with_new_rules(ruled: Workspace, drive: Path) -> None:
    (ruled.root / "rules" / "x.yar").write_text("rule never { condition: false }")
    take_in(ruled, [drive], now=NOW, by="ken")
    assert shown(ruled, "th-plc", now=NOW).terminal.state == "in_progress"
    (ruled.root / "rules" / "x.yar").write_text(RULE)
    later = NOW + timedelta(days=1)
    assert take_in(ruled, [drive], now=later, by="ken").files[0].kind == "known"
    found = take_in(ruled, [drive], now=later, by="ken", again=True)
    assert (found.files[0].kind, found.files[0].again, found.files[0].aside) == ("kape", True, 1)
    one = shown(ruled, "th-plc", now=later)
    assert one.terminal.state == "checked_findings"
    assert [a.outcome for a in one.answers if a.check == "yara"] == ["clean", "findings"]
    take_in(ruled, [drive], now=later, by="ken", again=True)
    assert shown(ruled, "th-plc", now=later).answers == one.answers


def test_rules_that_are_wrong_stop_it_before_anything_is_read(ruled: Workspace, drive: Path) -> None:
    (ruled.root / "rules" / "y.yar").write_text("rule y {\n condition: foo }")
    with pytest.raises(FileProblems) as caught:
        take_in(ruled, [drive], now=NOW, by="ken")
    assert str(caught.value).startswith(f"{ruled.root}/rules/y.yar:2:13: error: unknown identifier")
    assert shown(ruled, "th-plc", now=NOW).answers == ()


def test_without_rules_nothing_answers_for_them(
    workspace: Workspace, listed: Path, drive: Path
) -> None:
    found = take_in(workspace, [listed, drive], now=NOW, by="ken")
    assert shown(workspace, "th-plc", now=NOW).answers == ()
    assert "no check is answered by what it holds" in found.files[-1].notes


def test_what_rules_find_counts_while_there_is_no_campaign(ruled: Workspace, drive: Path) -> None:
    assert "yara" not in status(ruled, now=NOW).campaign.checks
    take_in(ruled, [drive], now=NOW, by="ken")
    assert shown(ruled, "th-plc", now=NOW).terminal.state == "checked_findings"
    assert "yara" in status(ruled, now=NOW).campaign.checks
