"""Segments count once, whole, with the data whose templates came later, whoever is killed when."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sekisho.app.collecting.committer import Committer
from sekisho.errors import RequestError
from sekisho.model.addresses import ip_address
from sekisho.model.sites import Sensor
from sekisho.sources.forwarding.received import follows, take_out
from sekisho.sources.journal.segments import sealed
from sekisho.store.lake import Lake

DATAGRAM = 1


def sensor(name: str, address: str, **more: Any) -> Sensor:
    return Sensor(name, "jp-hq", kind="netflow", address=ip_address(address), **more)


SENSORS = [sensor("one", "10.0.0.1"), sensor("two", "10.0.0.2"), sensor("three", "10.0.0.3")]


def rows(lake: Lake) -> list[tuple[Any, ...]]:
    """What tells flows apart: sensor, source port, file's path, row."""
    names = {row["file"]: row["path"].partition(".")[0] for row in lake.files().to_pylist()}
    found: list[tuple[Any, ...]] = []
    for path in lake.counted():
        if path.startswith("flows/"):
            for row in pq.read_table(lake.layout.absolute(path)).to_pylist():
                place = sorted(set(names.values())).index(names[row["file"]])
                found.append((row["sensor"], row["src_port"], place, row["row"]))
    return sorted(found)


@pytest.fixture
def story(exporter: Any, journal: Callable[..., Path]) -> Path:
    """Three devices: one sends v5 and loses some, one's template comes two segments late, one is sampled."""
    one, two, three = (exporter(f"10.0.0.{n}", n) for n in (1, 2, 3))
    stranger = exporter("10.9.9.9")
    return journal(
        [
            [
                (one.address, DATAGRAM, one.v5(3)),
                (two.address, DATAGRAM, two.v9(2)),
                (three.address, DATAGRAM, three.sflow()),
            ],
            [
                (one.address, DATAGRAM, one.v5(2, lose=5)),
                (two.address, DATAGRAM, two.v9(1)),
                (stranger.address, DATAGRAM, stranger.v5(4)),
            ],
            [
                (two.address, DATAGRAM, two.v9(1, template=True, lose=2)),
                (three.address, DATAGRAM, three.sflow()),
            ],
            [(two.address, DATAGRAM, two.v9(3))],
        ]
    )


ALL = [
    ("one", 40001, 0, 1),
    ("one", 40002, 0, 1),
    ("one", 40003, 0, 1),
    ("one", 40004, 1, 1),
    ("one", 40005, 1, 1),
    ("three", 40001, 0, 3),
    ("three", 40002, 2, 2),
    ("two", 40001, 0, 2),
    ("two", 40002, 0, 2),
    ("two", 40003, 1, 2),
    ("two", 40004, 2, 1),
    ("two", 40005, 3, 1),
    ("two", 40006, 3, 1),
    ("two", 40007, 3, 1),
]
LOSSES = [("one", 5, 5), ("three", 2, 0), ("two", 4, 2)]


def check(lake: Lake) -> None:
    """Everything is there, once."""
    assert rows(lake) == ALL
    assert lake.stats().flows == len(ALL)
    told = [(r["sensor"], r["received"], r["lost"]) for r in lake.losses().to_pylist()]
    assert told == LOSSES
    assert not lake.streams().waiting
    assert {row["sensor"]: row["flows"] for row in lake.hours().to_pylist()} == {
        "one": 5,
        "two": 7,
        "three": 2,
    }
    assert {row["sensor"] for row in lake.spans().to_pylist()} == {"one", "two", "three"}
    assert lake.spans().num_rows == 3


def test_all_in_one_commit(story: Path, lake: Lake, committer: Callable[..., Any]) -> None:
    with committer(SENSORS) as work:
        assert work.step()
        assert not work.step()
        assert work.totals.strangers == {"10.9.9.9": 1}
        assert (work.totals.segments, work.totals.flows, work.totals.commits) == (4, 14, 1)
    check(lake)
    assert sealed(story) == []
    assert lake.stats().files == 6, "a file for each segment, and two for what was readable later"


def test_a_commit_for_each_segment_by_a_new_process_each(
    story: Path, lake: Lake, tmp_path: Path, noon: Any
) -> None:
    for left in (3, 2, 1, 0):
        work = Committer(
            lake,
            story,
            {one.name: one for one in SENSORS},
            {},
            retire=lambda segment: segment.path.unlink(),
            clock=lambda: noon,
            commit_rows=1,
        )
        assert work.step()
        assert len(sealed(story)) == left
        assert len(lake.streams().waiting) == {3: 1, 2: 2}.get(left, 0)
    check(lake)


def test_killed_after_its_commit_the_segment_is_known(
    story: Path, lake: Lake, committer: Callable[..., Any], tmp_path: Path, noon: Any
) -> None:
    kept: list[Any] = []
    work = Committer(
        lake,
        story,
        {one.name: one for one in SENSORS},
        {},
        retire=kept.append,
        clock=lambda: noon,
    )
    assert work.step()
    assert len(sealed(story)) == 4, "the first one was killed before it removed them"
    with committer(SENSORS) as again:
        assert sealed(story) == []
        assert not again.step()
    check(lake)


@pytest.mark.parametrize("commit_rows", [1, 1000])
def test_stopped_at_every_step_nothing_is_lost_or_doubled(
    story: Path, tmp_path: Path, noon: Any, commit_rows: int
) -> None:
    class Stopped(Exception):
        pass

    deadly = told = 0

    def step(_name: str) -> None:
        nonlocal told
        told += 1
        if told == deadly:
            raise Stopped

    def run(root: Path, journal: Path) -> None:
        with Lake.open(root, create=True, threads=1, memory_limit="300MB", steps=step) as opened:
            work = Committer(
                opened,
                journal,
                {one.name: one for one in SENSORS},
                {},
                retire=lambda segment: segment.path.unlink(),
                clock=lambda: noon,
                steps=step,
                commit_rows=commit_rows,
            )
            while work.step():
                pass

    stopped = 0
    while True:
        deadly, told = stopped + 1, 0
        journal = Path(shutil.copytree(story, tmp_path / f"journal{deadly}"))
        try:
            run(tmp_path / f"lake{deadly}", journal)
        except Stopped:
            stopped += 1
            deadly = 0
            run(tmp_path / f"lake{stopped}", journal)
        else:
            break
        with Lake.open(tmp_path / f"lake{stopped}", threads=1, memory_limit="300MB") as lake:
            check(lake)
        assert sealed(journal) == []
    assert stopped >= (40 if commit_rows == 1 else 15)


def test_another_writer_is_waited_for_and_nothing_is_decoded_twice(
    story: Path, lake: Lake, noon: Any
) -> None:
    with Lake.open(lake.layout.root, threads=1, lock_timeout=0.05) as second:
        work = Committer(
            second,
            story,
            {one.name: one for one in SENSORS},
            {},
            retire=lambda segment: segment.path.unlink(),
            clock=lambda: noon,
        )
        with lake.writer(), pytest.raises(RequestError, match="another process"):
            work.step()
        assert len(sealed(story)) == 4
        assert work.step()
    check(lake)


def test_a_second_try_of_what_counted_counts_nothing(story: Path, lake: Lake, noon: Any) -> None:
    broken = True

    def step(name: str) -> None:
        if broken and name == "recorded":
            raise RequestError("told that it failed")

    with Lake.open(lake.layout.root, threads=1, steps=step) as opened:
        work = Committer(
            opened,
            story,
            {one.name: one for one in SENSORS},
            {},
            retire=lambda segment: segment.path.unlink(),
            clock=lambda: noon,
        )
        with pytest.raises(RequestError):
            work.step()
        broken = False
        assert work.step()
    check(lake)


def test_the_file_of_what_was_readable_later_is_new(
    story: Path, lake: Lake, committer: Callable[..., Any]
) -> None:
    """Whoever follows the files' numbers must meet its rows."""
    with committer(SENSORS) as work:
        work.step()
    late = [row for row in lake.files().to_pylist() if row["raw_sha256"] != row["content_sha256"]]
    assert [row["path"] for row in late] == [row["path"] for row in lake.files().to_pylist()[:2]]
    assert all(row["file"] > 3 for row in late)
    assert pa.compute.sum(lake.files()["rows"]).as_py() == len(ALL)


def test_an_empty_journal_is_no_work(lake: Lake, committer: Callable[..., Any]) -> None:
    with committer(SENSORS) as work:
        assert not work.step()
        assert work.backlog() == []


def test_two_collectors_with_one_address_and_lanes_that_do_not_follow(
    lake: Lake, journal: Callable[..., Path], exporter: Any, noon: Any, tmp_path: Path
) -> None:
    """A site was cut after its first segment: the third came live, the second later."""
    folders: dict[str, tuple[Path, Path]] = {}
    for site in ("jp", "th"):
        device = exporter("10.0.0.1")
        sent = [[(device.address, DATAGRAM, device.v9(1, template=site == "jp"))]]
        sent += [[(device.address, DATAGRAM, device.v9(1, lose=lose))] for lose in (0, 4)]
        sent += [[(device.address, DATAGRAM, device.v9(1, template=True))]]
        whole = journal(sent)
        folders[site] = tmp_path / site / "live", tmp_path / site / "late"
        for place, segment in enumerate(sealed(whole)):
            folder = folders[site][place in (1, 2)]
            folder.mkdir(parents=True, exist_ok=True)
            segment.path.rename(folder / segment.path.name)
            if place in (1, 3):
                (folder / segment.name).with_suffix(".apart").touch()

    for site, journals in folders.items():
        own = sensor(f"{site}-edge", "10.0.0.1")
        work = Committer(
            lake,
            journals,
            {own.name: own},
            {},
            retire=take_out,
            clock=lambda: noon,
            scope=site,
            follows=follows,
        )
        again = shutil.copy(sealed(journals[1])[0].path, journals[1] / f"{10**15:020d}.journal")
        while work.step():
            pass
        assert not Path(again).exists()
        assert work.backlog() == []
        assert not [path for folder in journals for path in folder.iterdir()]
    assert {row["sensor"]: row["flows"] for row in lake.hours().to_pylist()} == {
        "jp-edge": 4,
        "th-edge": 4,
    }
    told = {row["sensor"]: (row["received"], row["lost"]) for row in lake.losses().to_pylist()}
    assert told == {"jp-edge": (4, 4), "th-edge": (4, 4)}
    assert {key.exporter for key in lake.streams().bodies} == {"jp/10.0.0.1", "th/10.0.0.1"}


def test_what_gateways_translate_is_found_by_its_name(
    journal: Callable[..., Path], lake: Lake, noon: Any
) -> None:
    line = (
        '<189>date=2024-03-04 devid="F1" eventtime=1709550000000000000 logid="0000000013" type="traffic"'
        ' srcip=10.40.9.9 srcport=5 dstip=10.1.0.5 dstport=443 proto=6 action="close" sentbyte=100'
        " rcvdbyte=200 sentpkt=2 rcvdpkt=3 duration=1 sessionid=7 transip=172.31.0.9 transport=1024"
    )
    folder = journal([[("10.0.0.1", 2, line.encode())]])
    work = Committer(
        lake, folder, {"one": SENSORS[0]}, {}, retire=lambda _segment: None, clock=lambda: noon
    )
    assert work.step()
    value = "tcp 10.40.9.9:5 > 10.1.0.5:443 as 172.31.0.9:1024 > 10.1.0.5:443 for 1 s"
    (row,) = lake.names([value]).rows.to_pylist()
    assert (row["sensor"], row["kind"], row["row"]) == ("one", "nat", 1)


def test_so_is_what_waited_for_its_template(
    journal: Callable[..., Path], lake: Lake, noon: Any
) -> None:
    fields = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (150, 4), (151, 4), (225, 4), (227, 2)]
    kinds = b"".join(struct.pack("!HH", *field) for field in fields)
    template = struct.pack("!HHHH", 2, 8 + len(kinds), 256, len(fields)) + kinds
    at = 1_709_550_000
    host, server, pool = (int(ip_address(a)) for a in ("10.40.9.9", "10.1.0.5", "172.31.0.9"))
    data = struct.pack("!IIHHBIIIIH", host, server, 5, 443, 6, 100, at, at + 3, pool, 1024)
    records = struct.pack("!HH", 256, 4 + len(data)) + data
    sent = [struct.pack("!HHIII", 10, 16 + len(s), at + 5, 0, 1) + s for s in (records, template)]
    folder = journal([[("10.0.0.1", 1, message)] for message in sent])
    work = Committer(
        lake, folder, {"one": SENSORS[0]}, {}, retire=lambda _segment: None, clock=lambda: noon
    )
    while work.step():
        pass
    (row,) = lake.names(
        ["tcp 10.40.9.9:5 > 10.1.0.5:443 as 172.31.0.9:1024 > 10.1.0.5:443 for 3 s"]
    ).rows.to_pylist()
    assert (row["sensor"], row["row"]) == ("one", 1)
