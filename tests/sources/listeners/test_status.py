from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.sources.listeners.counters import Counters
from sekisho.sources.listeners.status import STATUS, ListenerStatus, Status, read_status, write_status

STATUS_NOW = Status(
    7,
    "receiving",
    1,
    2,
    (
        ListenerStatus("udp://[::]:2055", Counters(received=5, queue=1), 1 << 20, {"10.0.0.1": 3}, 4),
        ListenerStatus("tcp://[::]:514", Counters(accepted=2, open=1)),
    ),
    written=5,
    trouble="the disk is full",
)


def test_a_status_comes_back_as_it_was_written(tmp_path: Path) -> None:
    assert read_status(tmp_path) is None
    write_status(tmp_path, STATUS_NOW)
    assert read_status(tmp_path) == STATUS_NOW
    assert [path.name for path in tmp_path.iterdir()] == [STATUS]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1, "listeners": [{}]}', '{"schema": 1}'])
def test_what_is_no_status_is_a_value_error(tmp_path: Path, text: str) -> None:
    (tmp_path / STATUS).write_text(text)
    with pytest.raises(ValueError):  # noqa: PT011
        read_status(tmp_path)
