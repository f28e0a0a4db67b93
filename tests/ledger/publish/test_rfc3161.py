"""Queries are read, and answers made and verified, by OpenSSL."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.conftest import Signed
from tests.ledger.publish.conftest import openssl

from sekisho.ledger.publish.base import NotPublished
from sekisho.ledger.publish.rfc3161 import TimestampWitness, query, read_answer

Stamp = Callable[[bytes], bytes]
IMPRINT = hashlib.sha256(b"head").digest()


def test_the_answer_is_kept_and_openssl_verifies_it(
    signed: Signed, stamp: Stamp, authority: Path, tmp_path: Path
) -> None:
    kept: dict[int, bytes] = {}
    head = signed.sign()
    witness = TimestampWitness(stamp, lambda: 2**62 + 1, kept.__setitem__)
    assert witness.publish(head).startswith("stamped 20")
    (tmp_path / "head").write_bytes(head.note)
    (tmp_path / "kept.tsr").write_bytes(kept[5])

    def verified() -> bool:
        ran = openssl(
            "ts", "-verify", "-data", tmp_path / "head", "-in", tmp_path / "kept.tsr",
            "-CAfile", authority / "tsa.pem",
        )  # fmt: skip
        return ran.returncode == 0

    assert verified()
    (tmp_path / "head").write_bytes(head.note + b"x")
    assert not verified()


def test_what_an_answer_says(stamp: Stamp) -> None:
    said = read_answer(stamp(query(IMPRINT, 7)), IMPRINT, 7)
    assert abs(said.at - datetime.now(UTC)) < timedelta(days=1)
    assert said.serial > 1


def test_an_answer_to_something_else_is_refused(signed: Signed, stamp: Stamp) -> None:
    answer = stamp(query(IMPRINT, 7))
    with pytest.raises(ValueError, match="something else"):
        read_answer(answer, bytes(32), 7)
    with pytest.raises(ValueError, match="another query"):
        read_answer(answer, IMPRINT, 8)
    with pytest.raises(ValueError, match="refuses, with status 2"):
        read_answer(stamp(b"rubbish"), IMPRINT, 7)
    kept: list[bytes] = []
    witness = TimestampWitness(lambda _: answer, lambda: 7, lambda _size, token: kept.append(token))
    with pytest.raises(NotPublished, match="something else"):
        witness.publish(signed.sign())
    assert kept == []


def test_an_answer_that_cannot_be_kept_is_no_success(signed: Signed, stamp: Stamp) -> None:
    def full(_size: int, _token: bytes) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(NotPublished, match="No space"):
        TimestampWitness(stamp, lambda: 7, full).publish(signed.sign())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_answer_breaks_nothing(data: st.DataObject, answer: bytes) -> None:
    changed = bytearray(answer)
    place = data.draw(st.integers(0, min(len(answer), 200) - 1))
    changed[place] = data.draw(st.integers(0, 255))
    for raw in (bytes(changed), answer[:place]):
        try:
            read_answer(raw, IMPRINT, 7)
        except ValueError:
            continue


@pytest.fixture
def answer(stamp: Stamp) -> bytes:
    return stamp(query(IMPRINT, 7))
