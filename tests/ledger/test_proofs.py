from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.ledger.conftest import Signed

from sekisho.errors import RequestError
from sekisho.ledger import verifier
from sekisho.ledger.proofs import consistency_proof, document, inclusion_proof, note_of, place_of
from sekisho.ledger.verifier import check_proof, read_checkpoints, read_key
from sekisho.ledger.verify import verify_ledger


def keys_of(signed: Signed) -> tuple[verifier.Key, ...]:
    return verify_ledger(signed.ledger.folder).keys


def proof_of(signed: Signed, seq: int) -> dict[str, Any]:
    head = signed.sign()
    made = inclusion_proof(signed.ledger, signed.leaves(), seq, head.checkpoint, keys_of(signed))
    return dict(json.loads(document(made)))


def test_every_entry_is_shown_by_a_proof_that_needs_no_ledger(signed: Signed) -> None:
    signed.grow(6)
    for seq in range(1, 12):
        shown, wrong = check_proof(proof_of(signed, seq))
        assert wrong == []
        assert f"entry {seq} " in shown


def test_a_proof_that_was_changed_shows_nothing(signed: Signed) -> None:
    signed.grow(6)
    good = proof_of(signed, 2)
    edited = good | {"entry": good["entry"] | {"by": "mallory"}}
    assert any("was changed" in text for text in check_proof(edited)[1])
    moved = good | {"path": good["path"][::-1]}
    assert any("is not in the head" in text for text in check_proof(moved)[1])
    other = good | {"head": good["head"].replace("\n11\n", "\n12\n")}
    assert any("not signed" in text for text in check_proof(other)[1])
    assert any("not signed" in text for text in check_proof(good, trusted=[bytes(32)])[1])
    assert check_proof(good, trusted=[read_key(good["keys"][0])[1]])[1] == []
    for missing in good:
        if missing != "schema":
            with pytest.raises(ValueError, match="no proof"):
                check_proof({k: v for k, v in good.items() if k != missing})
    for rubbish in (None, [], {}, good | {"head": 7}, good | {"kind": "x"}, good | {"path": [1]}):
        with pytest.raises(ValueError, match=r"\w"):
            check_proof(rubbish)


def test_one_head_continues_another(signed: Signed) -> None:
    first = signed.sign()
    signed.grow(9)
    second = signed.sign()
    made = consistency_proof(signed.leaves(), first.checkpoint, second.checkpoint, keys_of(signed))
    proof = json.loads(document(made))
    assert check_proof(proof) == ("the head of 14 entries continues that of 5", [])
    assert check_proof(proof, [first.checkpoint])[1] == []
    assert check_proof(proof, [second.checkpoint])[1] != []
    swapped = proof | {"from": proof["head"]}
    assert check_proof(swapped)[1] != []
    with pytest.raises(RequestError, match="only 5"):
        consistency_proof(signed.leaves(), second.checkpoint, first.checkpoint, ())


def test_an_entry_is_named_by_number_or_hash(signed: Signed) -> None:
    leaves = signed.leaves()
    entries = list(signed.ledger.entries())
    assert place_of(leaves, "3") == 3
    assert place_of(leaves, entries[2].hash[:8]) == 3
    for bad in ("0", "5", "-1", "abc", "zzzzzzzzz", "0" * 64):
        with pytest.raises(RequestError):
            place_of(leaves, bad)
    with pytest.raises(RequestError, match="newer"):
        inclusion_proof(signed.ledger, leaves, 9, signed.sign().checkpoint, ())


def test_a_note_comes_back_as_it_was(signed: Signed) -> None:
    head = signed.sign()
    assert note_of(read_checkpoints(head.note)[0]).encode() == head.note


def test_the_program_checks_a_proof_alone(signed: Signed, tmp_path: Path) -> None:
    proof = proof_of(signed, 2)
    path, held = tmp_path / "proof.json", tmp_path / "head.txt"
    path.write_text(json.dumps(proof))
    held.write_text(proof["head"])

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-I", "-S", str(verifier.__file__), str(path), *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout + ran.stderr

    status, said = run()
    assert status == 0
    assert "neither --key nor --signed" in said
    status, said = run("--signed", str(held), "--key", proof["keys"][0])
    assert (status, len(said.splitlines())) == (0, 1)
    signed.grow(1)
    held.write_bytes(signed.sign().note)
    assert run("--signed", str(held))[0] == 5
    assert run("--key", "nonsense")[0] == 2
    path.write_text(json.dumps(proof | {"kind": "x"}))
    assert run()[0] == 2
