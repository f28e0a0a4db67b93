"""The verifier that an auditor may run alone."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.ledger import verifier
from sekisho.ledger.ledger import FILE, Ledger
from sekisho.ledger.verifier import canonical, read_entry, verify

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_its_canonical_form_is_that_of_the_library(value: Any) -> None:
    assert canonical(value).encode() == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [float("inf"), 2**53, {1}, "\ud800", [[]] * 1 + [object()]])
def test_what_has_no_form(value: Any) -> None:
    with pytest.raises(ValueError, match="."):  # noqa: RUF043
        canonical(value)


def lines_of(ledger: Ledger) -> list[bytes]:
    return (ledger.folder / FILE).read_bytes().splitlines(keepends=True)


def codes(lines: list[bytes], heads: dict[int, str] | None = None) -> list[str]:
    return [flaw.code for flaw in verify(io.BytesIO(b"".join(lines)), heads).flaws]


def test_a_whole_ledger_is_whole_and_a_torn_end_is_no_flaw(ledger: Ledger) -> None:
    lines = lines_of(ledger)
    result = verify(io.BytesIO(b"".join(lines)))
    assert (result.whole, result.entries, result.seq, result.torn) == (True, 4, 4, 0)
    assert verify(io.BytesIO(b"".join([*lines, b"{half"]))).torn == 5
    assert verify(io.BytesIO(b"")).whole


def test_every_single_byte_that_is_changed_shows(ledger: Ledger) -> None:
    lines = lines_of(ledger)
    heads = {4: json.loads(lines[-1])["hash"]}
    whole = b"".join(lines)
    for position in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[position] ^= 1
        assert not verify(io.BytesIO(bytes(changed)), heads).whole, position


def test_what_was_done_is_told_apart(ledger: Ledger) -> None:
    a, b, c, d = lines_of(ledger)
    known = {4: json.loads(d)["hash"], 2: json.loads(b)["hash"]}
    assert codes([a, b, c, d], known) == []
    assert codes([a, b, c], known) == ["truncated"]
    assert "order" in codes([a, c, d], known)
    assert codes([a, b.replace(b'"n":2', b'"n":7'), c, d])[0] == "edited"
    assert "fork" in codes([a, b, b, c, d]) or "order" in codes([a, b, b, c, d])
    assert codes([a, b"rubbish\n", c, d])[0] == "unreadable"
    other = Ledger(ledger.folder.parent / "other")
    entry = json.loads(a)
    for _ in range(4):
        other.append("x", {}, next(ledger.entries()).at, "mallory")
    assert codes(lines_of(other), known) == ["replaced", "replaced"]
    assert entry["seq"] == 1


def test_a_line_without_end_is_bounded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "LONGEST_LINE", 600)
    assert "too-long" in codes([*lines_of(ledger), b"x" * 5000 + b"\n"])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda e: e | {"more": 1}, "keys"),
        (lambda e: e | {"seq": "1"}, "seq is not a int"),
        (lambda e: e | {"seq": True}, "seq"),
        (lambda e: e | {"hash": "x"}, "SHA-256"),
        (lambda e: e | {"at": "2026-03-01"}, "UTC time"),
        (lambda e: e | {"body": []}, "body"),
    ],
)
def test_an_entry_has_a_form(change: Any, says: str, ledger: Ledger) -> None:
    entry = json.loads(lines_of(ledger)[0])
    with pytest.raises(ValueError, match=says):
        read_entry(rfc8785.dumps(change(entry)))


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b'{"a":1,"a":2}', b"null", b'{"x":NaN}', b"\xff", b'{ "seq":1}']
)
def test_hostile_lines_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_entry(raw)


def test_it_runs_alone_with_nothing_installed(ledger: Ledger, tmp_path: Path) -> None:
    path, head = ledger.folder / FILE, ledger.head()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(verifier.__file__), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    ran = run(str(path), "--head", f"4:{head.hash}")
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (
        0,
        f"whole: 4 entries, the last is 4:{head.hash}",
    )
    assert "no --head was given" in run(str(path)).stdout
    path.write_bytes(b"".join(lines_of(ledger)[:-1]) + b"x")
    ran = run(str(path), "--head", f"4:{head.hash}")
    assert ran.returncode == 5
    assert "missing here" in ran.stdout
    assert "unfinished (1 bytes)" in ran.stdout
    assert run(str(tmp_path / "none")).returncode == 2
    assert run(str(path), "--head", "four").returncode == 2
