from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from hypothesis import given
from hypothesis import strategies as st
from tests.watch.conftest import HOSTILE, alert, hostile
from tests.watch.test_submission import Box, server

from sekisho.watch.alerts import Alert
from sekisho.watch.sinks.email import SUBJECT, Email
from sekisho.watch.submission import Submission

TO = ("soc@example.org", "duty@example.org")


def sink(port: int = 587) -> Email:
    return Email("mail", Submission("127.0.0.1", port, "none", timeout=5.0), "sekisho@example.org", TO)


def read(body: bytes) -> EmailMessage:
    found = message_from_bytes(body, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def texts(found: EmailMessage) -> tuple[str, str]:
    plain, html = found.get_body(("plain",)), found.get_body(("html",))
    assert plain
    assert html
    return plain.get_content(), html.get_content()


def test_the_payload(golden: Callable[[str, str], None]) -> None:
    golden("email.eml", sink().render(alert()).body.decode().replace("\r\n", "\n"))


def test_the_same_alert_is_the_same_mail() -> None:
    assert sink().render(hostile()) == sink().render(hostile())


def check(found: Alert) -> None:
    mail = read(sink().render(found).body)
    assert not mail.defects
    names = ["From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted"]
    assert mail.keys() == [*names, "X-Sekisho-Alert", "MIME-Version", "Content-Type"]
    assert mail["To"] == ", ".join(TO)
    assert len(list(mail.iter_parts())) == 2


def test_no_text_makes_a_header_a_part_or_an_element() -> None:
    check(hostile())
    plain, html = texts(read(sink().render(hostile()).body))
    assert "<script>" in plain
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "\u202e" not in plain + html
    check(alert(title=HOSTILE, text="--=_x--\r\n\r\nTo: a@b\r\n" * 9))


@given(st.text(max_size=400), st.text(max_size=400))
def test_whatever_the_text_is(title: str, text: str) -> None:
    check(alert(title=title, text=text))


def test_a_long_subject_is_cut_and_other_scripts_survive() -> None:
    mail = read(sink().render(alert(title="不正な接続" * 100)).body)
    assert mail["Subject"].startswith("[high] 不正な接続")
    assert len(mail["Subject"]) == SUBJECT


def test_revisions_belong_together() -> None:
    mail = read(sink().render(alert()).body)
    assert mail["Message-ID"] == "<A-0123456789ab-2@example.org>"
    assert mail["References"] == "<A-0123456789ab@example.org>"


def test_it_is_sent_and_its_lines_are_short() -> None:
    box = Box()
    with server(box) as port:
        own = sink(port)
        own.deliver(own.render(hostile(50)))
    (got,) = box.got
    assert got.rcpt_tos == list(TO)
    assert isinstance(got.content, bytes)
    assert max(len(line) for line in got.content.split(b"\r\n")) <= 998
