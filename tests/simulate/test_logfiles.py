"""Files rotate by the sensor's clock, lines stand in the order of writing, outages cut files."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from sekisho.simulate.base import DAY, HOUR
from sekisho.simulate.logfiles import LogFiles
from sekisho.simulate.sensors import Outage, Probe

RECORD = np.dtype([("log", "i8")])


class Plain:
    """Writes the hour of each record."""

    def records(self, flows, begin):
        raise AssertionError("not asked here")

    def render(self, records):
        return b"".join(b"%d\n" % (at // HOUR) for at in records["log"].tolist())

    def header(self, opened):
        return b"open %d\n" % (opened // HOUR)

    def footer(self, closed, records, octets, packets):
        return b"died" if closed is None else b"close %d n %d" % (closed // HOUR, records)

    def volume(self, records):
        return 1, 1

    def filename(self, opened, closed):
        return f"day{opened // DAY}/{opened // HOUR}"


def records(*hours):
    return np.array([(h * HOUR,) for h in hours], dtype=RECORD)


def written(log):
    return [p.read_text().splitlines() for p in log.files]


def test_records_wait_for_their_turn_and_files_for_records(tmp_path):
    log = LogFiles(Probe("s", 0, "zeek-tsv"), Plain(), tmp_path)
    log.take(records(5, 30, 3))
    log.release(24 * HOUR)
    log.take(records(26, 75))
    log.finish()
    assert written(log) == [
        ["open 3", "3", "5", "close 24 n 2"],
        ["open 26", "26", "30", "close 48 n 2"],
        ["open 75", "75", "close 96 n 1"],
    ]
    assert (log.rows, log.size) == (5, sum(p.stat().st_size for p in log.files))


@pytest.mark.parametrize(("crash", "end"), [(False, "close 10 n 1"), (True, "died")])
def test_an_outage_ends_a_file(tmp_path, crash, end):
    probe = Probe("s", 0, "zeek-tsv", offset=HOUR, outages=(Outage(9 * HOUR, 12 * HOUR, crash),))
    log = LogFiles(probe, Plain(), tmp_path)
    log.take(records(2, 20))
    log.finish()
    assert written(log) == [["open 2", "2", end], ["open 20", "20", "close 24 n 1"]]


def test_compressed_files_are_the_same_every_time(tmp_path):
    data = []
    for name in ("a", "b"):
        log = LogFiles(Probe("s", 0, "zeek-tsv", gz=True), Plain(), tmp_path / name)
        log.take(records(1))
        log.finish()
        log.release(5)
        data.append(log.files[0].read_bytes())
    assert log.files[0].suffix == ".gz"
    assert data[0] == data[1]
    assert gzip.decompress(data[0]) == b"open 1\n1\nclose 24 n 1"
