from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.errors import RequestError
from sekisho.store.locks import exclusive


def test_a_second_holder_is_told(tmp_path: Path) -> None:
    lock = tmp_path / "write.lock"
    with (
        exclusive(lock, "writing to", 1),
        pytest.raises(RequestError, match="writing to"),
        exclusive(lock, "writing to", 0.05),
    ):
        pytest.fail("two hold one lock")
    with exclusive(lock, "writing to", 0.05):
        pass
