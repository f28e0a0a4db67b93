"""The form of OCSF's Network Activity names all fields that it uses."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from sekisho.model.flows import State
from sekisho.sources.base import ReadContext
from sekisho.sources.ocsf import NetworkActivity


def test_numbers_may_be_text_and_what_is_lacking_null() -> None:
    form = NetworkActivity()
    given = {
        "class_uid": "4001",
        "activity_id": "5",
        "time": "1709251200000",
        "src_endpoint.ip": "10.0.0.1",
        "src_endpoint.port": "5000",
        "dst_endpoint.ip": "10.0.0.2",
        "dst_endpoint.port": "22",
        "connection_info.protocol_name": "tcp",
    }
    columns = {name: pa.array([given.get(name)], pa.string()) for name in (*form.texts, *form.numbers)}
    assert form.chosen(columns).tolist() == [True]
    context = ReadContext("UTC", 1, datetime(2024, 6, 1, tzinfo=UTC))
    table, failed, _ = form.draft(columns, np.array([1]), context)[0].finish()
    assert failed == []
    assert table["state"].to_pylist() == [State.REJECTED]
    assert form.chosen(columns | {"activity_id": pa.array(["7"])}).tolist() == [False]
