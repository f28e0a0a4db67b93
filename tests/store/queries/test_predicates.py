"""What the lake answers is held to the specification in tests/fleet/sigma/test_backend.py; this is the text."""

from __future__ import annotations

from ipaddress import ip_network

import duckdb
import pytest

from sekisho.model.predicates import (
    Compared,
    Either,
    Every,
    Expression,
    Like,
    Not,
    Predicate,
    Wild,
    Within,
)
from sekisho.store.queries.predicates import PREPARED, Columns, literal, sql, tried

MANY, ONE = Wild.MANY, Wild.ONE


@pytest.mark.parametrize("text", ["", "'", "a'b''c", "a\0b", "\0", "\\", "é😀", "%_$1", "\n"])
def test_a_literal_is_the_text(text: str) -> None:
    assert duckdb.execute(f"SELECT {literal(text)}").fetchone() == (text,)


@pytest.mark.parametrize(
    ("predicate", "text"),
    [
        (Like("a", ("X", MANY)), "starts_with(l0, lower('X'))"),
        (Like("a", (MANY, "X")), "ends_with(l0, lower('X'))"),
        (Like("a", (MANY, "X", "y", MANY, MANY)), "contains(l0, lower('Xy'))"),
        (Like("a", (MANY, MANY)), "(l0 IS NOT NULL)"),
        (Like("a", ()), "(l0 = '')"),
        (Like("a", ("X",), cased=True), "(f0 = 'X')"),
        (
            Like("a", ("a.", ONE, "b", MANY, "c")),
            "(contains(l0, lower('a.')) AND regexp_full_match(l0, lower('a\\..b.*c'), 's'))",
        ),
        (
            Either((Like("a", ("x",)), Like("a", ("y",)), Like("b", ("z",), cased=True))),
            "((l0 IN (lower('x'), lower('y'))) OR (f1 IN ('z')))",
        ),
        (Every(()), "true"),
        (Either(()), "false"),
        (Not(Compared("a", "!=", 5)), "(NOT coalesce((n0 <> CAST('5.0' AS DOUBLE)), false))"),
        (Expression("a", "x'", "zim"), "regexp_matches(f0, '(?im)x''')"),
    ],
)
def test_the_cheapest_form_is_chosen(predicate: Predicate, text: str) -> None:
    assert sql(predicate, Columns({"a": 0, "b": 1})) == text


def test_only_columns_that_are_asked_for_are_made() -> None:
    columns = Columns({"a": 0, "b": 1})
    sql(Every((Like("a", ("x",), cased=True), Within("b", ip_network("10.0.0.0/8")))), columns)
    assert list(columns.made) == ["a1"]


def test_thousands_of_values_are_no_deep_expression() -> None:
    many = Either(tuple(Like("a", (MANY, str(n), MANY)) for n in range(5000)))
    statement = sql(many, Columns({"a": 0}))
    found = duckdb.execute(f"SELECT {statement} FROM (SELECT 'x4999y' AS l0)").fetchone()
    assert found == (True,)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("10.1.2.3", "0" * 20 + "ffff0a010203"),
        ("::ffff:10.1.2.3", "0" * 20 + "ffff0a010203"),
        ("fe80::1", "fe80" + "0" * 27 + "1"),
        ("::", "0" * 32),
        ("1:2:3:4:5:6:7::", "00010002000300040005000600070000"),
        ("1:2:3:4:5:6:7:8", "00010002000300040005000600070008"),
        ("1::2:3:4:5:6:7:8", None),
        ("010.1.2.3", None),
        ("256.1.1.1", None),
        ("1::2::3", None),
        ("", None),
        ("-", None),
    ],
)
def test_addresses_are_read(text: str, digits: str | None) -> None:
    connection = duckdb.connect()
    for macro in PREPARED:
        connection.execute(macro)
    assert connection.execute("SELECT address_of(?)", [text]).fetchone() == (digits,)


def test_an_expression_can_be_tried() -> None:
    duckdb.execute(tried(Expression("a", "x+")))
    with pytest.raises(duckdb.Error):
        duckdb.execute(tried(Expression("a", "(?<=x)y")))
