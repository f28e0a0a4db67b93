"""`timestamp`: a time stamp server signs that a head existed (RFC 3161); its answer is kept.

Whether the answer is about our head and our question is checked here. Whether the server's signature
holds is for whoever relies on it, with the server's certificate: `openssl ts -verify`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sekisho.ledger.checkpoints import SignedHead
from sekisho.ledger.publish import der
from sekisho.ledger.publish.base import NotPublished

HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
LARGEST = 256 * 1024
"""Bytes of an answer, certificates included."""
_SHA256 = bytes.fromhex("0609608648016503040201")
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_GRANTED = (0, 1)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a server says: `at` is aware UTC, cut to whole seconds."""

    at: datetime
    serial: int


class TimestampWitness:
    """A time stamp server. `ask` posts a query and gives the answer, or raises NotPublished; `nonce`
    gives a fresh number below 2**63; `keep` stores the answer for the head of so many entries."""

    def __init__(
        self,
        ask: Callable[[bytes], bytes],
        nonce: Callable[[], int],
        keep: Callable[[int, bytes], object],
    ) -> None:
        self.name = "timestamp"
        self._ask, self._nonce, self._keep = ask, nonce, keep

    def publish(self, head: SignedHead) -> str:
        """Have it stamped."""
        imprint, nonce = hashlib.sha256(head.note).digest(), self._nonce()
        answer = self._ask(query(imprint, nonce))
        try:
            stamp = read_answer(answer, imprint, nonce)
        except ValueError as error:
            raise NotPublished(f"the time stamp server's answer is not to be used: {error}") from error
        try:
            self._keep(head.checkpoint.size, answer)
        except OSError as error:
            raise NotPublished(f"cannot keep the time stamp: {error.strerror}") from error
        return f"stamped {stamp.at:%Y-%m-%d %H:%M:%S} UTC, serial {stamp.serial:x}"


def query(imprint: bytes, nonce: int) -> bytes:
    """A TimeStampReq for a SHA-256, which asks for the certificate too: RFC 3161, 2.4.1."""
    message = der.element(
        der.SEQUENCE,
        der.element(der.SEQUENCE, _SHA256, der.NULL),
        der.element(der.OCTETS, imprint),
    )
    wanted = der.element(der.BOOLEAN, b"\xff")
    return der.element(der.SEQUENCE, der.integer(1), message, der.integer(nonce), wanted)


def read_answer(answer: bytes, imprint: bytes, nonce: int) -> Stamp:
    """Look into a TimeStampResp (RFC 3161, 2.4.2). Raises ValueError where it refuses, or is not an
    answer to this query."""
    try:
        (response,) = der.elements(answer)
        status, *token = der.inside(response, der.SEQUENCE)
        code = der.number(der.inside(status, der.SEQUENCE)[0])
        if code not in _GRANTED or not token:
            raise ValueError(f"it refuses, with status {code}")
        kind, wrapped = der.inside(token[0], der.SEQUENCE)
        (signed,) = der.inside(wrapped, 0xA0)
        content = der.inside(signed, der.SEQUENCE)[2]
        info_kind, info_wrapped = der.inside(content, der.SEQUENCE)
        (octets,) = der.inside(info_wrapped, 0xA0)
        if (kind.content, info_kind.content) != (_SIGNED_DATA, _TST_INFO) or octets.tag != der.OCTETS:
            raise ValueError("it holds no time stamp")
        (info,) = der.elements(octets.content)
        _version, _policy, message, serial, at, *more = der.inside(info, der.SEQUENCE)
        algorithm, digest = der.inside(message, der.SEQUENCE)
        if not algorithm.content.startswith(_SHA256) or digest.content != imprint:
            raise ValueError("it is about something else")
        if [der.number(one) for one in more if one.tag == der.INTEGER] != [nonce]:
            raise ValueError("it answers another query")
        return Stamp(_time(at), der.number(serial))
    except IndexError:
        raise ValueError("parts are missing") from None


def _time(found: der.Element) -> datetime:
    text = found.content.decode("ascii")
    if found.tag != der.TIME or not text.endswith("Z"):
        raise ValueError("its time is not in UTC")
    return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
