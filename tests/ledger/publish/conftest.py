"""A time stamp server of one's own, made with OpenSSL."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

CONFIG = """
[req]
distinguished_name = name
x509_extensions = stamping
prompt = no
[name]
CN = Time stamps for a test
[stamping]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def openssl(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    """Run it; what it says is in the result."""
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder, with tsa.pem."""
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    made = openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 30, "-config", folder / "tsa.cnf",
        "-keyout", folder / "tsa.key", "-out", folder / "tsa.pem",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def stamp(authority: Path, tmp_path: Path) -> Callable[[bytes], bytes]:
    """What it answers to a query."""

    def answer(query: bytes) -> bytes:
        (tmp_path / "query.tsq").write_bytes(query)
        made = openssl(
            "ts", "-reply", "-config", authority / "tsa.cnf", "-queryfile", tmp_path / "query.tsq",
            "-out", tmp_path / "answer.tsr",
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        return (tmp_path / "answer.tsr").read_bytes()

    return answer
