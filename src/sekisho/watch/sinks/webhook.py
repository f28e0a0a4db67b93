"""`webhook`: JSON by HTTP, signed as Standard Webhooks says: identity, time and body under HMAC-SHA256.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from sekisho.watch.alerts import Alert
from sekisho.watch.base import Misconfigured, Payload
from sekisho.watch.posting import Endpoint, post

SHORTEST_KEY = 24
"""Bytes; what the specification asks of a key."""
_PREFIX = "whsec_"
_ID = "Webhook-Id"


class Webhook:
    """A receiver of the alert's document. `secret` None sends unsigned; `clock` gives aware times.

    Raises Misconfigured for a secret that is no key.
    """

    def __init__(
        self, name: str, endpoint: Endpoint, secret: str | None, clock: Callable[[], datetime]
    ) -> None:
        self.name = name
        self._endpoint, self._clock = endpoint, clock
        self._key = None if secret is None else key_of(secret)

    def render(self, alert: Alert) -> Payload:
        """The document `sekisho.alert/1`; its identity is the same in every attempt."""
        body = alert.model_dump_json(by_alias=True).encode()
        return Payload(body, {"Content-Type": "application/json", _ID: alert.delivery})

    def deliver(self, payload: Payload) -> None:
        """Sign with the time of this attempt, and post."""
        headers = dict(payload.headers)
        if self._key is not None:
            headers |= sign(self._key, headers[_ID], self._clock(), payload.body)
        post(self._endpoint, payload.body, headers)

    def close(self) -> None:
        """No connection outlives a delivery."""


def key_of(secret: str) -> bytes:
    """The key that a secret stands for: base64 after `whsec_`, else the secret's own bytes.

    Raises Misconfigured where it is shorter than 24 bytes or no base64.
    """
    key = secret.encode()
    if secret.startswith(_PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            # Its message may quote the secret: it goes no further.
            raise Misconfigured(f"the secret is not base64 after {_PREFIX}") from None
    if len(key) < SHORTEST_KEY:
        raise Misconfigured(f"a signing secret has at least {SHORTEST_KEY} bytes, this one {len(key)}")
    return key


def sign(key: bytes, identity: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of time and signature. A receiver refuses a time that is minutes away from its own,
    and an identity that it has had: so nothing that was overheard can be sent to it again."""
    stamp = str(int(at.timestamp()))
    told = b".".join((identity.encode(), stamp.encode(), body))
    signature = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    return {"Webhook-Timestamp": stamp, "Webhook-Signature": f"v1,{signature}"}
