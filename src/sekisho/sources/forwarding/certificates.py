"""A private certificate authority for sites and centre: one file to trust, one pair for each end."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sekisho.errors import RequestError

AUTHORITY, AUTHORITY_KEY = "ca.pem", "ca.key"
AUTHORITY_LASTS = timedelta(days=3650)
_EARLY = timedelta(hours=1)
"""Valid from a little before now: the clock of the other end may be behind."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key as files. `fingerprint` is `sha256:HEX`."""

    certificate: Path
    key: Path
    fingerprint: str
    end: datetime


def authority(folder: Path, *, now: datetime) -> bool:
    """Make a certificate authority in a folder; whether it is new. Raises RequestError."""
    certificate, key = folder / AUTHORITY, folder / AUTHORITY_KEY
    if certificate.exists() and key.exists():
        return False
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = ec.generate_private_key(ec.SECP256R1())
    name = _name("Sekisho collectors")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _begun(name, name, secret.public_key(), now, now + AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(secret.public_key()), critical=False)
        .sign(secret, hashes.SHA256())
    )
    _write(key, _private(secret), 0o600)
    _write(certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return True


def ends(content: bytes) -> tuple[datetime, ...]:
    """Until when each certificate of a PEM file holds, aware UTC. Raises ValueError where one is none."""
    return tuple(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(content))


def issue(folder: Path, name: str, hosts: Sequence[str], *, now: datetime, lasts: timedelta) -> Issued:
    """A certificate of the authority in `folder` for `name`, which it bears as its first DNS name.

    `hosts` are further names and addresses that it answers to. Raises RequestError.
    """
    issuer, secret = _authority(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    end = min(now + lasts, issuer.not_valid_after_utc)
    made = (
        _begun(_name(name), issuer.subject, key.public_key(), now, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([_host(one) for one in (name, *hosts)]), critical=False
        )
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(secret.public_key()), critical=False
        )
        .sign(secret, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    _write(paths[1], _private(key), 0o600)
    _write(paths[0], made.public_bytes(serialization.Encoding.PEM), 0o644)
    return Issued(*paths, "sha256:" + made.fingerprint(hashes.SHA256()).hex(), end)


def _authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        issuer = x509.load_pem_x509_certificate((folder / AUTHORITY).read_bytes())
        secret = serialization.load_pem_private_key((folder / AUTHORITY_KEY).read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise RequestError(f"the authority in {folder} cannot be used: {error}") from error
    if not isinstance(secret, ec.EllipticCurvePrivateKey):
        raise RequestError(f"{folder / AUTHORITY_KEY} is no key that was made here")
    return issuer, secret


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: CertificateIssuerPublicKeyTypes,
    now: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLY)
        .not_valid_after(end)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, data: bytes, mode: int) -> None:
    try:
        # Never over a key that something may still be using.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    except FileExistsError:
        raise RequestError(
            f"{path} is there already", "Move it away first, or name another folder."
        ) from None
    except OSError as error:
        raise RequestError(f"cannot write {path}: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
