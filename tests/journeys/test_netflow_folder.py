"""A folder of exports: each file read once, templates wherever they stand, nothing twice."""

from __future__ import annotations

import struct
from datetime import datetime
from pathlib import Path

from sekisho.app.ingest import IngestSummary, ingest
from sekisho.app.store import stats
from sekisho.app.workspace import Workspace

FIELDS = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 1), (1, 4), (2, 4))
AT = 1_591_400_000


def message(sequence: int, number: int, body: bytes) -> bytes:
    head = struct.pack("!HHIIII", 9, 1, 90_000, AT, sequence, 1)
    return head + struct.pack("!HH", number, len(body) + 4) + body


def template() -> bytes:
    body = struct.pack("!HH", 256, len(FIELDS)) + b"".join(struct.pack("!HH", *one) for one in FIELDS)
    return message(0, 0, body)


def data(sequence: int, count: int) -> bytes:
    ends = b"\x0a\x28\x03\x03" + b"\x0a\x01\x1e\x03"
    records = [
        ends + struct.pack("!HHBBII", 40_000 + sequence * 100 + n, 22, 6, 2, 300, 3)
        for n in range(count)
    ]
    return message(sequence, 256, b"".join(records))


def take(root: Path, now: datetime) -> IngestSummary:
    folder = root / "logs" / "th-edge"
    return ingest(Workspace(root), [folder], sensor=None, reader=None, now=now)


def test_templates_of_a_later_file_read_an_earlier_one(raw_company: Path, now: datetime) -> None:
    folder = raw_company / "logs" / "th-edge"
    (folder / "conn.log").unlink()
    (folder / "1-data.dat").write_bytes(data(1, 3))
    (folder / "2-data.dat").write_bytes(data(2, 2) + data(3, 1))
    (folder / "3-template.dat").write_bytes(template())
    summary = take(raw_company, now)
    assert [(one.reader, one.outcome, one.rows, one.rejected) for one in summary.files] == [
        ("netflow-payload", "taken", 3, 0),
        ("netflow-payload", "taken", 3, 0),
        ("netflow-payload", "taken", 0, 0),
    ]
    assert [one.outcome for one in take(raw_company, now).files] == ["known"] * 3
    assert stats(Workspace(raw_company)).flows == 6


def test_a_file_that_grew_goes_on_at_its_last_datagram(raw_company: Path, now: datetime) -> None:
    folder = raw_company / "logs" / "th-edge"
    (folder / "conn.log").unlink()
    log = folder / "export.dat"
    log.write_bytes(template() + data(1, 3))
    take(raw_company, now)
    with log.open("ab") as file:
        file.write(data(2, 4) + data(3, 1))
    (grown,) = take(raw_company, now).files
    # The last datagram is read again, since it might have been half a one, and stands in its own place.
    assert (grown.outcome, grown.rows, grown.rejected) == ("grown", 3 + 4 + 1, 0)


def test_a_template_that_never_comes_is_no_quiet_network(raw_company: Path, now: datetime) -> None:
    folder = raw_company / "logs" / "th-edge"
    (folder / "conn.log").unlink()
    (folder / "export.dat").write_bytes(data(1, 3))
    (only,) = take(raw_company, now).files
    assert (only.outcome, only.rows, only.rejected) == ("partly", 0, 1)
