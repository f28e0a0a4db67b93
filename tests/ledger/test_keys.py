"""One key counts at a time, and who may replace it is the key before it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.ledger.conftest import Signed

from sekisho.errors import IntegrityError, Refused, RequestError
from sekisho.ledger.keys import FRESH, OWN, named, origin, private_key, rotate, sign_now, signing_key
from sekisho.ledger.ledger import Ledger
from sekisho.ledger.verifier import holds, read_key
from sekisho.ledger.verify import verify_ledger


def pem(key: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_a_key_is_made_on_first_use_and_named_in_the_ledger(ledger: Ledger, at: datetime) -> None:
    assert named(ledger) is None
    head = sign_now(ledger, None, at, "anong")
    assert (ledger.folder / OWN).stat().st_mode & 0o777 == 0o600
    assert head.checkpoint.size == 5, "the entry that names the key is in the first signed head"
    found = named(ledger)
    assert found is not None
    assert (found.seq, found.written) == (5, head.key)
    assert read_key(head.key) == (origin(ledger), found.public)
    assert holds(head.checkpoint, found.public)
    again = sign_now(ledger, None, at, "anong")
    assert again.note == head.note, "one size has one head"


def test_an_empty_ledger_begins_with_its_key(tmp_path: Path, at: datetime) -> None:
    ledger = Ledger(tmp_path / "ledger")
    assert origin(ledger) == ""
    assert sign_now(ledger, None, at, "anong").checkpoint.size == 1
    assert verify_ledger(ledger.folder).whole


def test_a_key_that_is_given_is_not_written_here(ledger: Ledger, at: datetime) -> None:
    given = ed25519.Ed25519PrivateKey.generate()
    head = sign_now(ledger, given, at, "anong")
    assert holds(head.checkpoint, given.public_key().public_bytes_raw())
    assert not (ledger.folder / OWN).exists()
    with pytest.raises(IntegrityError, match="not the one"):
        sign_now(ledger, ed25519.Ed25519PrivateKey.generate(), at, "anong")
    with pytest.raises(IntegrityError, match="is gone"):
        sign_now(ledger, None, at, "anong")


def test_a_key_that_others_may_read_is_refused(ledger: Ledger, at: datetime) -> None:
    signing_key(ledger, None, at, "anong")
    (ledger.folder / OWN).chmod(0o640)
    with pytest.raises(Refused, match="others"):
        signing_key(ledger, None, at, "anong")


def test_what_is_no_key_is_told_without_showing_it() -> None:
    rubbish = b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
    for bad in (b"", rubbish, pem(rsa.generate_private_key(65537, 2048))):
        with pytest.raises(RequestError, match="somewhere is no Ed25519") as told:
            private_key(bad, "somewhere")
        assert "c2VjcmV0" not in str(told.value)
    good = ed25519.Ed25519PrivateKey.generate()
    assert private_key(pem(good), "x").public_key() == good.public_key()


def test_the_old_key_signs_the_new_one_and_counts_no_more(signed: Signed, at: datetime) -> None:
    ledger = signed.ledger
    old = signed.sign()
    found = rotate(ledger, None, at, "anong")
    assert found.seq == 6
    signed.grow(3)
    new = signed.sign()
    assert new.key == found.written != old.key
    trusted = [read_key(old.key)[1]]
    report = verify_ledger(ledger.folder, signed=[old.checkpoint, new.checkpoint], trusted=trusted)
    assert report.whole
    assert [key.vouched for key in report.keys] == [None, True]


def test_rotation_to_and_from_a_key_that_is_given(signed: Signed, at: datetime) -> None:
    ledger, given = signed.ledger, ed25519.Ed25519PrivateKey.generate()
    first = signed.sign()
    rotate(ledger, None, at, "anong", to=given)
    assert not (ledger.folder / OWN).exists()
    with pytest.raises(RequestError, match="counts already"):
        rotate(ledger, given, at, "anong", to=given)
    sign_now(ledger, given, at, "anong")
    rotate(ledger, given, at, "anong")
    last = signed.sign()
    report = verify_ledger(ledger.folder, signed=[last.checkpoint], trusted=[read_key(first.key)[1]])
    assert report.whole
    assert len(report.keys) == 3


def test_a_lost_key_is_replaced_and_that_stays_visible(signed: Signed, at: datetime) -> None:
    ledger = signed.ledger
    old = signed.sign()
    (ledger.folder / OWN).unlink()
    with pytest.raises(IntegrityError, match="is gone"):
        rotate(ledger, None, at, "anong")
    rotate(ledger, None, at, "anong", lost=True)
    new = signed.sign()
    report = verify_ledger(ledger.folder, signed=[new.checkpoint])
    assert report.whole
    assert [key.vouched for key in report.keys] == [None, False]
    trusted = [read_key(old.key)[1]]
    report = verify_ledger(ledger.folder, signed=[new.checkpoint], trusted=trusted)
    assert {flaw.code for flaw in report.flaws} == {"signature"}


def test_a_rotation_that_was_killed_is_finished(signed: Signed, at: datetime) -> None:
    ledger = signed.ledger
    signed.sign()
    before = (ledger.folder / OWN).read_bytes()
    rotate(ledger, None, at, "anong")
    after = (ledger.folder / OWN).read_bytes()
    (ledger.folder / OWN).write_bytes(before)
    (ledger.folder / FRESH).write_bytes(after)
    (ledger.folder / FRESH).chmod(0o600)
    assert signed.sign().checkpoint.size == 6
    assert (ledger.folder / OWN).read_bytes() == after
    assert not (ledger.folder / FRESH).exists()
    rotate(ledger, None, at, "anong")
    assert verify_ledger(ledger.folder).whole
