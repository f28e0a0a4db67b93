"""Segments of every kind of sender, spoofed and broken ones among them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sekisho.app.collecting.accounts import Accounts
from sekisho.app.collecting.intake import TOO_MANY_DAYS, Intake
from sekisho.app.collecting.taken import MOST_DAYS, Taken
from sekisho.model.addresses import ip_address
from sekisho.model.sites import RealmMatch, Sensor
from sekisho.model.validity import Validity
from sekisho.sources.journal.drops import Drop
from sekisho.sources.journal.reading import read_segment
from sekisho.sources.journal.segments import opened, sealed

DATAGRAM, MESSAGE, DROPPED = 1, 2, 3
FORTI = (
    '<189>date=2024-03-04 time=11:00:00 devname="fw{n}" devid="F1" eventtime=1709550000000000000 tz="+0000"'
    ' logid="0000000013" type="traffic" subtype="forward" level="notice" srcip=10.40.9.9 srcport={n}'
    ' dstip=10.1.0.5 dstport=443 proto=6 action="close" sentbyte=100 rcvdbyte=200 sentpkt=2 rcvdpkt=3'
    " duration=1 sessionid=7"
)


def intake(*sensors: Sensor) -> Intake:
    return Intake(Accounts(), {one.name: one for one in sensors}, {})


def run(work: Intake, folder: Path, first: int = 1) -> list[Taken]:
    found = []
    for serial, segment in enumerate(sealed(folder), first):
        with opened(segment) as stream:
            now = datetime(2024, 3, 4, 12, tzinfo=UTC)
            found.append(work.segment(serial, read_segment(stream, 4096), now))
    return found


def told(taken: Taken, *columns: str) -> list[tuple[Any, ...]]:
    flows = pa.concat_tables(taken.flows)
    return sorted(zip(*(flows[name].to_pylist() for name in columns), strict=True))


def sensor(name: str, address: str, **more: Any) -> Sensor:
    return Sensor(name, "jp", address=ip_address(address), **more)


def test_each_kind_in_one_segment(exporter: Any, journal: Callable[..., Path]) -> None:
    one, two, three = (exporter(f"10.0.0.{n}") for n in (1, 2, 3))
    folder = journal(
        [
            [
                (one.address, DATAGRAM, one.v5(2)),
                ("10.0.0.4", MESSAGE, FORTI.format(n=4).encode()),
                (two.address, DATAGRAM, two.v9(1, template=True)),
                ("10.0.0.4", MESSAGE, b"what is this"),
                (three.address, DATAGRAM, three.sflow()),
                (one.address, DATAGRAM, b"\x00"),
                ("10.0.0.4", MESSAGE, FORTI.format(n=5).encode()),
            ]
        ]
    )
    sensors = [sensor(f"s{n}", f"10.0.0.{n}") for n in (1, 2, 3, 4)]
    (taken,) = run(intake(*sensors), folder)
    assert told(taken, "sensor", "row") == [
        ("s1", 1),
        ("s1", 1),
        ("s2", 3),
        ("s3", 5),
        ("s4", 2),
        ("s4", 7),
    ]
    assert sorted((one.row, one.reason != "") for one in taken.rejects) == [(4, True), (6, True)]
    assert (taken.records, taken.rejected, taken.rows) == (7, 2, 6)
    assert taken.received == {"10.0.0.1": 2, "10.0.0.2": 1, "10.0.0.3": 1, "10.0.0.4": 3}
    assert taken.flows_of == {"10.0.0.1": 2, "10.0.0.2": 1, "10.0.0.3": 1, "10.0.0.4": 2}
    assert set(taken.alive) == {"s1", "s2", "s3", "s4"}
    assert [(one.sensor, one.received) for one in taken.losses] == [("s1", 2), ("s2", 1), ("s3", 1)]


def test_strangers_are_counted_and_never_taken(exporter: Any, journal: Callable[..., Path]) -> None:
    own, spoofed = exporter("10.0.0.1"), exporter("10.6.6.6")
    folder = journal(
        [
            [
                (own.address, DATAGRAM, own.v5(1)),
                (spoofed.address, DATAGRAM, spoofed.v5(9)),
                (spoofed.address, MESSAGE, FORTI.format(n=4).encode()),
            ]
        ]
    )
    (taken,) = run(intake(sensor("own", "10.0.0.1")), folder)
    assert told(taken, "sensor") == [("own",)]
    assert taken.strangers == {"10.6.6.6": 2}
    assert not taken.rejects
    assert [one.exporter for one in taken.losses] == ["10.0.0.1"]


def test_sensors_behind_one_address_take_what_they_select(
    exporter: Any, journal: Callable[..., Path]
) -> None:
    """Two domains of one device, of which one is sampled, and a third that is nobody's."""
    devices = [exporter("10.0.0.1", domain) for domain in (1, 2, 3)]
    folder = journal([[(one.address, DATAGRAM, one.v5(2)) for one in devices]])
    first = sensor("first", "10.0.0.1", match={"domain": "1"})
    second = sensor(
        "second",
        "10.0.0.1",
        match={"domain": "2"},
        sampling=100,
        realms=(RealmMatch({"input": "7"}, "lab"),),
    )
    (taken,) = run(intake(first, second), folder)
    assert told(taken, "sensor", "row", "src_realm", "packets_out") == [
        ("first", 1, "", 3),
        ("first", 1, "", 3),
        ("second", 2, "lab", 300),
        ("second", 2, "lab", 300),
    ]
    assert taken.unmatched == {"10.0.0.1": 2}
    assert not taken.alive, "what a relay sends shows none of them alive"


def test_an_address_that_changed_hands(exporter: Any, journal: Callable[..., Path], noon: Any) -> None:
    device = exporter("10.0.0.1")
    folder = journal([[(device.address, DATAGRAM, device.v5(1))]])
    old = sensor("old", "10.0.0.1", validity=Validity(None, noon))
    new = sensor("new", "10.0.0.1", validity=Validity(noon, None))
    (taken,) = run(intake(old, new), folder)
    assert told(taken, "sensor") == [("new",)]


def test_the_register_may_change_meanwhile(exporter: Any, journal: Callable[..., Path]) -> None:
    device = exporter("10.0.0.1")
    folder = journal([[(device.address, DATAGRAM, device.v9(2))]])
    own = sensor("own", "10.0.0.1")
    work = intake(own)
    (taken,) = run(work, folder)
    assert taken.rows == 0
    for segment in sealed(folder):
        segment.path.unlink()
    journal([[(device.address, DATAGRAM, device.v9(template=True))]])
    work.use({}, {})
    (taken,) = run(work, folder, first=2)
    assert (taken.rows, taken.strangers) == (0, {"10.0.0.1": 1}), "its template is not taken any more"
    for segment in sealed(folder):
        segment.path.unlink()
    journal([[(device.address, DATAGRAM, device.v9(1, template=True))]])
    work.use({"own": own}, {})
    (taken,) = run(work, folder, first=3)
    assert told(taken, "sensor") == [("own",)]
    assert {serial: sum(t.num_rows for t in tables) for serial, tables in taken.late.items()} == {1: 2}


def test_drops_are_of_their_hour_and_nobody_in_particular(
    exporter: Any, journal: Callable[..., Path], noon: Any
) -> None:
    at = int(noon.timestamp()) * 1_000_000
    drop = Drop("udp://0.0.0.0:2055", at - 5, at, 7, 2)
    folder = journal([[("0.0.0.0", DROPPED, drop.payload), ("0.0.0.0", DROPPED, b"{}")]])
    (taken,) = run(intake(), folder)
    assert taken.dropped == 9
    assert [(one.hour, one.sensor, one.dropped) for one in taken.losses] == [(at, "", 9)]
    assert [one.row for one in taken.rejects] == [2]
    assert not taken.strangers


def test_damage_is_told_and_what_is_whole_is_taken(exporter: Any, journal: Callable[..., Path]) -> None:
    device = exporter("10.0.0.1")
    folder = journal([[(device.address, DATAGRAM, device.v5(1)) for _ in range(3)]])
    (segment,) = sealed(folder)
    content = bytearray(segment.path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    segment.path.write_bytes(content)
    (taken,) = run(intake(sensor("own", "10.0.0.1")), folder)
    assert (taken.rows, taken.damaged, taken.rejected) == (2, 1, 1)
    assert [(one.sensor, one.lost) for one in taken.losses if one.lost] == [("own", 1)]
    assert taken.lost == 1


def test_forged_times_do_not_make_a_file_of_each_day(
    exporter: Any, journal: Callable[..., Path]
) -> None:
    device = exporter("10.0.0.1")
    forged = []
    for number in range(100):
        payload = bytearray(device.v5(1))
        payload[8:12] = (1_000_000_000 + number * 86_400).to_bytes(4, "big")
        forged.append((device.address, DATAGRAM, bytes(payload)))
    folder = journal([[*forged, (device.address, DATAGRAM, device.v5(2))]])
    (taken,) = run(intake(sensor("own", "10.0.0.1")), folder)
    assert taken.rows == MOST_DAYS + 2, "those of today are taken whatever came before them"
    assert taken.rejected == 100 - MOST_DAYS
    assert {one.reason for one in taken.rejects} == {f"from 10.0.0.1: {TOO_MANY_DAYS}"}
    assert taken.rejected_of == {"10.0.0.1": 100 - MOST_DAYS}
    assert taken.flows_of == {"10.0.0.1": MOST_DAYS + 2}


YEARS = (-50, -20, 30, 70)
YEAR = 31_557_600


@pytest.mark.parametrize("kind", ["v9", "ipfix", "syslog"])
def test_clocks_that_are_years_off_take_nothing_from_those_that_are_right(
    exporter: Any, journal: Callable[..., Path], kind: str
) -> None:
    device, at = exporter("10.0.0.1"), 1_709_550_000

    def sent(when: int, number: int) -> bytes:
        if kind == "syslog":
            line = FORTI.format(n=number).replace("1709550000000000000", f"{max(when, 0)}000000000")
            return line.encode()
        if kind == "v9":
            payload = bytearray(device.v9(1, template=True))
            payload[8:12] = (when & 0xFFFFFFFF).to_bytes(4, "big")
            return bytes(payload)
        fields = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (150, 4), (151, 4)]
        kinds = b"".join(struct.pack("!HH", *field) for field in fields)
        template = struct.pack("!HHHH", 2, 8 + len(kinds), 256, len(fields)) + kinds
        ends = (int(ip_address(a)) for a in ("10.40.9.9", "10.1.0.5"))
        span = when & 0xFFFFFFFF
        data = struct.pack("!IIHHBIII", *ends, number, 443, 6, 100, span, span)
        sets = template + struct.pack("!HH", 256, 4 + len(data)) + data
        return struct.pack("!HHIII", 10, 16 + len(sets), span, number, 1) + sets

    form = MESSAGE if kind == "syslog" else DATAGRAM
    wrong = [(device.address, form, sent(at + y * YEAR, n)) for n, y in enumerate(YEARS, 1)]
    right = [(device.address, form, sent(at, n)) for n in (5, 6)]
    (taken,) = run(intake(sensor("own", "10.0.0.1")), journal([[*wrong, *right]]))
    assert taken.rows + taken.rejected == len(YEARS) + 2, "each is taken or counted, none is lost"
    days = {start.date().isoformat() for (start,) in told(taken, "start")}
    assert "2024-03-04" in days
    starts = [start for (start,) in told(taken, "start") if start.date().isoformat() == "2024-03-04"]
    assert len(starts) == 2


def test_translations_are_names_of_the_records_that_gave_a_flow(journal: Callable[..., Path]) -> None:
    nat = ' trandisp="snat" transip=172.31.0.9 transport=1024'
    plain, bad = FORTI.format(n=4), FORTI.format(n=6).replace("srcip=10.40.9.9", "srcip=x")
    lines = [plain, FORTI.format(n=5) + nat, bad + nat, FORTI.format(n=7) + nat]
    other = ("10.0.0.5", MESSAGE, lines[1].encode())
    folder = journal([[*(("10.0.0.4", MESSAGE, line.encode()) for line in lines), other]])
    shared = sensor("jp-a", "10.0.0.4", match={"srcport": "5"}, realm="lab")
    (taken,) = run(intake(shared, sensor("jp-b", "10.0.0.5")), folder)
    names = pa.concat_tables(taken.names).to_pylist()
    value = "tcp 10.40.9.9:5 > 10.1.0.5:443 as 172.31.0.9:1024 > 10.1.0.5:443 for 1 s"
    assert sorted((one["sensor"], one["src_realm"], one["row"], one["value"]) for one in names) == [
        ("jp-a", "lab", 2, value),
        ("jp-b", "", 5, value),
    ]
    assert told(taken, "sensor", "row") == [("jp-a", 2), ("jp-b", 5)]


@pytest.mark.parametrize("late", [False, True], ids=["at once", "after its template came"])
def test_exporters_tell_of_translations_too(journal: Callable[..., Path], late: bool) -> None:
    fields = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (150, 4), (151, 4), (225, 4), (227, 2)]
    kinds = b"".join(struct.pack("!HH", *field) for field in fields)
    template = struct.pack("!HHHH", 2, 8 + len(kinds), 256, len(fields)) + kinds
    at = 1_709_550_000
    host, server, pool = (int(ip_address(a)) for a in ("10.40.9.9", "10.1.0.5", "172.31.0.9"))
    form = "!IIHHBIIIIH"
    data = struct.pack(form, host, server, 5, 443, 6, 100, at, at + 3, pool, 1024)
    data += struct.pack(form, host, server, 6, 443, 6, 100, at, at + 3, host, 6)
    records = struct.pack("!HH", 256, 4 + len(data)) + data

    def message(sets: bytes) -> tuple[str, int, bytes]:
        head = struct.pack("!HHIII", 10, 16 + len(sets), at + 5, 0, 1)
        return "10.0.0.1", DATAGRAM, head + sets

    sent = [[message(records)], [message(template)]] if late else [[message(template + records)]]
    *_, taken = run(intake(sensor("a", "10.0.0.1")), journal(sent))
    names = taken.late_names[1] if late else taken.names
    flows = taken.late[1] if late else taken.flows
    assert sorted(pa.concat_tables(flows)["src_port"].to_pylist()) == [5, 6]
    (name,) = pa.concat_tables(names).to_pylist()
    assert (name["sensor"], name["row"]) == ("a", 1)
    assert name["value"] == "tcp 10.40.9.9:5 > 10.1.0.5:443 as 172.31.0.9:1024 > 10.1.0.5:443 for 3 s"
