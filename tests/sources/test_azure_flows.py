"""Tuples of JSON of any nesting, and flows put together from them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model.flows import Flag, State
from sekisho.sources import azure_flows
from sekisho.sources.base import ReadContext
from sekisho.sources.readers.azure_nsg import AzureNsg

NOW = datetime(2024, 6, 1, tzinfo=UTC)
AT = 1709251200


def tuple_of(
    state: str = "B", counts: str = ",,,", *, at: int = AT, port: int = 50000, proto: str = "T"
) -> str:
    return f"{at},10.0.0.1,10.9.0.1,{port},443,{proto},O,A,{state},{counts}"


def log(*tuples: str, indent: int | None = None) -> str:
    flows = [{"rule": "r", "flows": [{"mac": "000D", "flowTuples": list(tuples)}]}]
    return json.dumps({"records": [{"properties": {"Version": 2, "flows": flows}}]}, indent=indent)


WHOLE = (
    tuple_of(),
    tuple_of("C", "3,300,2,400", at=AT + 60),
    tuple_of("E", "4,500,5,6000", at=AT + 90),
)


@pytest.mark.parametrize("indent", [None, 2])
def test_beginning_middle_and_end_are_one_flow_whose_counts_add_up(
    indent: int | None, read_with: Callable[..., Any]
) -> None:
    read = read_with("azure-nsg", log(*WHOLE, indent=indent))
    flow = read.flows[0]
    assert (len(read.flows), read.ignored, flow["row"]) == (1, 2, 3)
    assert flow["end"] - flow["start"] == timedelta(seconds=90)
    assert (flow["packets_out"], flow["packets_in"]) == (7, 7)
    assert flow["bytes_out"] + flow["bytes_out_spread"] == 800
    assert flow["bytes_in"] <= 6400 - 14 * 7 <= flow["bytes_in"] + flow["bytes_in_spread"]
    assert (State(flow["state"]), flow["flags"]) == (State.ESTABLISHED, 0)


def test_a_flow_that_goes_on_is_open_and_keeps_its_uid(read_with: Callable[..., Any]) -> None:
    early = read_with("azure-nsg", log(*WHOLE[:2])).flows[0]
    late = read_with("azure-nsg", log(*WHOLE)).flows[0]
    assert early["flags"] == Flag.OPEN
    assert early["uid"] == late["uid"]
    assert early["end"] < late["end"]


@pytest.mark.parametrize(
    ("tuples", "state", "flags"),
    [
        ([tuple_of()], State.UNKNOWN, Flag.OPEN | Flag.BYTES_UNKNOWN),
        ([tuple_of(), tuple_of("E", "3,222,0,0")], State.NO_REPLY, 0),
        ([tuple_of(), tuple_of("E", "1,54,1,54")], State.REJECTED, 0),
        ([tuple_of("E", "1,66,1,66")], State.ESTABLISHED, 0),
        ([tuple_of(), tuple_of("E", "1,74,1,74")], State.UNKNOWN, 0),
        ([tuple_of(proto="U"), tuple_of("E", "1,80,1,90", proto="U")], State.ESTABLISHED, 0),
        ([tuple_of(proto="U"), tuple_of("E", "1,80,0,0", proto="U")], State.NO_REPLY, 0),
    ],
)
def test_states(tuples: list[str], state: State, flags: int, read_with: Callable[..., Any]) -> None:
    flow = read_with("azure-nsg", log(*tuples)).flows[0]
    assert (State(flow["state"]), flow["flags"]) == (state, flags)


def test_an_array_that_is_cut_off_costs_its_last_tuple(read_with: Callable[..., Any]) -> None:
    whole = log(*(tuple_of("E", "1,66,1,66", port=port) for port in range(1, 4)))
    end = whole.index('"]')
    for cut in range(whole.index(",3,443") + 2, end + 1):
        read = read_with("azure-nsg", whole[:cut])
        assert [flow["src_port"] for flow in read.flows] == [1, 2]
        assert list(read.reasons) == [3], "nothing is made up from half a tuple"
    assert len(read_with("azure-nsg", whole[: end + 2]).flows) == 3


def test_wrong_tuples_have_a_reason(read_with: Callable[..., Any]) -> None:
    wrong = [
        "hello",
        tuple_of().replace("10.0.0.1", "host"),
        tuple_of("X"),
        tuple_of("E", "1,x,1,1"),
        tuple_of(port=70000),
        tuple_of(proto="I"),
    ]
    read = read_with("azure-nsg", log(*wrong, *WHOLE))
    assert (len(read.flows), read.ignored) == (1, 2)
    assert list(read.reasons) == [1, 2, 3, 4, 5, 6]
    assert "no flow tuple" in read.reasons[1]
    assert "state" in read.reasons[3]


def test_a_tuple_without_end_holds_no_memory(read_with: Callable[..., Any]) -> None:
    read = read_with("azure-nsg", '{"flowTuples":["' + "9" * 3_000_000 + '"]}' + log(*WHOLE))
    assert len(read.flows) == 1
    assert all(len(reject.text) <= 512 for reject in read.rejects)
    assert read.rejects != []


def test_what_waits_is_bounded(read_with: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(azure_flows, "MOST_OPEN", 3)
    read = read_with("azure-nsg", log(*(tuple_of(port=port) for port in range(1, 11))))
    assert sorted(flow["row"] for flow in read.flows) == list(range(1, 11))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("BCE"), st.integers(1, 3)), max_size=15),
    st.integers(1, 17),
    st.integers(1, 3000),
)
def test_nothing_is_lost_or_doubled_wherever_reading_goes_on(
    said: list[tuple[str, int]], first_row: int, piece: int
) -> None:
    """Bytes of all records are those of all flows, and pieces of whatever size change nothing."""
    tuples = [
        tuple_of(state, ",,," if state == "B" else "1,1000,1,1000", port=port, at=AT + at)
        for at, (state, port) in enumerate(said)
    ]
    raw = log(*tuples).encode()

    def flows_of(first: int, stream: Any) -> list[dict[str, Any]]:
        batches = list(AzureNsg().read(stream, ReadContext("UTC", 1, NOW, first)))
        table = pa.concat_tables([batch.flows for batch in batches])
        if first == 1:
            assert table.num_rows + sum(batch.ignored for batch in batches) == len(tuples)
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows

    whole = flows_of(1, io.BytesIO(raw))
    assert sum(flow["bytes_out"] + flow["bytes_out_spread"] for flow in whole) == 1000 * sum(
        state != "B" for state, _ in said
    )
    assert flows_of(first_row, io.BytesIO(raw)) == [row for row in whole if row["row"] >= first_row]

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(piece, size) if size and size > 0 else piece)

    assert flows_of(1, Slow(raw)) == whole
