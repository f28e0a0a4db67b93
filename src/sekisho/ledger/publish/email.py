"""`email`: a head as a text attached to a mail; the transport is passed in."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sekisho.ledger.checkpoints import SignedHead


class EmailWitness:
    """People's mail. `clock` gives aware times; `send` takes a whole mail and raises NotPublished."""

    def __init__(
        self,
        name: str,
        send: Callable[[bytes], None],
        sender: str,
        recipients: Sequence[str],
        clock: Callable[[], datetime],
    ) -> None:
        self.name = name
        self._send, self._sender, self._recipients = send, sender, tuple(recipients)
        self._clock = clock

    def publish(self, head: SignedHead) -> str:
        """Send it."""
        mail = compose(head, self._sender, self._recipients, self._clock())
        self._send(mail.as_bytes())
        return "taken by the mail server"


def compose(head: SignedHead, sender: str, recipients: Sequence[str], at: datetime) -> EmailMessage:
    """The mail: what it is for, and the head as an attachment that `ledger verify --head` reads."""
    checkpoint = head.checkpoint
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, ", ".join(recipients)
    mail["Subject"] = f"Ledger {checkpoint.origin}: head of {checkpoint.size} entries"
    mail["Date"] = format_datetime(at)
    number = checkpoint.root[:12].hex()
    mail["Message-ID"] = f"<{checkpoint.size}.{number}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(
        f"Keep this mail: it shows later that the first {checkpoint.size} entries of the ledger\n"
        "are still what they are now. There is nothing to do.\n\n"
        f"Ledger: {checkpoint.origin}\n"
        f"Entries: {checkpoint.size}\n"
        f"Root: {base64.b64encode(checkpoint.root).decode()}\n"
        f"Key: {head.key}\n\n"
        "To check a ledger against it, save the attachment and run\n\n"
        f"    sekisho ledger verify --head head-{checkpoint.size}.txt\n"
    )
    mail.add_attachment(
        head.note, maintype="application", subtype="octet-stream",
        filename=f"head-{checkpoint.size}.txt",
    )  # fmt: skip
    return mail
