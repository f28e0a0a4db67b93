from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sekisho.contain.approvals import Person
from sekisho.contain.signatures import PublicKey
from sekisho.notify.reviews import Review, holding, message

KEY = PublicKey("k", b"data")
LEE = Person("lee", frozenset({"legal"}), (KEY,))
GIVEN = Review("lee", "jp-appi/final", 2, "ab", KEY.fingerprint, datetime(2026, 1, 1, tzinfo=UTC))


def test_what_is_signed_names_incident_version_and_hash() -> None:
    said = message("INC-1", "jp-appi/final", 2, "ab")
    assert said == b"sekisho notice INC-1 jp-appi/final version 2 sha256 ab\n"
    assert said != message("INC-2", "jp-appi/final", 2, "ab")


def test_it_holds_for_this_version_by_whoever_may_still() -> None:
    people = {"lee": LEE}
    assert holding([GIVEN, GIVEN], "jp-appi/final", 2, "ab", people) == (GIVEN,)
    for document, version, digest in (
        ("jp-appi/people", 2, "ab"),
        ("jp-appi/final", 3, "ab"),
        ("jp-appi/final", 2, "cd"),
    ):
        assert holding([GIVEN], document, version, digest, people) == ()
    for other in (
        {},
        {"lee": replace(LEE, roles=frozenset({"approver"}))},
        {"lee": replace(LEE, keys=())},
    ):
        assert holding([GIVEN], "jp-appi/final", 2, "ab", other) == ()
