from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.ledger.conftest import Signed

from sekisho.errors import IntegrityError
from sekisho.ledger.checkpoints import FOLDER, keep, keep_token, kept, sign, written_key
from sekisho.ledger.head import Head
from sekisho.ledger.verifier import read_checkpoints, read_key


def test_a_head_is_a_checkpoint_as_others_write_them() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    head = sign(Head(1, "a" * 64, 0, 10, (bytes(32),)), "sekisho/0123456789abcdef", private)
    lines = head.note.decode().split("\n")
    assert lines[:4] == ["sekisho/0123456789abcdef", "1", base64.b64encode(bytes(32)).decode(), ""]
    assert lines[4].startswith("\u2014 sekisho/0123456789abcdef ")
    assert lines[5:] == [""]
    assert len(base64.b64decode(lines[4].rpartition(" ")[2])) == 68
    assert read_checkpoints(head.note) == (head.checkpoint,)
    with pytest.raises(ValueError, match="empty"):
        sign(Head(), "sekisho/x", private)


def test_a_key_as_the_specification_of_signed_notes_shows_it() -> None:
    """The example of golang.org/x/mod/sumdb/note."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    name, public = read_key(text)
    assert written_key(name, public) == text
    (note,) = read_checkpoints(
        b"a\n1\n" + base64.b64encode(bytes(32)) + b"\n\n\xe2\x80\x94 b AAAAAA==\n"
    )
    assert note.signatures == (("b", bytes(4), b""),)


def test_heads_are_kept_by_size_and_one_size_has_one(signed: Signed) -> None:
    folder = signed.ledger.folder
    first = signed.sign()
    signed.grow(2)
    second = signed.sign()
    keep(folder, first)
    assert [one.size for one in kept(folder)] == [5, 7]
    kept_token = keep_token(folder, 7, b"token")
    assert keep_token(folder, 7, b"later").read_bytes() == b"later"
    assert kept_token.read_bytes() == b"token", "the earlier one is worth more"
    other = sign(
        Head(7, "a" * 64, 0, 10, (bytes(32),) * 3),
        second.checkpoint.origin,
        Ed25519PrivateKey.generate(),
    )
    with pytest.raises(IntegrityError, match="another head of 7"):
        keep(folder, other)
    next((folder / FOLDER).glob("*7.head")).write_bytes(b"rubbish")
    with pytest.raises(IntegrityError, match="no signed head"):
        list(kept(folder))
