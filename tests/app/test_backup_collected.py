"""A workspace of collectors, backed up and restored: nothing that only they had is lost, or counts twice."""

from __future__ import annotations

import struct
import tarfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.app.backup import backup
from sekisho.app.backup_collected import present, received
from sekisho.app.collecting.collector import Collector
from sekisho.app.restore_backup import restore
from sekisho.app.settings.collect import CollectSettings
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace, init
from sekisho.model.addresses import ip_address
from sekisho.sources.forwarding.received import Received
from sekisho.sources.forwarding.spool import Spool
from sekisho.sources.journal.framing import Kind
from sekisho.sources.journal.journal import Journal
from sekisho.sources.journal.segments import pack, sealed

NOW = datetime(2024, 3, 4, 12, tzinfo=UTC)
SITES = """
sites:
  th-plant: {prefixes: [10.40.0.0/16]}
sensors:
  edge: {site: th-plant, kind: netflow, address: 127.0.0.1}
"""
RECORD = struct.pack(
    "!IIIHHIIIIHHBBBBHHBBH",
    *(0x0A280905, 0x0A010005, 0, 1, 2, 3, 300, 8000, 9000, 40_000, 443),
    *(0, 2, 6, 0, 0, 0, 0, 0, 0),
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """With one sensor, this host."""
    made = init(tmp_path / "acme").workspace
    (made.root / "sites.yaml").write_text(SITES)
    return made


def received_by(folder: Path, *sequences: int) -> None:
    """A sealed segment for each number, with a flow that is numbered so."""
    journal = Journal(folder, segment_seconds=1e9)
    for sequence in sequences:
        head = struct.pack("!HHIIIIBBH", 5, 1, 10_000, int(NOW.timestamp()), 0, sequence, 0, 0, 0)
        arrival = int(NOW.timestamp() + sequence) * 1_000_000
        journal.append(Kind.DATAGRAM, ip_address("127.0.0.1"), 5, arrival, head + RECORD)
        journal.seal()
    journal.close()


def collect(workspace: Workspace) -> int:
    """Commit what lies in the journal; how many flows the lake has then."""
    stop = threading.Event()
    stop.set()
    settings = CollectSettings(flows="127.0.0.1:0", refresh_minutes=0)
    Collector(workspace, settings, lambda _status: None).run(stop)
    with open_lake(workspace, create=False) as lake:
        return sum(int(row["flows"]) for row in lake.hours().to_pylist())


def test_what_was_sealed_and_does_not_count_yet_counts_where_it_is_restored(
    workspace: Workspace, tmp_path: Path
) -> None:
    received_by(workspace.journal, 0, 1)
    assert collect(workspace) == 2
    received_by(workspace.journal, 2, 3, 4)
    backup(workspace, tmp_path / "b.tar", now=NOW)
    restore(tmp_path / "b.tar", tmp_path / "restored")
    assert collect(Workspace(tmp_path / "restored")) == 5
    assert collect(workspace) == 5
    backup(workspace, tmp_path / "c.tar", now=NOW)
    restore(tmp_path / "c.tar", tmp_path / "again")
    assert sealed(tmp_path / "again" / "data" / "journal") == []


def test_what_a_site_holds_goes_with_it_but_for_what_the_centre_has(
    workspace: Workspace, tmp_path: Path
) -> None:
    received_by(workspace.spool, 0, 1, 2)
    spool = Spool(workspace.spool)
    first, second, third = spool.pending()
    spool.acknowledged(first)
    spool.refuse(second)
    backup(workspace, tmp_path / "b.tar", now=NOW)
    restore(tmp_path / "b.tar", tmp_path / "restored")
    again = Spool(tmp_path / "restored" / "data" / "spool")
    assert [one.name for one in again.pending()] == [third.name]
    assert again.untold() == spool.untold() != ()
    assert again.forwarded() == []


def test_what_sites_delivered_goes_with_what_is_known_of_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    centre = Received(workspace.received)
    received_by(workspace.received / "th" / "live", 0)
    part = centre.part("th", "ab" * 32)
    part.write_bytes(b"half")
    backup(workspace, tmp_path / "b.tar", now=NOW)
    with tarfile.open(tmp_path / "b.tar") as tar:
        names = tar.getnames()
    assert "data/received/received.db" in names
    assert not any(name.endswith(("-wal", "-shm", ".open", "lock")) for name in names)
    restore(tmp_path / "b.tar", tmp_path / "restored")
    again = Received(tmp_path / "restored" / "data" / "received")
    assert again.held("th", "ab" * 32).offset == 4
    assert again.waiting("th") == centre.waiting("th") > 0


def test_what_leaves_its_place_meanwhile_is_looked_for(workspace: Workspace) -> None:
    received_by(workspace.spool, 0, 1)
    (workspace.spool / "00000000000000000009.damaged").write_bytes(b"x")
    found = list(received(workspace))
    assert {path.suffix for path in found} == {".journal", ".damaged", ""}
    one, two = sealed(workspace.spool)
    packed = pack(one)
    two.path.unlink()
    assert [present(path) for path in found[:2]] == [packed.path, None]
