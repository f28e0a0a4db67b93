"""From records to flows: what each field means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.model.addresses import text_of
from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources.base import ReadContext
from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.decoder import Decoder
from sekisho.sources.netflow.flows import drafts, raw_fields, translations
from sekisho.sources.translated import of_draft

NOW = datetime(2024, 6, 1, tzinfo=UTC)
REVERSE = 29305 << 16
ENDS = [(0, 8, 4), (0, 12, 4), (0, 7, 2), (0, 11, 2), (0, 4, 1), (0, 1, 8), (0, 2, 8)]


@pytest.fixture
def flow(encoder: Any, usual: dict[int, int]) -> Callable[..., dict[str, Any]]:
    """The only flow of a record with the usual ends and some more fields (element or reverse: value)."""

    def read(
        more: dict[int, int],
        *,
        version: int = 10,
        sampling: int = 1,
        options: list[bytes] | None = None,
        ends: list[tuple[int, int, int]] = ENDS,
    ) -> dict[str, Any]:
        known = {element for _, element, _ in ends}
        fields = ends + [(k >> 16, k & 0xFFFF, 8 if k != 8 else 4) for k in more if k not in known]
        fields = [(p, e, {225: 4, 226: 4, 40001: 4}.get(e, s)) for p, e, s in fields]
        sets = [
            *(options or []),
            encoder.template(version, 256, fields),
            encoder.data(256, [encoder.record(fields, usual | more)]),
        ]
        decoded = Decoder().decode(Datagrams.of([("10.9.9.9", encoder.message(version, sets), 0)]))
        assert decoded.faults == []
        ((draft, _, _),) = drafts(decoded.chunks, ReadContext("UTC", sampling, NOW))
        table, failed, _ = draft.finish()
        assert failed == []
        (row,) = table.to_pylist()
        row["src"], row["dst"] = (text_of(row[f"{e}_hi"], row[f"{e}_lo"]) for e in ("src", "dst"))
        return dict(row)

    return read


def test_a_one_way_record_is_oriented_and_waits_for_its_other_half(flow: Any) -> None:
    row = flow({6: 2})
    assert (row["src"], row["dst"], row["src_port"], row["dst_port"]) == (
        "10.0.0.1",
        "10.0.0.2",
        40000,
        443,
    )
    assert Flag(row["flags"]) == Flag.ONE_WAY | Flag.SYN_ONLY
    assert row["orientation"] == Orientation.HANDSHAKE
    assert (row["bytes_out"], row["packets_out"], row["bytes_in"]) == (300, 3, 0)


def test_a_reply_is_turned_round(flow: Any) -> None:
    row = flow({7: 443, 11: 40000, 6: 0x12})
    assert (row["src"], row["dst_port"], row["bytes_in"]) == ("10.0.0.2", 443, 300)
    assert Flag(row["flags"]) == Flag.ONE_WAY | Flag.REVERSED | Flag.SYN_ACK


def test_a_biflow_has_both_ways_and_its_source_opened_it(flow: Any) -> None:
    row = flow({7: 443, 11: 40000, REVERSE | 1: 700, REVERSE | 2: 5})
    assert (row["src"], row["dst_port"]) == ("10.0.0.1", 40000)
    assert (row["bytes_out"], row["bytes_in"], row["packets_in"]) == (300, 700, 5)
    assert (row["flags"], row["orientation"]) == (0, Orientation.STATED)


def test_a_biflow_of_the_responder_is_turned_round(flow: Any) -> None:
    row = flow({REVERSE | 1: 700, REVERSE | 2: 5, 239: 2})
    assert (row["src"], row["bytes_out"], row["bytes_in"]) == ("10.0.0.2", 700, 300)
    assert row["flags"] == Flag.REVERSED


def test_a_biflow_without_an_answer_is_not_one_way(flow: Any) -> None:
    assert flow({REVERSE | 1: 0, REVERSE | 2: 0})["flags"] == 0


def test_initiator_and_responder_counts_go_before_the_others(flow: Any) -> None:
    row = flow({231: 1000, 232: 2000, 298: 10, 299: 20})
    assert (row["bytes_out"], row["bytes_in"]) == (1000, 2000)
    assert (row["packets_out"], row["packets_in"]) == (10, 20)
    assert row["orientation"] == Orientation.STATED


def test_out_counts_are_the_other_way_in_v9_and_the_same_way_in_ipfix(flow: Any) -> None:
    assert flow({23: 700, 24: 5}, version=9)["bytes_in"] == 700
    assert Flag.ONE_WAY not in Flag(flow({23: 700, 24: 5}, version=9)["flags"])
    row = flow({23: 700, 24: 5}, version=10)
    assert (row["bytes_out"], row["bytes_in"]) == (300, 0)
    assert Flag.ONE_WAY in Flag(row["flags"])


def test_out_counts_alone_are_the_record_s(flow: Any) -> None:
    assert flow({23: 700, 24: 5}, version=9, ends=ENDS[:5])["bytes_out"] == 700


def test_totals_stand_in_for_deltas(flow: Any) -> None:
    assert flow({1: 0, 2: 0, 85: 900, 86: 9})["bytes_out"] == 900


def test_without_counts_the_volume_is_not_known(flow: Any) -> None:
    row = flow({61: 0}, ends=ENDS[:5])
    assert Flag.BYTES_UNKNOWN in Flag(row["flags"])


def test_a_record_s_own_rate_scales_it(flow: Any) -> None:
    row = flow({34: 100})
    assert row["packets_out"] == 300
    assert row["bytes_out"] <= 30_000 <= row["bytes_out"] + row["bytes_out_spread"]
    assert Flag.SAMPLED in Flag(row["flags"])


def test_what_options_say_goes_before_what_the_sensor_says(flow: Any, encoder: Any) -> None:
    shape = [(0, 302, 4), (0, 305, 4), (0, 306, 4)]
    options = [
        encoder.options(10, 300, shape),
        encoder.data(300, [encoder.record(shape, {302: 4, 305: 1, 306: 9})]),
    ]
    assert flow({302: 4}, options=options, sampling=7)["packets_out"] == 30
    assert flow({61: 0}, sampling=7)["packets_out"] == 21
    assert flow({34: 1}, sampling=7)["packets_out"] == 3


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({89: 64}, State.UNKNOWN),
        ({89: 128}, State.DENIED),
        ({89: 191}, State.DENIED),
        ({89: 192}, State.UNKNOWN),
        ({233: 3}, State.DENIED),
        ({233: 2}, State.UNKNOWN),
    ],
)
def test_what_was_dropped_was_denied(flow: Any, more: dict[int, int], state: State) -> None:
    assert flow(more)["state"] == state


def test_a_firewall_s_one_number_is_of_both_ways(flow: Any) -> None:
    row = flow({1: 0, 2: 0, 85: 500, 233: 2, 33002: 0}, version=9)
    assert (row["bytes_out"], row["bytes_out_spread"]) == (0, 500)
    assert (row["bytes_in"], row["bytes_in_spread"]) == (0, 500)
    assert row["flags"] == Flag.SUMMED
    assert row["state"] == State.ESTABLISHED
    assert row["orientation"] == Orientation.STATED


@pytest.mark.parametrize(
    ("more", "icmp"),
    [
        ({4: 1, 11: 0x0301}, 0x0301),
        ({4: 1, 32: 0x0800}, 0x0800),
        ({4: 58, 178: 128, 179: 0}, 0x8000),
        ({4: 6, 32: 0x0800}, -1),
    ],
)
def test_icmp_type_and_code(flow: Any, more: dict[int, int], icmp: int) -> None:
    row = flow(more)
    assert row["icmp"] == icmp
    assert more[4] == 6 or (row["src_port"], row["dst_port"]) == (0, 0)


def read(encoder: Any, fields: Any, records: list[dict[int, int]], wanted: set[str]) -> Any:
    sets = [
        encoder.template(10, 256, fields),
        encoder.data(256, [encoder.record(fields, values) for values in records]),
    ]
    payload = encoder.message(10, sets, domain=77)
    decoded = Decoder().decode(Datagrams.of([("10.9.9.9", payload, 0)], first_row=5))
    ((draft, records_, others),) = drafts(decoded.chunks, ReadContext("UTC", 1, NOW))
    return draft.finish()[0].to_pylist(), raw_fields(records_, frozenset(wanted)), others.tolist()


def test_a_template_of_both_families_fills_one(encoder: Any) -> None:
    fields = [(0, 8, 4), (0, 12, 4), (0, 27, 16), (0, 28, 16), (0, 4, 1)]
    six = {27: 0x20010DB8 << 96 | 1, 28: 0x20010DB8 << 96 | 2, 4: 47}
    rows, _, others = read(encoder, fields, [six, {8: 1 << 24, 12: 2 << 24, 4: 47}, {4: 47}], set())
    found = [text_of(row["src_hi"], row["src_lo"]) for row in rows]
    # Without ports the lower address is the responder.
    assert sorted(found) == ["2.0.0.0", "2001:db8::2"]
    assert others == [5]


def test_translations_alone_are_no_flows(encoder: Any) -> None:
    fields = [(0, 8, 4), (0, 12, 4), (0, 4, 1), (0, 225, 4), (0, 230, 1)]
    rows, _, others = read(encoder, fields, [{8: 5, 12: 6, 4: 47, 225: 7, 230: 4}], set())
    assert (rows, others) == ([], [5])


def test_sensors_may_select_by_raw_fields(encoder: Any) -> None:
    fields = [(0, 8, 4), (0, 12, 4), (0, 4, 1), (0, 10, 4), (0, 225, 4), (0, 234, 4)]
    values = {8: 5, 12: 6, 4: 47, 10: 3, 225: 0x01020304, 234: 9}
    wanted = {"exporter", "domain", "input", "vrf", "post_nat_src", "vlan", "post_nat_dst"}
    _, fields_of, _ = read(encoder, fields, [values], wanted)
    assert fields_of.to_pylist() == [
        {
            "domain": "77",
            "exporter": "10.9.9.9",
            "input": "3",
            "post_nat_dst": None,
            "post_nat_src": "1.2.3.4",
            "vlan": None,
            "vrf": "9",
        }
    ]


NSEL = [
    (0, 148, 4), (0, 8, 4), (0, 7, 2), (0, 10, 2), (0, 12, 4), (0, 11, 2), (0, 14, 2), (0, 4, 1),
    (0, 176, 1), (0, 177, 1), (0, 225, 4), (0, 226, 4), (0, 227, 2), (0, 228, 2), (0, 233, 1),
    (0, 33002, 2), (0, 323, 8), (0, 152, 8), (0, 33000, 12), (0, 33001, 12), (0, 40000, 20),
]  # fmt: skip
"""The template of an ASA's flow creation event, as its guide lists it."""


def nsel(encoder: Any, fields: Any, **ends: int) -> list[str]:
    """What a created connection says of translations."""
    at = encoder.at * 1000
    values = {148: 7, 10: 15, 14: 3, 4: 6, 233: 1, 323: at, 152: at}
    values |= {int(name[1:]): value for name, value in ends.items()}
    sets = [
        encoder.template(9, 260, fields),
        encoder.data(260, [encoder.record(fields, values)]),
    ]
    decoded = Decoder().decode(Datagrams.of([("10.9.9.9", encoder.message(9, sets), 0)]))
    ((draft, found, _),) = drafts(decoded.chunks, ReadContext("UTC", 1, NOW))
    told = translations(found, draft)
    assert told is not None
    return [text.removesuffix(" for 0 s") for text in of_draft(draft, told)[0]["value"].to_pylist()]


CLIENT, SERVER, OUTSIDE, POOL = 0x0A280909, 0x0A01004D, 0xC6336405, 0xC6336409


def test_what_a_firewall_calls_post_nat_is_beyond_it(encoder: Any) -> None:
    out = nsel(
        encoder, NSEL, _8=CLIENT, _7=5, _12=OUTSIDE, _11=443, _225=POOL, _226=OUTSIDE, _227=9, _228=443
    )
    assert out == ["tcp 10.40.9.9:5 > 198.51.100.5:443 as 198.51.100.9:9 > 198.51.100.5:443"]


def test_of_a_forwarded_port_the_server_behind_is_meant(encoder: Any) -> None:
    forwarded = {"_8": CLIENT, "_7": 5, "_12": OUTSIDE, "_11": 2222, "_226": SERVER, "_228": 22}
    found = nsel(encoder, NSEL, _225=CLIENT, _227=5, **forwarded)
    assert found == ["tcp 10.40.9.9:5 > 10.1.0.77:22 as 10.40.9.9:5 > 198.51.100.5:2222"]
    both = nsel(encoder, NSEL, _225=POOL, _227=9, **forwarded)
    assert both == [
        "tcp 10.40.9.9:5 > 10.1.0.77:22 as 10.40.9.9:5 > 198.51.100.5:2222",
        "tcp 10.40.9.9:5 > 10.1.0.77:22 as 198.51.100.9:9 > 10.1.0.77:22",
    ]


def test_the_elements_of_older_firewalls_mean_the_same(encoder: Any) -> None:
    older = {225: 40001, 226: 40002, 227: 40003, 228: 40004, 233: 40005}
    fields = [(p, older.get(e, e), s) for p, e, s in NSEL]
    ends = {"_8": CLIENT, "_7": 5, "_12": OUTSIDE, "_11": 2222}
    found = nsel(encoder, fields, **ends, _40001=CLIENT, _40002=SERVER, _40003=5, _40004=22, _40005=1)
    assert found == ["tcp 10.40.9.9:5 > 10.1.0.77:22 as 10.40.9.9:5 > 198.51.100.5:2222"]


@pytest.mark.parametrize("ends", [(POOL, CLIENT), (CLIENT, POOL)], ids=["as it came", "as it is meant"])
def test_of_a_reply_no_translation_is_taken(encoder: Any, ends: tuple[int, int]) -> None:
    fields = [
        (0, 8, 4),
        (0, 12, 4),
        (0, 7, 2),
        (0, 11, 2),
        (0, 4, 1),
        (0, 1, 4),
        (0, 226, 4),
        (0, 228, 2),
    ]
    to, then = ends
    assert (
        nsel(encoder, fields, _8=SERVER, _7=443, _12=to, _11=50_000, _1=90, _226=then, _228=50_000)
        == []
    )
