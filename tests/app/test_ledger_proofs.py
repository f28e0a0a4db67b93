from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.ledger.test_keys import pem

from sekisho.app.ledger import read_heads, read_public, verify
from sekisho.app.ledger_proofs import (
    current_key,
    hand_over,
    prove_beginning,
    prove_entry,
    replace_key,
    sign_whole,
)
from sekisho.app.workspace import Workspace, init
from sekisho.errors import IntegrityError, RequestError
from sekisho.ledger.ledger import FILE, Ledger
from sekisho.ledger.verifier import check_proof


@pytest.fixture
def acme(tmp_path: Path, now: datetime) -> Workspace:
    """Three entries."""
    workspace = init(tmp_path / "acme").workspace
    grow(workspace, now)
    return workspace


def grow(workspace: Workspace, now: datetime) -> None:
    for n in range(3):
        Ledger(workspace.ledger).append("x", {"n": n}, now, "aiko")


def test_an_entry_is_proven_against_a_head_that_was_kept(
    acme: Workspace, now: datetime, tmp_path: Path
) -> None:
    held = tmp_path / "head.txt"
    held.write_bytes(sign_whole(acme, now, "aiko").head.note)
    grow(acme, now)
    key = read_public(current_key(acme, now=now, by="aiko").written)
    proof = prove_entry(acme, "2", head=held, now=now, by="aiko")
    assert check_proof(proof, read_heads(held), [key])[1] == []
    newer = prove_entry(acme, "6", head=None, now=now, by="aiko")
    assert "head of 7" in check_proof(newer, trusted=[key])[0]
    with pytest.raises(RequestError, match="newer"):
        prove_entry(acme, "6", head=held, now=now, by="aiko")
    proof = prove_beginning(acme, held, head=None, now=now, by="aiko")
    assert check_proof(proof, read_heads(held), [key]) == (
        "the head of 7 entries continues that of 4",
        [],
    )


def test_nothing_is_proven_from_a_ledger_that_was_changed(
    acme: Workspace, now: datetime, tmp_path: Path
) -> None:
    held = tmp_path / "head.txt"
    held.write_bytes(sign_whole(acme, now, "aiko").head.note)
    file = acme.ledger / FILE
    file.write_bytes(file.read_bytes().replace(b'"n":1', b'"n":7'))
    for ask in (
        lambda: prove_entry(acme, "1", head=None, now=now, by="aiko"),
        lambda: prove_beginning(acme, held, head=None, now=now, by="aiko"),
        lambda: hand_over(acme, tmp_path / "out", now=now, by="aiko"),
        lambda: replace_key(acme, None, lost=False, now=now, by="aiko"),
    ):
        with pytest.raises(IntegrityError, match="not whole"):
            ask()
    assert not (tmp_path / "out").exists()


def test_a_key_that_the_settings_name(acme: Workspace, now: datetime, tmp_path: Path) -> None:
    one, two = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    for name, key in (("one", one), ("two", two)):
        (acme.root / name).write_bytes(pem(key))
        (acme.root / name).chmod(0o600)
    acme.settings_file.write_text('[ledger]\nkey = {file = "one"}\n')
    first = current_key(acme, now=now, by="aiko")
    assert first.public == one.public_key().public_bytes_raw()
    with pytest.raises(RequestError, match=r"ledger\.key"):
        replace_key(acme, None, lost=False, now=now, by="aiko")
    with pytest.raises(RequestError, match="cannot read"):
        replace_key(acme, tmp_path / "none", lost=False, now=now, by="aiko")
    second = replace_key(acme, acme.root / "two", lost=False, now=now, by="aiko")
    assert second.public == two.public_key().public_bytes_raw()
    with pytest.raises(IntegrityError, match="not the one"):
        sign_whole(acme, now, "aiko")
    acme.settings_file.write_text('[ledger]\nkey = {file = "two"}\n')
    head = sign_whole(acme, now, "aiko").head
    assert verify(acme, heads=[head.checkpoint], keys=[first.public]).whole


def test_what_is_handed_over_ends_with_a_signed_head(
    acme: Workspace, now: datetime, tmp_path: Path
) -> None:
    head = hand_over(acme, tmp_path / "out", now=now, by="aiko")
    assert read_heads(tmp_path / "out" / "heads.txt")[-1] == head.checkpoint
    assert len((tmp_path / "out" / FILE).read_bytes().splitlines()) == head.checkpoint.size == 4
