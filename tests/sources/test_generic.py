from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources.base import ReadContext
from sekisho.sources.generic import draft_flows
from sekisho.sources.mapping import check


def drafted(context: ReadContext, mapping: dict[str, Any] | None = None, **columns: Any) -> Any:
    usual = {
        "start": pa.array(["2024-03-01T00:00:00Z"]),
        "src": pa.array(["10.0.0.1"]),
        "dst": pa.array(["10.0.0.2"]),
        "dst_port": pa.array(["445"]),
        "protocol": pa.array(["tcp"]),
    }
    return draft_flows(usual | columns, check(mapping), np.array([1]), context)


def test_what_a_source_does_not_say_is_unknown(context: ReadContext) -> None:
    draft, notes = drafted(context)
    table, failed, _ = draft.finish()
    flow = table.to_pylist()[0]
    assert (failed, notes) == ([], ())
    assert flow["flags"] == Flag.BYTES_UNKNOWN
    assert flow["state"] == State.UNKNOWN
    assert flow["orientation"] == Orientation.STATED
    assert flow["end"] == flow["start"]


def test_the_end_stands_before_the_duration(context: ReadContext) -> None:
    draft, _ = drafted(context, end=pa.array(["2024-03-01T00:00:09Z"]), duration=pa.array(["2"]))
    assert draft.columns["end"][0] - draft.columns["start"][0] == 9_000_000
    draft, _ = drafted(context, end=pa.array([None], pa.string()), duration=pa.array(["2"]))
    assert draft.columns["end"][0] - draft.columns["start"][0] == 2_000_000


def test_strange_states_are_named_in_a_note_and_bounded(
    context: ReadContext, strings: Callable[..., Any]
) -> None:
    draft, notes = drafted(context, state=strings("x" * 500))
    assert draft.columns["state"].tolist() == [State.UNKNOWN]
    assert len(notes) == 1
    assert len(notes[0]) < 200


def test_payload_alone_gives_a_range(context: ReadContext, strings: Callable[..., Any]) -> None:
    draft, _ = drafted(context, payload_out=strings("1000"), packets_out=strings("1"))
    assert draft.columns["bytes_out"].tolist() == [1000]
    assert draft.columns["bytes_out_spread"].tolist() == [52]
