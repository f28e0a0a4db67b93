from __future__ import annotations

import pytest
from tests.watch.conftest import Answer, Authority, Receiver

from sekisho.watch.base import Misconfigured, NotDelivered, Undeliverable
from sekisho.watch.posting import LARGEST_ANSWER, Endpoint, ask, judge, post


def test_what_is_posted_arrives(receiver: Receiver) -> None:
    post(Endpoint(receiver.url), b"{}", {"Content-Type": "application/json"})
    ((path, headers, body),) = receiver.got
    assert (path, body, headers["Content-Type"]) == ("/hook/t0ken", b"{}", "application/json")


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (400, Undeliverable),
        (413, Undeliverable),
        (401, Misconfigured),
        (404, Misconfigured),
        (302, Misconfigured),
        (408, NotDelivered),
        (429, NotDelivered),
        (500, NotDelivered),
        (503, NotDelivered),
    ],
)
def test_what_each_answer_means(receiver: Receiver, status: int, fault: type[Exception]) -> None:
    receiver.answer = Answer(status, {"Location": receiver.url})
    with pytest.raises(fault) as error:
        post(Endpoint(receiver.url), b"{}", {})
    assert type(error.value) is fault
    assert str(status) in str(error.value)
    assert len(receiver.got) == 1  # a redirect is not followed


def test_the_receiver_may_say_how_long_to_wait_within_bounds() -> None:
    for said, wait in (("30", 30.0), ("999999", 3600.0), ("-1", None), ("²", None), ("Wed", None)):
        with pytest.raises(NotDelivered) as error:
            judge("h", 429, "", said)
        assert error.value.after == wait


def test_an_answer_is_shown_cut_and_printable(receiver: Receiver) -> None:
    receiver.answer = Answer(400, {}, b"no\x1b[31m\r\nway" + b"x" * 10 * LARGEST_ANSWER)
    with pytest.raises(Undeliverable) as error:
        post(Endpoint(receiver.url), b"{}", {})
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 300


def test_a_bomb_of_an_answer_is_not_unpacked(receiver: Receiver) -> None:
    receiver.answer = Answer(200, {"Content-Encoding": "gzip"}, b"\x1f\x8b" + b"\x00" * 20_000)
    post(Endpoint(receiver.url), b"{}", {})


def test_an_answer_that_counts_comes_back_whole_or_not_at_all(receiver: Receiver) -> None:
    receiver.answer = Answer(body=bytes(range(256)) * 40)
    endpoint = Endpoint(receiver.url)
    assert ask(endpoint, b"?", {}, 10_240) == bytes(range(256)) * 40
    with pytest.raises(Undeliverable, match="over 10239 bytes"):
        ask(endpoint, b"?", {}, 10_239)
    receiver.answer = Answer(status=503)
    with pytest.raises(NotDelivered, match="503"):
        ask(endpoint, b"?", {}, 10)
    with pytest.raises(Misconfigured, match="must begin with https"):
        post(Endpoint("http://tsa.example/"), b"?", {})


def test_an_answer_that_drips_ends_with_the_time_for_the_whole(receiver: Receiver) -> None:
    receiver.answer = Answer(drip=True)
    with pytest.raises(NotDelivered, match=r"within 0\.4 s"):
        post(Endpoint(receiver.url, timeout=0.4), b"{}", {})


def test_nobody_there(nobody: int) -> None:
    with pytest.raises(NotDelivered, match=f"127.0.0.1:{nobody}"):
        post(Endpoint(f"http://127.0.0.1:{nobody}/t0ken"), b"{}", {})


def test_certificates_are_verified(tls_receiver: Receiver, authority: Authority) -> None:
    with pytest.raises(Misconfigured, match="certificate"):
        post(Endpoint(tls_receiver.url), b"{}", {})
    assert tls_receiver.got == []
    post(Endpoint(tls_receiver.url, ca_file=authority.ca_file), b"{}", {})
    assert len(tls_receiver.got) == 1
    with pytest.raises(Misconfigured, match="no-such-file"):
        post(Endpoint(tls_receiver.url, ca_file="/no-such-file"), b"{}", {})


def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, nobody: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{nobody}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{nobody}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    post(Endpoint(receiver.url), b"{}", {})
    assert len(receiver.got) == 1


def test_neither_message_nor_repr_tells_the_token(receiver: Receiver, nobody: int) -> None:
    receiver.answer = Answer(500)
    for url in (receiver.url, f"http://127.0.0.1:{nobody}/t0ken", "http://e.example/t0ken"):
        endpoint = Endpoint(url)
        with pytest.raises((NotDelivered, Misconfigured)) as error:
            post(endpoint, b"{}", {})
        assert "t0ken" not in f"{error.value!r} {error.value} {endpoint!r}"
