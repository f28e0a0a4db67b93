from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from sekisho.errors import IntegrityError
from sekisho.ledger.publish.record import FILE, Published, read_record, write_record


def test_it_comes_back_and_says_when_it_is_damaged(tmp_path: Path, at: datetime) -> None:
    assert read_record(tmp_path) == {}
    record = {"file": Published(3, "ab", at), "siem": Published(2, "cd", at)}
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record
    for text in ("", "[]", '{"file": {}}', '{"file": {"size": 1, "root": "a", "at": "2026-01-01"}}'):
        (tmp_path / FILE).write_text(text)
        with pytest.raises(IntegrityError, match="damaged"):
            read_record(tmp_path)
