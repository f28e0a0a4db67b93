"""The verifier that an auditor may run alone."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.conftest import Signed

from sekisho.ledger import verifier
from sekisho.ledger.keys import rotate
from sekisho.ledger.ledger import FILE, Ledger
from sekisho.ledger.verifier import (
    Checkpoint,
    canonical,
    entry_hash,
    line_hash,
    read_checkpoints,
    read_entry,
    read_key,
    signed_by,
    verify,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_its_canonical_form_is_that_of_the_library(value: Any) -> None:
    assert canonical(value).encode() == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [float("inf"), 2**53, {1}, "\ud800", [[]] * 1 + [object()]])
def test_what_has_no_form(value: Any) -> None:
    with pytest.raises(ValueError, match="."):  # noqa: RUF043
        canonical(value)


def lines_of(ledger: Ledger) -> list[bytes]:
    return (ledger.folder / FILE).read_bytes().splitlines(keepends=True)


def codes(lines: list[bytes], heads: dict[int, str] | None = None) -> list[str]:
    return [flaw.code for flaw in verify(io.BytesIO(b"".join(lines)), heads).flaws]


def test_a_whole_ledger_is_whole_and_a_torn_end_is_no_flaw(ledger: Ledger) -> None:
    lines = lines_of(ledger)
    result = verify(io.BytesIO(b"".join(lines)))
    assert (result.whole, result.entries, result.seq, result.torn) == (True, 4, 4, 0)
    assert verify(io.BytesIO(b"".join([*lines, b"{half"]))).torn == 5
    assert verify(io.BytesIO(b"")).whole


def test_every_single_byte_that_is_changed_shows(ledger: Ledger) -> None:
    lines = lines_of(ledger)
    heads = {4: json.loads(lines[-1])["hash"]}
    whole = b"".join(lines)
    for position in range(0, len(whole), 7):
        changed = bytearray(whole)
        changed[position] ^= 1
        assert not verify(io.BytesIO(bytes(changed)), heads).whole, position


def test_what_was_done_is_told_apart(ledger: Ledger) -> None:
    a, b, c, d = lines_of(ledger)
    known = {4: json.loads(d)["hash"], 2: json.loads(b)["hash"]}
    assert codes([a, b, c, d], known) == []
    assert codes([a, b, c], known) == ["truncated"]
    assert "order" in codes([a, c, d], known)
    assert codes([a, b.replace(b'"n":2', b'"n":7'), c, d])[0] == "edited"
    assert "fork" in codes([a, b, b, c, d]) or "order" in codes([a, b, b, c, d])
    assert codes([a, b"rubbish\n", c, d])[0] == "unreadable"
    other = Ledger(ledger.folder.parent / "other")
    entry = json.loads(a)
    for _ in range(4):
        other.append("x", {}, next(ledger.entries()).at, "mallory")
    assert codes(lines_of(other), known) == ["replaced", "replaced"]
    assert entry["seq"] == 1


def test_a_line_without_end_is_bounded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "LONGEST_LINE", 600)
    assert "too-long" in codes([*lines_of(ledger), b"x" * 5000 + b"\n"])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda e: e | {"more": 1}, "keys"),
        (lambda e: e | {"seq": "1"}, "seq is not a int"),
        (lambda e: e | {"seq": True}, "seq"),
        (lambda e: e | {"hash": "x"}, "SHA-256"),
        (lambda e: e | {"at": "2026-03-01"}, "UTC time"),
        (lambda e: e | {"body": []}, "body"),
    ],
)
def test_an_entry_has_a_form(change: Any, says: str, ledger: Ledger) -> None:
    entry = json.loads(lines_of(ledger)[0])
    with pytest.raises(ValueError, match=says):
        read_entry(rfc8785.dumps(change(entry)))


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b'{"a":1,"a":2}', b"null", b'{"x":NaN}', b"\xff", b'{ "seq":1}']
)
def test_hostile_lines_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_entry(raw)


def test_it_runs_alone_with_nothing_installed(ledger: Ledger, tmp_path: Path) -> None:
    path, head = ledger.folder / FILE, ledger.head()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(verifier.__file__), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    ran = run(str(path), "--head", f"4:{head.hash}")
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (
        0,
        f"whole: 4 entries, the last is 4:{head.hash}",
    )
    assert "no --head was given" in run(str(path)).stdout
    path.write_bytes(b"".join(lines_of(ledger)[:-1]) + b"x")
    ran = run(str(path), "--head", f"4:{head.hash}")
    assert ran.returncode == 5
    assert "missing here" in ran.stdout
    assert "unfinished (1 bytes)" in ran.stdout
    assert run(str(tmp_path / "none")).returncode == 2
    assert run(str(path), "--head", "four").returncode == 2


VECTORS = """
9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60
d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a

e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b
4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb
3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c
72
92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7
fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025
af82
6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a
833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42
ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf
ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f
dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704
"""


def test_the_vectors_of_rfc_8032() -> None:
    """Section 7.1: tests 1, 2, 3 and SHA(abc)."""
    lines = VECTORS.split("\n")[1:-1]
    for place in range(0, len(lines), 4):
        _, public, message, signature = (bytes.fromhex(line) for line in lines[place : place + 4])
        assert signed_by(public, message, signature)
        assert not signed_by(public, message + b"x", signature)


@settings(max_examples=25, deadline=None)
@given(
    st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 95), st.integers(0, 7)
)
def test_signatures_are_judged_as_the_library_does(
    seed: bytes, message: bytes, place: int, bit: int
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert signed_by(public, message, signature)
    changed = bytearray(public + signature)
    changed[place] ^= 1 << bit
    public, signature = bytes(changed[:32]), bytes(changed[32:])
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        holds = True
    except InvalidSignature:
        holds = False
    assert signed_by(public, message, signature) is holds


def test_signatures_that_are_none() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = private.public_key().public_bytes_raw(), private.sign(b"x")
    again = int.from_bytes(signature[32:], "little") + order
    assert not signed_by(public, b"x", signature[:32] + again.to_bytes(32, "little")), "malleable"
    for bad in (b"", signature[:-1], signature + b"\0", bytes(64)):
        assert not signed_by(public, b"x", bad)
    for key in (b"", public + b"\0", b"\xff" * 32, (2).to_bytes(32, "little")):
        assert not signed_by(key, b"x", signature)


LINES = st.builds(
    lambda body, by: {
        "at": "2026-03-01T12:30:00.123456Z", "body": body, "by": by, "hash": "a" * 64,
        "kind": "x", "prev": "0" * 64, "seq": 1,
    },
    st.dictionaries(st.text(max_size=6), JSON, max_size=4),
    st.text(max_size=8),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(LINES)
def test_the_quick_way_takes_what_the_slow_one_takes(entry: dict[str, Any]) -> None:
    line = rfc8785.dumps(entry)
    assert entry_hash(read_entry(line)) == line_hash(line, entry)
    for wrong in (line.replace(b",", b", ", 1), line[:-1] + b',"seq":1}', json.dumps(entry).encode()):
        with pytest.raises(ValueError, match=r"\w"):
            read_entry(wrong)


@pytest.mark.parametrize(
    ("body", "quick"),
    [
        (b'{"a":1}', True), (b'{"a":999999999999999}', True), ('{"工":"場"}'.encode(), True),
        (b'{"a":1.5}', False), (b'{"a":9007199254740991}', False), ('{"a":"𝄞"}'.encode(), False),
    ],
)  # fmt: skip
def test_which_way_a_line_goes(body: bytes, quick: bool) -> None:
    entry = rfc8785.dumps(
        {"at": "2026-03-01T12:30:00.123456Z", "body": {}, "by": "a", "hash": "a" * 64,
         "kind": "x", "prev": "0" * 64, "seq": 1}
    )  # fmt: skip
    line = entry.replace(b'"body":{}', b'"body":' + body)
    assert (verifier._plain(line) is not None) is quick
    assert read_entry(line)["by"] == "a"


@pytest.mark.parametrize(
    "body", [b'{"a":9007199254740993}', b'{"a":-0}', b'{"a":1.0}', b'{"a":NaN}', b'{"a":"\\ud800"}',
             b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a":' + b"[" * 70 + b"]" * 70 + b"}"]
)  # fmt: skip
def test_neither_way_takes_what_is_not_canonical(body: bytes) -> None:
    line = b'{"at":"2026-03-01T12:30:00.123456Z","body":%s,"by":"a","hash":"%s","kind":"x","prev":"%s","seq":1}'
    with pytest.raises(ValueError, match=r"\w"):
        read_entry(line % (body, b"a" * 64, b"0" * 64))


def test_a_head_that_was_signed_tells_a_ledger_that_was_changed_since(signed: Signed) -> None:
    head = signed.sign().checkpoint
    signed.grow(3)
    lines = lines_of(signed.ledger)

    def said(lines: list[bytes], *heads: Checkpoint) -> list[str]:
        return [flaw.code for flaw in verify(io.BytesIO(b"".join(lines)), signed=heads).flaws]

    assert said(lines, head) == []
    assert said(lines[:5], head) == []
    assert "truncated" in said(lines[:4], head)
    assert "truncated" in said([], head)
    forged = replace(head, root=bytes(32))
    assert said(lines, forged) == ["replaced"]
    unsigned = replace(head, text=head.text + b"x")
    assert said(lines, unsigned) == ["signature"]
    assert said(lines, replace(head, origin="sekisho/other"))[0] == "replaced"


def test_an_unreadable_entry_is_a_flaw_and_not_the_end(signed: Signed) -> None:
    head = signed.sign().checkpoint
    lines = lines_of(signed.ledger)
    result = verify(io.BytesIO(b"".join([*lines[:1], b"rubbish\n", *lines[2:]])), signed=[head])
    assert next(flaw.code for flaw in result.flaws) == "unreadable"
    assert "replaced" in [flaw.code for flaw in result.flaws]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda b: b | {"public": "x"}, "key"),
        (lambda b: {}, "key"),
        (lambda b: b | {"public": 7}, "key"),
        (lambda b: b | {"previous": b["public"]}, "key"),
        (lambda b: b | {"signature": b["signature"][::-1]}, "key"),
        (lambda b: b | {"public": b["previous"]}, "key"),
    ],
)
def test_a_key_that_the_one_before_did_not_sign(change: Any, code: str, signed: Signed) -> None:
    signed.sign()
    rotate(signed.ledger, None, next(signed.ledger.entries()).at, "anong")
    *lines, last = lines_of(signed.ledger)
    entry = json.loads(last)
    entry["body"] = change(entry["body"])
    entry["hash"] = entry_hash(entry)
    assert codes([*lines, rfc8785.dumps(entry) + b"\n"]) == [code]
    assert codes([*lines, last]) == []


@pytest.mark.parametrize(
    "raw",
    [b"", b"x", b"\xff", b"a\n1\nAAAA\n\n\xe2\x80\x94 a AAAA\n", b"a\n01\nAA\n\n\xe2\x80\x94 a AAAA\n",
     b"a\n1\n!\n\n\xe2\x80\x94 a AAAA\n", b"a\n1\n" + b"A" * 43 + b"=\n"],
)  # fmt: skip
def test_what_is_no_signed_head(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_checkpoints(raw)


@pytest.mark.parametrize("text", ["", "a", "a+b+c", "a+00000000+AAAA", "a+00000000+" + "A" * 44])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_key(text)


def test_the_newest_head_of_each_key_vouches_for_those_before(
    signed: Signed, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = []
    for turn in range(2):
        for _ in range(3):
            signed.grow(1)
            heads.append(signed.sign().checkpoint)
        if turn == 0:
            rotate(signed.ledger, None, at, "anong")
    stream = b"".join(lines_of(signed.ledger))
    asked: list[int] = []
    real = verifier.holds

    def counted(head: Checkpoint, public: bytes) -> bool:
        asked.append(head.size)
        return real(head, public)

    monkeypatch.setattr(verifier, "holds", counted)
    assert verify(io.BytesIO(stream), signed=heads).whole
    assert asked == [heads[2].size, heads[5].size]
    forged = replace(heads[0], root=bytes(32))
    flaws = verify(io.BytesIO(stream), signed=[forged, *heads[1:]]).flaws
    assert [flaw.seq for flaw in flaws] == [heads[0].size]
    for place in (2, 5):
        wrong = [*heads]
        wrong[place] = replace(heads[place], signatures=())
        flaws = verify(io.BytesIO(stream), signed=wrong).flaws
        assert [(flaw.code, flaw.seq) for flaw in flaws] == [("signature", heads[place].size)]
