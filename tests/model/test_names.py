"""The form in which names are kept and looked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.model.flows import FLOW_SCHEMA
from sekisho.model.names import NAME_SCHEMA, SOURCE_NAMES, VALUE_LIMIT, NameKind, normal


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (NameKind.DNS_QUERY, "WWW.Example.COM.", "www.example.com"),
        (NameKind.SNI, "Mail.Example.com", "mail.example.com"),
        (NameKind.SHA256, "AB" * 32, "ab" * 32),
        (NameKind.USER_AGENT, "Mozilla/5.0 (X11).", "Mozilla/5.0 (X11)."),
        (NameKind.DNS_QUERY, ".", ""),
        (NameKind.USER_AGENT, "a\x1b[2Jb", "a\x1b[2Jb"),
    ],
)
def test_case_is_kept_where_it_means_something(kind: NameKind, value: str, kept: str) -> None:
    assert normal(kind, value) == kept


@given(st.sampled_from(list(NameKind)), st.text(max_size=1500))
def test_a_value_is_bounded_and_found_again_as_it_was_written(kind: NameKind, value: str) -> None:
    kept = normal(kind, value)
    assert len(kept.encode("utf-8", "surrogatepass")) <= VALUE_LIMIT
    assert normal(kind, value) == kept


def test_a_cut_falls_between_letters() -> None:
    assert normal(NameKind.USER_AGENT, "é" * 600) == "é" * 512
    assert normal(NameKind.USER_AGENT, "a" + "é" * 600) == "a" + "é" * 511


def test_the_columns_of_a_name_are_those_of_flows_where_they_mean_the_same() -> None:
    flows = {field.name: field.type for field in FLOW_SCHEMA}
    shared = [field for field in NAME_SCHEMA if field.name in flows]
    assert {"uid", "src_hi", "dst_lo", "dst_port", "row", "sensor", "file"} <= {f.name for f in shared}
    assert all(field.type == flows[field.name] for field in shared)
    assert NAME_SCHEMA.names[: len(SOURCE_NAMES)] == SOURCE_NAMES.names
