from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from tests.watch.conftest import Authority

from sekisho.watch.base import Misconfigured, NotDelivered, Undeliverable
from sekisho.watch.submission import Submission

MAIL = b"Subject: x\r\n\r\nhello\r\n.\r\n"


class Box:
    """Keeps mails; answers as it is told."""

    def __init__(self, data: str = "250 OK", refuse: dict[str, str] | None = None) -> None:
        self.got: list[Envelope] = []
        self.data, self.refuse = data, refuse or {}

    async def handle_RCPT(self, _s: SMTP, _session: Any, envelope: Envelope, to: str, _o: Any) -> str:
        if to in self.refuse:
            return self.refuse[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Envelope) -> str:
        self.got.append(envelope)
        return self.data


def login(_server: SMTP, _session: Any, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    right = (data.login, data.password) == (b"sekisho", b"right")
    return AuthResult(success=right, handled=False)


@contextmanager
def server(box: Box, **options: Any) -> Iterator[int]:
    controller = Controller(box, hostname="127.0.0.1", port=0, **options)

    def port() -> int:
        return int(controller.server.sockets[0].getsockname()[1])

    # The controller tries itself at the port it was given, and 0 is none.
    controller._trigger_server = lambda: socket.create_connection(("127.0.0.1", port())).close()
    controller.start()
    try:
        yield port()
    finally:
        controller.stop()


def send(
    port: int, security: str = "none", to: tuple[str, ...] = ("soc@b.example",), **more: Any
) -> None:
    Submission("127.0.0.1", port, security, timeout=5.0, **more).send("me@a.example", to, MAIL)  # type: ignore[arg-type]


def test_a_mail_arrives_as_it_is() -> None:
    box = Box()
    with server(box) as port:
        send(port)
    (mail,) = box.got
    assert (mail.mail_from, mail.rcpt_tos, mail.content) == ("me@a.example", ["soc@b.example"], MAIL)


def test_starttls_then_a_login(authority: Authority) -> None:
    box = Box()
    options = {"tls_context": authority.server, "require_starttls": True, "authenticator": login}
    with server(box, auth_require_tls=True, **options) as port:
        known = {"ca_file": authority.ca_file, "user": "sekisho"}
        send(port, "starttls", password="right", **known)
        with pytest.raises(Misconfigured, match="535"):
            send(port, "starttls", password="wrong", **known)
        with pytest.raises(Misconfigured, match="certificate"):
            send(port, "starttls", user="sekisho", password="right")
    assert len(box.got) == 1


def test_a_server_without_starttls_is_told_nothing() -> None:
    box = Box()
    with server(box) as port, pytest.raises(Misconfigured, match="STARTTLS"):
        send(port, "starttls")
    assert box.got == []


def test_a_login_is_never_sent_in_the_clear() -> None:
    with pytest.raises(Misconfigured, match="only sent over TLS"):
        send(1, "none", user="a", password="b")


def test_tls_from_the_first_octet(authority: Authority) -> None:
    box = Box()
    with server(box, ssl_context=authority.server) as port:
        send(port, "tls", ca_file=authority.ca_file)
        with pytest.raises(Misconfigured, match="certificate"):
            send(port, "tls")
    assert len(box.got) == 1


@pytest.mark.parametrize(
    ("box", "fault", "words"),
    [
        (Box("451 try later"), NotDelivered, "451 try later"),
        (Box("552 too big"), Undeliverable, "552 too big"),
        (Box(refuse={"soc@b.example": "450 greylisted"}), NotDelivered, "greylisted"),
        (Box(refuse={"soc@b.example": "550 no such user"}), Misconfigured, "no such user"),
    ],
)
def test_what_each_answer_means(box: Box, fault: type[Exception], words: str) -> None:
    with server(box) as port, pytest.raises(fault, match=words) as error:
        send(port)
    assert type(error.value) is fault


def test_one_of_two_recipients_is_refused_and_the_mail_is_not_sent_twice() -> None:
    box = Box(refuse={"x@b.example": "550 no such user"})
    with server(box) as port, pytest.raises(Undeliverable, match=r"x@b\.example .*the others have it"):
        send(port, to=("soc@b.example", "x@b.example"))
    assert [mail.rcpt_tos for mail in box.got] == [["soc@b.example"]]


def test_nobody_there_and_one_that_says_nothing(nobody: int) -> None:
    with pytest.raises(NotDelivered):
        send(nobody)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(NotDelivered):
        Submission("127.0.0.1", silent.getsockname()[1], "none", timeout=0.2).send(
            "a@b", ("c@d",), MAIL
        )


def test_no_repr_shows_the_password() -> None:
    assert "hunter2" not in repr(Submission("h", 1, "tls", "u", "hunter2"))
