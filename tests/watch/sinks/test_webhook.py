from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.watch.conftest import Answer, Receiver, alert, hostile

from sekisho.watch.alerts import Alert
from sekisho.watch.base import Misconfigured, NotDelivered
from sekisho.watch.posting import Endpoint
from sekisho.watch.sinks.webhook import Webhook, key_of, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def accepts(headers: dict[str, str], body: bytes, secret: str, now: datetime) -> bool:
    """A receiver of Standard Webhooks, written from the specification."""
    stamp = int(headers["Webhook-Timestamp"])
    if abs(now.timestamp() - stamp) > 300:
        return False
    told = f"{headers['Webhook-Id']}.{stamp}.".encode() + body
    wanted = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), told, "sha256")
    signatures = [s.split(",", 1) for s in headers["Webhook-Signature"].split()]
    return any(v == "v1" and hmac.compare_digest(base64.b64decode(s), wanted) for v, s in signatures)


def test_the_payload(golden: Callable[[str, str], None]) -> None:
    payload = Webhook("soar", Endpoint("https://x.example/"), SECRET, lambda: NOW).render(alert())
    golden("webhook.json", json.dumps(json.loads(payload.body), indent=2, ensure_ascii=False) + "\n")
    assert payload.headers["Webhook-Id"] == "A-0123456789ab-2"
    assert Alert.model_validate_json(payload.body) == alert()


def test_the_signature_of_the_specifications_example() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = sign(key_of(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["Webhook-Signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_accepts_it_once_and_within_minutes(receiver: Receiver) -> None:
    sink = Webhook("soar", Endpoint(receiver.url), SECRET, lambda: NOW)
    sink.deliver(sink.render(hostile()))
    ((_, headers, body),) = receiver.got
    assert accepts(headers, body, SECRET, NOW)
    assert not accepts(headers, body, SECRET, NOW + timedelta(minutes=6))
    assert not accepts(headers, body.replace(b"high", b"info"), SECRET, NOW)
    assert not accepts({**headers, "Webhook-Id": "A-1"}, body, SECRET, NOW)
    assert not accepts(
        {**headers, "Webhook-Timestamp": str(int(NOW.timestamp()) + 1)}, body, SECRET, NOW
    )


def test_a_retry_has_the_same_identity_and_a_new_time(receiver: Receiver) -> None:
    times = iter((NOW, NOW + timedelta(hours=1)))
    sink = Webhook("soar", Endpoint(receiver.url), SECRET, lambda: next(times))
    payload = sink.render(alert())
    receiver.answer = Answer(503, {"Retry-After": "7"})
    with pytest.raises(NotDelivered) as error:
        sink.deliver(payload)
    assert error.value.after == 7
    receiver.answer = Answer(204, body=b"")
    sink.deliver(payload)
    (_, first, _), (_, second, body) = receiver.got
    assert first["Webhook-Id"] == second["Webhook-Id"]
    assert first["Webhook-Timestamp"] != second["Webhook-Timestamp"]
    assert accepts(second, body, SECRET, NOW + timedelta(hours=1))


def test_without_a_secret_nothing_is_signed(receiver: Receiver) -> None:
    sink = Webhook("soar", Endpoint(receiver.url), None, lambda: NOW)
    sink.deliver(sink.render(alert()))
    assert "Webhook-Signature" not in receiver.got[0][1]


def test_keys() -> None:
    assert key_of("x" * 24) == b"x" * 24
    assert len(key_of(SECRET)) == 24
    for secret in ("short", "whsec_c2hvcnQ=", "whsec_!!!", "whsec_\u00e9"):
        with pytest.raises(Misconfigured) as error:
            key_of(secret)
        assert secret not in str(error.value)


def test_no_repr_shows_the_key() -> None:
    sink = Webhook("soar", Endpoint("https://x.example/"), SECRET, lambda: NOW)
    assert hashlib.sha256(key_of(SECRET)).hexdigest() not in repr(sink)
    assert SECRET not in repr(sink)
