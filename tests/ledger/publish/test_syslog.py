from __future__ import annotations

import base64
from datetime import datetime

from tests.ledger.conftest import Signed

from sekisho.ledger.publish.syslog import SyslogWitness, message
from sekisho.ledger.verifier import read_checkpoints


def test_the_head_can_be_got_back_from_one_message(signed: Signed, at: datetime) -> None:
    got: list[bytes] = []
    head = signed.sign()
    witness = SyslogWitness("siem", got.append, 16, "audit host", lambda: at)
    assert witness.publish(head) == "sent"
    (sent,) = got
    assert sent.startswith(
        b"<133>1 2026-03-01T12:30:00.123456Z audithost sekisho - ledger-head - ledger="
    )
    assert b" entries=5 " in sent
    assert len(sent) < 2048
    assert b"\n" not in sent
    note = base64.b64decode(sent.rpartition(b"note=")[2])
    assert read_checkpoints(note) == (head.checkpoint,)


def test_a_host_without_a_name(signed: Signed, at: datetime) -> None:
    assert b"Z - sekisho" in message(signed.sign(), 1, "", at)
