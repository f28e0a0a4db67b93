from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.contain.signatures import PublicKey, read_key, signer
from sekisho.errors import RequestError

MESSAGE = b"sekisho plan P-1 apply ab\n"


def made(folder: Path, kind: str, *more: str) -> tuple[Path, PublicKey]:
    path = folder / f"id_{kind}"
    command = ["ssh-keygen", "-q", "-t", kind, *more, "-N", "", "-C", "aiko", "-f", str(path)]
    subprocess.run(command, check=True)
    return path, read_key(path.with_suffix(".pub").read_text())


def signed(key: Path, message: bytes = MESSAGE, namespace: str = "sekisho") -> str:
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key)]
    return subprocess.run(command, input=message, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("kind", [("ed25519",), ("ecdsa", "-b", "384"), ("rsa", "-b", "2048")])
def test_what_ssh_keygen_signs_holds(tmp_path: Path, kind: tuple[str, ...]) -> None:
    path, key = made(tmp_path, *kind)
    other = made(tmp_path, "ed25519" if kind[0] != "ed25519" else "ecdsa")[1]
    assert signer(signed(path), MESSAGE, [other, key]) == key
    shown = subprocess.run(["ssh-keygen", "-l", "-f", path], capture_output=True, text=True, check=True)
    assert key.fingerprint in shown.stdout


def test_who_signed_what_else(tmp_path: Path) -> None:
    path, key = made(tmp_path, "ed25519")
    for armoured, keys, message in (
        (signed(path), [], "is nobody's"),
        (signed(path, b"another text\n"), [key], "does not hold"),
        (signed(path, namespace="file"), [key], "is for 'file'"),
        ("", [key], "no signature of SSH"),
        ("-----BEGIN SSH SIGNATURE-----\n!!!\n-----END SSH SIGNATURE-----", [key], "no signature"),
        ("x" * 70_000, [key], "no signature"),
    ):
        with pytest.raises(RequestError, match=message):
            signer(armoured, MESSAGE, keys)


@given(st.data())
def test_no_byte_may_change(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz_ed25519"
    if not path.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    key = read_key(path.with_suffix(".pub").read_text())
    stored = path.with_suffix(".sig")
    if not stored.exists():
        stored.write_text(signed(path))
    body = bytearray(base64.b64decode("".join(stored.read_text().split("-----")[2].split())))
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.sampled_from([len(body), len(body) - 1, place]))
    text = base64.b64encode(bytes(body[:cut])).decode()
    with pytest.raises(RequestError):
        signer(f"-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----", MESSAGE, [key])


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "hello there", "ssh-rsa \0"])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match="is no public key"):
        read_key(text)


def test_short_rsa_keys_are_not_taken(tmp_path: Path) -> None:
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", str(tmp_path / "k")], check=True
    )
    with pytest.raises(ValueError, match="1024 bits"):
        read_key((tmp_path / "k.pub").read_text())
