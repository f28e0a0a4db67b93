from __future__ import annotations

import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from tests.ledger.conftest import Signed

from sekisho.ledger.checkpoints import SignedHead
from sekisho.ledger.publish import file as module
from sekisho.ledger.publish.base import NotPublished
from sekisho.ledger.publish.file import FileWitness
from sekisho.ledger.verify import verify_ledger


def test_heads_are_added_and_read_back(signed: Signed, tmp_path: Path) -> None:
    witness = FileWitness(tmp_path / "heads.txt")
    assert witness.heads() == ()
    first = signed.sign()
    assert witness.publish(first) == "written"
    assert witness.publish(first) == "was there"
    signed.grow(3)
    second = signed.sign()
    assert witness.publish(second) == "written"
    assert witness.heads() == (first.checkpoint, second.checkpoint)
    assert verify_ledger(signed.ledger.folder, signed=witness.heads()).whole


def test_a_head_that_contradicts_what_is_there_is_refused(signed: Signed, tmp_path: Path) -> None:
    witness = FileWitness(tmp_path / "heads.txt")
    old = signed.sign()
    signed.grow(3)
    head = signed.sign()
    witness.publish(head)
    before = (tmp_path / "heads.txt").read_bytes()
    for changed, why in (
        (replace(head.checkpoint, root=bytes(32)), "a fork"),
        (replace(head.checkpoint, origin="sekisho/other"), "another ledger"),
        (old.checkpoint, "was cut"),
    ):
        with pytest.raises(NotPublished, match=why):
            witness.publish(SignedHead(changed, head.note, head.key))
    assert (tmp_path / "heads.txt").read_bytes() == before


def test_a_file_that_cannot_be_used(
    signed: Signed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, path = signed.sign(), tmp_path / "heads.txt"
    path.write_bytes(b"rubbish")
    with pytest.raises(NotPublished, match="no signed head"):
        FileWitness(path).publish(head)
    with pytest.raises(NotPublished, match="cannot read"):
        FileWitness(tmp_path).publish(head)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotPublished, match="cannot write"):
        FileWitness(tmp_path / "link").publish(head)
    path.write_bytes(head.note)
    monkeypatch.setattr(module, "LARGEST", 10)
    with pytest.raises(NotPublished, match="full"):
        FileWitness(path).publish(head)


def test_where_the_system_stops_a_write_half_way(signed: Signed, tmp_path: Path) -> None:
    path = tmp_path / "heads.txt"
    witness = FileWitness(path)
    witness.publish(signed.sign())
    signed.grow(1)
    head, before = signed.sign(), path.read_bytes()
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 40, old[1]))
    try:
        with pytest.raises(NotPublished, match="cannot write"):
            witness.publish(head)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    assert witness.publish(head) == "written"
