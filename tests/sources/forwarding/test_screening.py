from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.forwarding.conftest import OWN, content

from sekisho.sources.forwarding import screening
from sekisho.sources.forwarding.screening import MOST_NAMED, Screened, Unacceptable, screen
from sekisho.sources.journal.framing import Kind, framed, header, peer_bytes
from sekisho.sources.journal.reading import read_segment

EXPORTERS = frozenset({OWN, "2001:db8::1"})


def screened(folder: Path, data: bytes, sha256: str = "") -> Screened:
    part = folder / "x.part"
    part.write_bytes(data)
    return screen(part, sha256 or hashlib.sha256(data).hexdigest(), EXPORTERS, own=folder / "x.own")


def test_a_segment_of_the_sites_own(tmp_path: Path) -> None:
    found = screened(tmp_path, content(OWN, "2001:db8::1"))
    assert found == Screened(tmp_path / "x.part", packed=False, records=2)


def test_a_listener_may_tell_of_what_it_lost(tmp_path: Path) -> None:
    from ipaddress import ip_address

    note = framed(7, Kind.DROPPED, peer_bytes(ip_address("0.0.0.0")), 2055, 0, b"{}")
    assert screened(tmp_path, content(OWN) + note).foreign_records == 0


peers = st.lists(
    st.sampled_from([OWN, "2001:db8::1", "10.1.0.1", "192.0.2.9"]), min_size=1, max_size=40
)


@given(peers)
def test_foreign_records_are_taken_out_and_counted(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("x")
    own = [place for place, name in enumerate(names) if name in EXPORTERS]
    found = screened(folder, content(*names))
    assert (found.records, found.foreign_records) == (len(own), len(names) - len(own))
    assert sum(found.foreign.values()) == found.foreign_records
    assert not set(found.foreign) & EXPORTERS
    if found.file is None:
        assert not own
        return
    with found.file.open("rb") as stream:
        payloads = [b.payload(i) for b in read_segment(stream) for i in range(len(b))]
    assert payloads == [b"%d" % place for place in own]


def test_packed_with_foreign_records(tmp_path: Path) -> None:
    data = content(OWN, "10.1.0.1")
    found = screened(
        tmp_path, pa.compress(data, "zstd", asbytes=True), hashlib.sha256(data).hexdigest()
    )
    assert (found.packed, found.records, found.foreign) == (False, 1, {"10.1.0.1": 1})


def test_a_corrupted_body(tmp_path: Path) -> None:
    data = content(OWN)
    right = hashlib.sha256(data).hexdigest()
    packed = pa.compress(data, "zstd", asbytes=True)
    for body in (data[:-1] + b"\xff", data[:-1], packed[:-3], packed + b"rest", data + data):
        with pytest.raises(Unacceptable) as error:
            screened(tmp_path, body, right)
        assert error.value.code == "hash"
    for body in (b"", b"text", header(3)):
        with pytest.raises(Unacceptable) as error:
            screened(tmp_path, body)
        assert error.value.code == "no_segment"


def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "LARGEST_CONTENT", 8 << 20)
    bomb = pa.compress(header(1) + bytes(64 << 20), "zstd", asbytes=True)
    assert len(bomb) < 10_000
    with pytest.raises(Unacceptable) as error:
        screened(tmp_path, bomb)
    assert error.value.code == "too_large"


def test_more_foreign_exporters_than_are_named(tmp_path: Path) -> None:
    names = [f"192.0.{n // 256}.{n % 256}" for n in range(MOST_NAMED * 2)]
    found = screened(tmp_path, content(OWN, *names))
    assert (len(found.foreign), found.foreign_records) == (MOST_NAMED, 2 * MOST_NAMED)
