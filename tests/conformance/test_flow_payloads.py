"""Real exports of 24 exporters against the fields that an independent decoder read from them.

The samples lie beside the project (`../shared/data/flow-payloads`, with a README of their own); where
they are not, there is nothing to compare.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.model.addresses import text_of
from sekisho.model.flows import Flag
from sekisho.model.protocols import WITH_PORTS
from sekisho.sources.base import Batch, ReadContext
from sekisho.sources.registry import detect

PAYLOADS = Path(__file__).parents[3] / "shared" / "data" / "flow-payloads"
EXPECTED = PAYLOADS / "expected.json"
GROUPS: dict[str, Any] = json.loads(EXPECTED.read_text())["groups"] if EXPECTED.exists() else {}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEYOND_THE_COUNT = "netflow9_test_invalid01"
"""Its header counts 2 records; the other decoder stops there, two flows stand behind them."""
GARBAGE = "netflow5_test_invalid01"
"""Its uptimes are garbage, so that a wrapped one and one to come cannot be told apart."""
WRAP = 4_294_967.296
"""Seconds after which a device's uptime in milliseconds begins again."""


def read(group: str) -> dict[str, list[Batch]]:
    """Each file of a group in order, as one exporter whose templates last from file to file."""
    memory: dict[str, object] = {}
    batches: dict[str, list[Batch]] = {}
    for name in dict.fromkeys(message["file"] for message in GROUPS[group]):
        raw = (PAYLOADS / name).read_bytes()
        reader = detect(raw[: 1 << 16])
        assert reader is not None
        assert reader.name == "netflow-payload"
        context = ReadContext("UTC", 1, NOW, memory=memory)
        batches[name] = list(reader.read(io.BytesIO(raw), context))
    return batches


def as_sent(flow: dict[str, Any]) -> dict[str, Any]:
    """A flow in the direction of its record again."""
    src, dst = (text_of(flow[f"{side}_hi"], flow[f"{side}_lo"]) for side in ("src", "dst"))
    ends = [(src, flow["src_port"]), (dst, flow["dst_port"])]
    way = "out"
    if flow["flags"] & Flag.REVERSED:
        ends.reverse()
        way = "in"
    (src, sport), (dst, dport) = ends
    back = "in" if way == "out" else "out"
    return flow | {
        "key": (src, dst, sport, dport, flow["protocol"]),
        "octets": (flow[f"bytes_{way}"], flow[f"bytes_{way}"] + flow[f"bytes_{way}_spread"]),
        "packets": flow[f"packets_{way}"],
        "octets_back": flow[f"bytes_{back}"],
        "packets_back": flow[f"packets_{back}"],
    }


def key_of(wanted: dict[str, Any]) -> tuple[Any, ...]:
    ports = wanted["proto"] in WITH_PORTS
    sport, dport = (wanted["sport"], wanted["dport"]) if ports else (0, 0)
    return wanted["src"], wanted["dst"], sport, dport, wanted["proto"]


def counted(wanted: dict[str, Any], what: str) -> tuple[int, int | None]:
    """Forward and reverse count; totals where the deltas are empty or missing."""
    value = wanted.get(what) or wanted.get(f"{what}_total") or 0
    return (value[0], value[1]) if isinstance(value, list) else (value, None)


@pytest.mark.parametrize("group", sorted(GROUPS) or ["the samples are not there"])
def test_every_record_is_as_the_other_decoder_read_it(group: str) -> None:
    assert bool(GROUPS) == EXPECTED.exists()
    for name, batches in (read(group) if GROUPS else {}).items():
        found = [as_sent(flow) for batch in batches for flow in batch.flows.to_pylist()]
        wanted = [
            flow
            for message in GROUPS[group]
            if message["file"] == name
            for one in message["sets"]
            for flow in one.get("flows", [])
        ]
        if group == BEYOND_THE_COUNT:
            assert (len(found), len(wanted)) == (2, 0)
            continue
        assert len(found) == len(wanted)
        for one in wanted:
            match = next(flow for flow in found if flow["key"] == key_of(one) and matches(flow, one))
            found.remove(match)
            for side, time in (("start", "first"), ("end", "last")):
                if time in one:
                    off = (match[side] - datetime.fromisoformat(one[time])).total_seconds()
                    assert abs(off) <= 0.001 or (group == GARBAGE and abs(off + WRAP) <= 0.001)


def matches(flow: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether the counts are those wanted; scaled ones are the same number before."""
    octets, octets_back = counted(wanted, "octets")
    packets, packets_back = counted(wanted, "packets")
    if flow["flags"] & Flag.SAMPLED:
        return bool(flow["octets"][0] >= octets and flow["packets"] % max(packets, 1) == 0)
    return bool(
        flow["octets"][0] <= octets <= flow["octets"][1]
        and flow["packets"] == packets
        and (octets_back is None or flow["octets_back"] == octets_back)
        and (packets_back is None or flow["packets_back"] == packets_back)
    )


@pytest.mark.parametrize("group", sorted(GROUPS) or ["the samples are not there"])
def test_nothing_is_set_aside_but_what_the_other_decoder_complained_of(group: str) -> None:
    reasons = {
        reject.reason
        for batches in (read(group) if GROUPS else {}).values()
        for batch in batches
        for reject in batch.rejects
    }
    assert reasons == {
        "ipfix_test_netscaler": {"template 280 of the exporter did not come"},
        GARBAGE: {"the header says 55582 records, 30 fit"},
    }.get(group, set())


def test_a_firewall_that_translates_nothing_tells_of_no_translation() -> None:
    """All its records have the fields of translated ends, equal to the ends themselves."""
    read_in = read("netflow9_test_cisco_asa_1") if GROUPS else {}
    batches = [batch for of in read_in.values() for batch in of]
    assert sum(batch.flows.num_rows for batch in batches) == (14 if EXPECTED.exists() else 0)
    assert sum(batch.names.num_rows for batch in batches if batch.names is not None) == 0


def test_of_replies_no_translation_is_taken() -> None:
    """This exporter gives 225 to 228 with 0 for the end that stays as it is, and in replies those of the
    host's own address and of what stands for it in the places of each other."""
    read_in = read("netflow9_test_fortigate_fortios_542_appid") if GROUPS else {}
    batches = [batch for of in read_in.values() for batch in of]
    names = [
        n for batch in batches if batch.names is not None for n in batch.names["value"].to_pylist()
    ]
    assert len(names) == (5 if EXPECTED.exists() else 0)
    for name in names:
        assert name.startswith("tcp 192.168.100.151:")
        assert " as 10.0.0.250:" in name
