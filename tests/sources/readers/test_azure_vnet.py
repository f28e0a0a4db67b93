"""VNet flow logs: milliseconds, protocols by number, denials as a state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sekisho.model.flows import Flag, State
from sekisho.sources.readers.azure_nsg import AzureNsg
from sekisho.sources.readers.azure_vnet import AzureVnet

HEAD = "1709251200123,10.0.0.1,10.9.0.1,50000,443,6,O"


def log(*tuples: str) -> str:
    return '{"flowRecords":{"flows":[{"flowGroups":[{"flowTuples":["' + '","'.join(tuples) + '"]}]}]}}'


def test_states_times_and_protocols(read_with: Callable[..., Any]) -> None:
    text = log(
        HEAD + ",B,NX,0,0,0,0",
        HEAD + ",E,X,5,500,6,6000",
        HEAD + ",D,NX,0,0,0,0",
        HEAD.replace(",6,", ",1,").replace("50000,443", "0,0") + ",E,NX,1,98,1,98",
    )
    read = read_with("azure-vnet", text)
    assert [State(flow["state"]) for flow in read.flows] == [
        State.ESTABLISHED,
        State.DENIED,
        State.ESTABLISHED,
    ]
    assert read.flows[0]["start"].microsecond == 123_000
    assert [flow["protocol"] for flow in read.flows] == [6, 6, 1]
    assert read.ignored == 1


def test_detection() -> None:
    raw = log(HEAD + ",B,NX,0,0,0,0").encode()
    assert AzureVnet().detect(raw) == 92
    assert AzureNsg().detect(raw) == 0


def test_real_records(shared_data: Path, read_with: Callable[..., Any]) -> None:
    raw = (shared_data / "formats" / "elastic" / "azure-vnet-flow.json").read_text()
    read = read_with("azure-vnet", raw)
    assert (read.rejects, len(read.flows)) == ([], 2)
    ended, begun = sorted(read.flows, key=lambda flow: -flow["row"])
    assert (ended["src"], ended["packets_out"], ended["packets_in"]) == ("216.160.83.56", 22, 33)
    assert begun["flags"] == Flag.OPEN | Flag.BYTES_UNKNOWN
