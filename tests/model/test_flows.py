from __future__ import annotations

import pyarrow as pa

from sekisho.model.flows import FLOW_SCHEMA, SOURCE_SCHEMA, Flag


def test_no_column_that_another_engine_reads_differently() -> None:
    for field in FLOW_SCHEMA:
        assert not pa.types.is_unsigned_integer(field.type)
        assert not pa.types.is_decimal(field.type)


def test_ingest_adds_columns_and_changes_none() -> None:
    assert FLOW_SCHEMA.names[: len(SOURCE_SCHEMA)] == SOURCE_SCHEMA.names


def test_every_flag_is_a_bit_of_its_own() -> None:
    assert sum(flag.value for flag in Flag) == (1 << len(Flag)) - 1
