from __future__ import annotations

import email
from datetime import datetime
from email.policy import default

from tests.ledger.conftest import Signed

from sekisho.ledger.publish.email import EmailWitness
from sekisho.ledger.verifier import read_checkpoints


def test_the_head_is_attached_as_a_file_that_verify_reads(signed: Signed, at: datetime) -> None:
    got: list[bytes] = []
    head = signed.sign()
    to = ["audit@example.org", "soc@example.org"]
    witness = EmailWitness("mail", got.append, "sekisho@example.org", to, lambda: at)
    assert witness.publish(head) == "taken by the mail server"
    mail = email.message_from_bytes(got[0], policy=default)
    assert mail["To"] == "audit@example.org, soc@example.org"
    assert "head of 5 entries" in mail["Subject"]
    assert mail["Date"].datetime == at.replace(microsecond=0)
    (attached,) = mail.iter_attachments()  # type: ignore[attr-defined]
    assert attached.get_filename() == "head-5.txt"
    assert read_checkpoints(attached.get_content()) == (head.checkpoint,)
    text = mail.get_body().get_content()  # type: ignore[attr-defined]
    assert head.key in text
    assert "ledger verify --head head-5.txt" in text
