"""Messages of many senders, each read by the reader of its format."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sekisho.app.collecting.messages import UNKNOWN_FORMAT, Message, Messages
from sekisho.model.flows import Flag
from sekisho.model.sites import Sensor

NOW = datetime(2024, 3, 4, 12, tzinfo=UTC)
FORTI = (
    '<189>date=2024-03-04 time=11:00:00 devname="{name}" devid="F1" eventtime=1709550000000000000 tz="+0000"'
    ' logid="0000000013" type="traffic" subtype="forward" level="notice" srcip=10.40.9.9 srcport={port}'
    ' dstip=10.1.0.5 dstport=443 proto=6 action="close" sentbyte=100 rcvdbyte=200 sentpkt=2 rcvdpkt=3'
    " duration=1 sessionid=7"
)
DENIED = (
    "<166>Mar  4 11:00:00 {host} : %ASA-4-106023: Deny tcp src outside:10.40.9.9/{port} dst"
    ' inside:10.1.0.5/443 by access-group "x" [0x0, 0x0]'
)
BUILT = (
    "<166>Mar  4 11:00:00 : %ASA-6-302013: Built inbound TCP connection 55 for outside:10.40.9.9/{port}"
    " (10.40.9.9/{port}) to inside:10.1.0.5/443 (10.1.0.5/443)"
)
TORN = (
    "<166>Mar  4 11:00:05 : %ASA-6-302014: Teardown TCP connection 55 for outside:10.40.9.9/{port} to"
    " inside:10.1.0.5/443 duration 0:00:05 bytes 5000 TCP FINs"
)


def read(
    messages: Messages, lines: dict[str, list[str]], sensors: dict[str, tuple[Sensor, ...]]
) -> list[Message]:
    rows = iter(range(1, 100))
    given = {who: [(next(rows), text.encode()) for text in texts] for who, texts in lines.items()}
    return list(messages.read(given, sensors, {}, NOW))


def told(found: list[Message]) -> list[Any]:
    return sorted(
        (row, port)
        for one in found
        for row, port in zip(
            one.flows["row"].to_pylist(), one.flows["src_port"].to_pylist(), strict=True
        )
    )


def test_senders_of_one_format_are_read_together_and_keep_their_rows() -> None:
    owners = {name: (Sensor(name, "jp", kind="fortigate"),) for name in "abc"} | {
        "d": (Sensor("d", "jp"),)
    }
    lines = {name: [FORTI.format(name=name, port=n) for n in (1, 2)] for name in "abc"}
    lines["d"] = [DENIED.format(host="fw", port=9)]
    found = read(Messages(), lines, owners)
    assert len(found) == 2
    assert told(found) == [(1, 1), (2, 2), (3, 1), (4, 2), (5, 1), (6, 2), (7, 9)]


def test_devices_that_number_connections_alike_are_not_mixed() -> None:
    owners = {name: (Sensor(name, "jp", kind="asa"),) for name in "ab"}
    lines = {"a": [BUILT.format(port=1), TORN.format(port=1)], "b": [BUILT.format(port=2)]}
    found = read(Messages(), lines, owners)
    assert told(found) == [(2, 1), (3, 2)]


def test_what_stands_in_a_sensors_way_is_read_for_it() -> None:
    """Behind one relay stand devices in two time zones."""
    owners = {
        "relay": (
            Sensor("tokyo", "jp", kind="asa", timezone="Asia/Tokyo", match={"host": "t"}),
            Sensor("utc", "jp", kind="asa", match={"host": "u"}),
        )
    }
    found = read(Messages(), {"relay": [DENIED.format(host="t", port=1)]}, owners)
    starts = {tuple(one.among or ()): one.flows["start"].to_pylist()[0].hour for one in found}
    assert starts == {("tokyo",): 2, ("utc",): 11}
    assert [one.first for one in found] == [True, False]
    assert all(one.fields is not None and one.fields["host"].to_pylist() == ["t"] for one in found)


def test_the_format_is_looked_for_again_when_nothing_is_readable_any_more() -> None:
    messages, owners = Messages(), {"a": (Sensor("a", "jp"),)}
    assert told(read(messages, {"a": [FORTI.format(name="a", port=1)]}, owners)) == [(1, 1)]
    (failed,) = read(messages, {"a": [DENIED.format(host="fw", port=2)]}, owners)
    assert len(failed.rejects) == 1
    assert told(read(messages, {"a": [DENIED.format(host="fw", port=2)]}, owners)) == [(1, 2)]


def test_an_unknown_format_is_told_of() -> None:
    (found,) = read(Messages(), {"a": ["\x00\x01 hello"]}, {"a": (Sensor("a", "jp"),)})
    assert [(one.row, one.reason) for one in found.rejects] == [(1, UNKNOWN_FORMAT)]


def test_a_line_feed_within_a_message_begins_none() -> None:
    text = (
        FORTI.format(name="a", port=1).replace(" logid", "\nlogid")
        + "\n"
        + FORTI.format(name="a", port=2)
    )
    found = read(Messages(), {"a": [text]}, {"a": (Sensor("a", "jp", kind="fortigate"),)})
    assert {row for row, _ in told(found)} <= {1}
    assert len(told(found)) == 1


def test_a_connection_that_ends_in_a_later_segment_keeps_its_initiator() -> None:
    """A segment lasts a second, a connection longer: its open flow comes first, with the same uid."""
    messages, owners = Messages(), {"a": (Sensor("a", "jp", kind="asa"),)}
    (opened,) = read(messages, {"a": [BUILT.format(port=1)]}, owners)
    (ended,) = read(messages, {"a": [TORN.format(port=1)]}, owners)
    (other,) = read(Messages(), {"a": [TORN.format(port=1)]}, owners)
    columns = ("uid", "src_hi", "src_lo", "src_port", "dst_lo", "dst_port", "start")
    assert opened.flows.select(columns) == ended.flows.select(columns)
    flags = [Flag(one.flows["flags"][0].as_py()) for one in (opened, ended, other)]
    assert [Flag.OPEN in one for one in flags] == [True, False, False]
    assert [Flag.MIDSTREAM in one for one in flags] == [False, False, True]
    assert ended.ignored == 0


def test_a_message_without_end_hides_none_behind_it() -> None:
    texts = ["x" * 60_000, DENIED.format(host="fw", port=1)]
    for kind in ("asa", "any"):
        (found,) = read(Messages(), {"a": texts}, {"a": (Sensor("a", "jp", kind=kind),)})
        assert told([found]) == [(2, 1)]
        assert [one.row for one in found.rejects] == [1]
    (found,) = read(Messages(), {"a": ["x" * 99]}, {"a": (Sensor("a", "jp", kind="asa"),)})
    assert [one.reason for one in found.rejects] != [UNKNOWN_FORMAT]
