from __future__ import annotations

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.fleet.collections import kape, members, velociraptor
from sekisho.fleet.collections.base import Collection
from sekisho.fleet.collections.looking import Look
from sekisho.fleet.collections.members import BROKEN, names, of_folder, of_zip


def packed(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    out.seek(0)
    return out


def test_names_that_lead_out_and_links_are_set_aside() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    found = Collection()
    stream = packed(
        ("a%2Fb.txt", b"x"),
        ("../x", b""),
        ("/x", b""),
        (r"C:\x", b""),
        (link, b"/etc/passwd"),
        ("d/", b""),
    )
    with of_zip(stream, found) as listed:
        assert [(one.number, one.name, one.content()) for one in listed] == [(1, "a/b.txt", b"x")]
    assert [(a.row, a.why.split()[0]) for a in found.aside] == [
        (2, "has"),
        (3, "has"),
        (4, "has"),
        (5, "is"),
    ]


def test_a_bomb_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "_FREE", 1000)
    stream = packed(("bomb", b"0" * 5_000_000), ("small", b"x" * 100))
    with of_zip(stream, Collection()) as (bomb, small):
        with pytest.raises(ValueError, match="bomb"):
            bomb.content()
        assert len(small.content()) == 100
        monkeypatch.setattr(members, "MAX_RATIO", 10_000)
        with pytest.raises(ValueError, match="larger"):
            bomb.content(1 << 20)


def test_all_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MAX_ALL", 150)
    with of_zip(packed(("a", b"x" * 100), ("b", b"x" * 100)), Collection()) as (first, second):
        assert len(first.content()) == 100
        with pytest.raises(BROKEN):
            second.content()


def test_what_asks_for_memory_before_it_gives_a_byte_is_not_taken() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("a", b"x")
    out.seek(0)
    found = Collection()
    with of_zip(out, found) as listed:
        assert not listed
    assert [(a.row, a.why.partition(":")[0]) for a in found.aside] == [
        (1, "is packed in a way that is not taken")
    ]


def test_what_is_no_zip_has_no_members(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Collection()
    with of_zip(io.BytesIO(b"PK\3\4 broken"), found) as listed:
        assert not listed
    monkeypatch.setattr(members, "MOST_MEMBERS", 1)
    with of_zip(packed(("a", b""), ("b", b"")), found) as listed:
        assert not listed
    assert [a.why.split(":")[0] for a in found.aside] == ["is no whole ZIP", "has more than 1 members"]
    assert names(io.BytesIO(b"PK")) == ()


def test_a_folder_without_its_links(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.txt").write_bytes(b"x")
    (tmp_path / "a").symlink_to("/etc/passwd")
    (tmp_path / "z").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / os.fsdecode(b"\xff.txt")).write_bytes(b"y")
    found = Collection()
    with of_folder(tmp_path, found) as listed:
        assert sorted((one.name, one.content()) for one in listed) == [
            ("b/c.txt", b"x"),
            ("\ufffd.txt", b"y"),
        ]
        # A file that became a link after it was listed is not followed either.
        (tmp_path / "b" / "c.txt").unlink()
        (tmp_path / "b" / "c.txt").symlink_to("/etc/passwd")
        with pytest.raises(OSError, match="symbolic"):
            next(one for one in listed if one.name == "b/c.txt").content()
    assert sorted(a.why for a in found.aside) == [
        "a is a link: it is not followed",
        "pipe is no plain file",
        "z is a link: it is not followed",
    ]


WHOLE = packed(
    ("client_info.json", b'{"Hostname": "pc1"}'),
    ("results/Windows.System.Services.json", b'{"Name": "x", "PathName": "y"}'),
    ("uploads/auto/C%3A/Windows/System32/winevt/Logs/Security.evtx", b"ElfFile\0" + b"\0" * 5000),
    ("C/Windows/a.csv", b"SHA1,FullPath\na,b\n"),
).getvalue()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(0, len(WHOLE)),
)
def test_no_bytes_break_who_reads_them(changes: list[tuple[int, bytes]], end: int) -> None:
    raw = bytearray(WHOLE)
    for at, content in changes:
        raw[at : at + len(content)] = content
    for given_bytes in (bytes(raw), bytes(raw[:end])):
        stream = io.BytesIO(given_bytes)
        velociraptor.is_collection(stream)
        kape.is_copy(stream)
        for found in (
            velociraptor.read(io.BytesIO(given_bytes), Look()),
            kape.read_zip(io.BytesIO(given_bytes), "pc1", Look()),
        ):
            # Whatever was lost is told, and what answers is whole or says that it is not.
            assert found.aside_count >= len(found.aside)
            assert all(who.hostname for who, _ in found.machines.values())


def test_a_member_without_a_name_costs_only_itself() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("xy", b"1")
        made.writestr("good", b"2")
    # A name ends at its first NUL, and this one begins with it.
    raw = out.getvalue().replace(b"xy", b"\0y")
    found = Collection()
    with of_zip(io.BytesIO(raw), found) as members:
        assert [(m.number, m.name) for m in members] == [(2, "good")]
    assert [(a.row, a.why) for a in found.aside] == [(1, "has no name")]
