from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.fleet.campaigns.trying import came, literal, question
from sekisho.model.probes import Trial

TLS = Trial("tls", "10.1.20.5", 8443)
HTTP = Trial("http", "10.1.20.5", 80)
DIGEST = "AB" * 32


def answers(trials: list[Trial], *, tls: str | None = DIGEST, status: int | None = 404) -> object:
    """What SQLite says over tables that hold what osquery's would."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.row_factory = sqlite3.Row
        database.execute("CREATE TABLE curl_certificate (hostname TEXT, sha256_fingerprint TEXT)")
        database.execute("CREATE TABLE curl (url TEXT, response_code INTEGER)")
        if tls is not None:
            database.execute("INSERT INTO curl_certificate VALUES (?, ?)", (TLS.asked, tls))
        database.execute("INSERT INTO curl VALUES (?, ?)", (HTTP.asked, status))
        found = [dict(row) for row in database.execute(question(trials))]
        return came(trials, [{k: v for k, v in row.items() if v is not None} for row in found])


def test_a_handshake_and_a_status_are_answers() -> None:
    assert answers([TLS, HTTP]) == {
        TLS: "a certificate, SHA-256 abababababababab…",
        HTTP: "HTTP 404",
    }


def test_a_row_of_curl_without_a_status_is_none() -> None:
    assert answers([TLS, HTTP], tls=None, status=None) == {}


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"kind": "tls", "asked": TLS.asked, "came": "yes"},
        {"kind": "tls", "asked": "10.9.9.9:443", "came": DIGEST},
        {"kind": "http", "asked": HTTP.asked, "came": "0"},
        {"kind": "http", "asked": HTTP.asked, "came": "200; DROP"},
        {"kind": "http", "asked": TLS.asked, "came": "200"},
    ],
)
def test_what_is_no_answer_to_what_was_asked_does_not_count(row: dict[str, str]) -> None:
    assert came([TLS, HTTP], [row, None]) == {}


def test_doubled_rows_change_nothing() -> None:
    row = {"kind": "http", "asked": HTTP.asked, "came": "200"}
    assert came([HTTP], [row, row, {**row, "came": "500"}]) == {HTTP: "HTTP 200"}


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=40))
def test_any_text_stays_one_literal(text: str) -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        assert database.execute(f"SELECT {literal(text)}").fetchone() == (text,)


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "\u202e"])
def test_what_cannot_be_seen_is_asked_of_nobody(text: str) -> None:
    with pytest.raises(ValueError, match="no place of a service"):
        literal(text)
