"""`email`: one mail an alert, as plain text and as HTML."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from email.message import EmailMessage, Message, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from sekisho.watch.alerts import Alert
from sekisho.watch.base import Payload
from sekisho.watch.facts import facts
from sekisho.watch.submission import Submission
from sekisho.watch.wording import lines, one_line

SUBJECT = 150
TEXT = 8000
VALUE = 1000
_COLOR = {
    "critical": "#8e1b1b",
    "high": "#b5471d",
    "medium": "#8a6100",
    "low": "#22577a",
    "info": "#555",
}


class Email:
    """Recipients behind a mail server."""

    def __init__(self, name: str, server: Submission, sender: str, recipients: Sequence[str]) -> None:
        self.name = name
        self._server, self._sender, self._recipients = server, sender, tuple(recipients)

    def render(self, alert: Alert) -> Payload:
        """The whole message. Its revisions refer to the first, so that readers keep them together."""
        return Payload(compose(alert, self._sender, self._recipients).as_bytes())

    def deliver(self, payload: Payload) -> None:
        """Hand it to the server."""
        self._server.send(self._sender, self._recipients, payload.body)

    def close(self) -> None:
        """No connection outlives a delivery."""


def compose(alert: Alert, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """The message. Every header is one line whatever the alert holds."""
    domain = sender.rpartition("@")[2]
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, ", ".join(recipients)
    mail["Subject"] = one_line(f"[{alert.severity}] {alert.title}", SUBJECT)
    mail["Date"] = format_datetime(alert.at)
    mail["Message-ID"] = f"<{alert.delivery}@{domain}>"
    mail["References"] = f"<{alert.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Sekisho-Alert"] = alert.id
    parts: list[Message | str] = []
    for kind, text in (("plain", _plain(alert)), ("html", _html(alert))):
        part = MIMEPart(policy=SMTP)
        part.set_content(text, subtype=kind, cte="quoted-printable")
        parts.append(part)
    # No quoted-printable text has `=_` in it, so no text can end a part; a fixed boundary makes the
    # same alert the same mail.
    boundary = f"=_{hashlib.sha256(alert.delivery.encode()).hexdigest()[:32]}"
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = f'multipart/alternative; boundary="{boundary}"'
    mail.set_payload(parts)
    return mail


def _plain(alert: Alert) -> str:
    rows = [f"{alert.severity}: {one_line(alert.title, VALUE)}", ""]
    if text := lines(alert.text, TEXT):
        rows += [text, ""]
    rows += [f"{name}: {one_line(value, VALUE)}" for name, value in facts(alert)]
    return "\n".join([*rows, "", f"Sekisho {alert.delivery}", ""])


def _html(alert: Alert) -> str:
    title = escape(one_line(alert.title, VALUE))
    text = escape(lines(alert.text, TEXT)).replace("\n", "<br>")
    rows = "\n".join(
        f"<tr><th align=left valign=top>{escape(name)}</th><td>{escape(one_line(value, VALUE))}</td></tr>"
        for name, value in facts(alert)
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Sekisho</title></head>\n'
        '<body style="font-family:sans-serif">\n'
        f'<h2 style="color:{_COLOR[alert.severity]}">{alert.severity}: {title}</h2>\n'
        f"<p>{text}</p>\n<table cellpadding=4>\n{rows}\n</table>\n"
        f"<p><small>Sekisho {escape(alert.delivery)}</small></p>\n</body></html>\n"
    )
