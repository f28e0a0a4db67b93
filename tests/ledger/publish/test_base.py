from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from tests.ledger.conftest import Signed

from sekisho.ledger.publish.base import NotPublished, Witness
from sekisho.ledger.publish.file import FileWitness
from sekisho.ledger.publish.rfc3161 import TimestampWitness
from sekisho.ledger.publish.syslog import SyslogWitness


def test_every_witness_has_a_name_and_says_why_it_took_nothing(
    signed: Signed, at: datetime, tmp_path: Path
) -> None:
    def fails(_: bytes) -> bytes:
        raise NotPublished("nobody is there")

    witnesses: list[Witness] = [
        FileWitness(tmp_path / "no" / "such"),
        SyslogWitness("siem", fails, 16, "host", lambda: at),
        TimestampWitness(fails, lambda: 1, lambda _size, _token: None),
    ]
    head = signed.sign()
    assert [one.name for one in witnesses] == ["file", "siem", "timestamp"]
    for one in witnesses:
        with pytest.raises(NotPublished, match="no"):
            one.publish(head)
