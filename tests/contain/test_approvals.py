from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.contain.approvals import Approval, Person, holding, message, missing, signed_by
from sekisho.contain.signatures import PublicKey, read_key
from sekisho.errors import Refused, RequestError

AT = datetime(2026, 1, 1, tzinfo=UTC)
KEY = PublicKey("k", b"data")
AIKO = Person("aiko", frozenset({"approver"}), (KEY,))
KEN = replace(AIKO, name="ken", keys=(PublicKey("l", b"other"),))
PEOPLE = {"aiko": AIKO, "ken": KEN}


def of(person: Person, deed: str = "apply", plan_hash: str = "ab") -> Approval:
    return Approval(person.name, deed, plan_hash, person.keys[0].fingerprint, AT)  # type: ignore[arg-type]


def test_one_line_is_signed_that_says_what() -> None:
    assert message("P-1", "lift", "ab") == b"sekisho plan P-1 lift ab\n"
    assert message("P-1", "lift", "ab") != message("P-1", "apply", "ab")


def test_people_count_once_and_only_for_what_they_signed() -> None:
    given = [of(AIKO), of(AIKO), of(KEN, "lift"), of(KEN, plan_hash="cd")]
    assert [one.person for one in holding(given, "apply", "ab", PEOPLE)] == ["aiko"]
    assert len(holding([*given, of(KEN)], "apply", "ab", PEOPLE)) == 2


def test_who_may_no_longer_does_not_count() -> None:
    gone = {"aiko": replace(AIKO, roles=frozenset({"operator"}))}
    assert holding([of(AIKO)], "apply", "ab", gone) == ()
    new_key = {"aiko": replace(AIKO, keys=KEN.keys)}
    assert holding([of(AIKO)], "apply", "ab", new_key) == ()
    assert holding([of(AIKO)], "apply", "ab", {}) == ()


def test_what_is_missing() -> None:
    assert missing([of(AIKO)], 1) is None
    assert missing([of(AIKO)], 2) == "1 more of 2 people must approve it; aiko did"
    assert missing([], 2) == "2 more of 2 people must approve it"


def test_a_signature_has_its_person(tmp_path: Path) -> None:
    path = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    key = read_key((tmp_path / "id.pub").read_text())
    armoured = subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-n", "sekisho", "-f", str(path)],
        input=message("P-1", "apply", "ab"),
        capture_output=True,
        check=True,
    ).stdout.decode()
    people = {"ken": KEN, "aiko": replace(AIKO, keys=(key,))}
    assert signed_by(armoured, "P-1", "apply", "ab", people) == (people["aiko"], key)
    with pytest.raises(RequestError, match="does not hold"):
        signed_by(armoured, "P-1", "lift", "ab", people)
    with pytest.raises(RequestError, match="nobody of this workspace has a key"):
        signed_by(armoured, "P-1", "apply", "ab", {})
    people["aiko"] = replace(people["aiko"], roles=frozenset())
    with pytest.raises(Refused, match="aiko is no approver"):
        signed_by(armoured, "P-1", "apply", "ab", people)
