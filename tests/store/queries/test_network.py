"""That each relation's values are what its logs say is held in tests/app/checking/test_sigma_connections.py."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from sekisho.model.logons import LogonKind
from sekisho.model.names import NameKind
from sekisho.store.queries.network import RELATIONS, asks_ends, records


@pytest.mark.parametrize("name", sorted(RELATIONS))
def test_records_are_a_question_that_the_engine_parses(name: str) -> None:
    relation = RELATIONS[name]
    asked = records(name, [Path("/a'b/x.parquet")], [*relation.values, "no value"])
    assert "'/a''b/x.parquet'" in asked
    (statement,) = duckdb.extract_statements(asked)
    assert statement.type == duckdb.StatementType.SELECT
    assert len(re.findall(r" AS f[0-9]+", asked)) == len(relation.values) + 1


def test_addresses_are_named_only_where_they_are_asked_for() -> None:
    conn = RELATIONS["conn"]
    assert asks_ends(conn, ["proto", "id.resp_h"])
    assert not asks_ends(conn, ["proto", "nothing"])
    assert "network_ends" not in records("conn", [Path("x")], ["proto"])


def test_kinds_are_kinds_of_the_lake() -> None:
    kinds = {"names": set(map(str, NameKind)), "logons": set(map(str, LogonKind)), "flows": set()}
    for relation in RELATIONS.values():
        assert set(relation.kinds) <= kinds[relation.side]
        assert relation.many <= relation.values.keys()
        assert relation.caseless <= relation.values.keys()
