"""NSG flow logs of both versions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sekisho.model.flows import Flag, State
from sekisho.sources.readers.azure_nsg import AzureNsg
from sekisho.sources.readers.azure_vnet import AzureVnet

ALLOWED = "1709251200,10.0.0.1,10.9.0.1,50000,53,U,I,A"


def log(*tuples: str) -> str:
    return '{"flowTuples":["' + '","'.join(tuples) + '"]}'


def test_version_1_says_what_was_decided_and_no_more(read_with: Callable[..., Any]) -> None:
    read = read_with("azure-nsg", log(ALLOWED, ALLOWED[:-1] + "D"))
    assert read.ends == [("10.0.0.1", 50000, "10.9.0.1", 53)] * 2
    assert [State(flow["state"]) for flow in read.flows] == [State.UNKNOWN, State.DENIED]
    assert read.flows[0]["flags"] == Flag.BYTES_UNKNOWN
    assert read.flows[0]["protocol"] == 17


def test_a_denial_of_version_2_is_no_beginning(read_with: Callable[..., Any]) -> None:
    read = read_with("azure-nsg", log(ALLOWED[:-1] + "D,B,,,,"))
    assert [State(flow["state"]) for flow in read.flows] == [State.DENIED]
    assert not read.flows[0]["flags"] & Flag.OPEN


def test_detection() -> None:
    assert AzureNsg().detect(log(ALLOWED).encode()) == 92
    assert AzureVnet().detect(log(ALLOWED).encode()) == 0
    assert AzureNsg().detect(b'{"flowTuples":[]}') == 0


def test_a_real_record(shared_data: Path, read_with: Callable[..., Any]) -> None:
    raw = (shared_data / "formats" / "elastic" / "azure-nsg-flow.json").read_text()
    read = read_with("azure-nsg", raw)
    assert read.ends == [("1.128.0.0", 59932, "1.128.0.1", 443)]
    assert read.flows[0]["start"] == datetime(2018, 11, 13, 11, 59, 39, tzinfo=UTC)
    assert read.flows[0]["bytes_out"] + read.flows[0]["bytes_out_spread"] == 66
