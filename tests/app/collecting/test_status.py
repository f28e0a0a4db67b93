from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sekisho.app.collecting.status import (
    STATUS,
    CollectStatus,
    ExporterStatus,
    ListenerState,
    SenderStatus,
    read_status,
    running,
    write_status,
)

WHOLE = CollectStatus(
    os.getpid(),
    "collecting",
    1,
    2,
    trouble=("a",),
    listeners=(ListenerState("udp://0.0.0.0:1", 1, 2, 3, 4, 5, 6, 7, 8),),
    exporters=(ExporterStatus("10.0.0.1", ("a", "b"), "ipfix", 1, 2, 3, 4, 5, "records", 6, 7),),
    senders=(SenderStatus("10.0.0.1", ("a",), 1, 2, 3),),
    strangers={"10.9.9.9": 4},
)


def test_as_it_was_written(tmp_path: Path) -> None:
    assert read_status(tmp_path) is None
    write_status(tmp_path, WHOLE)
    assert read_status(tmp_path) == WHOLE
    assert [path.name for path in tmp_path.iterdir()] == [STATUS]


@pytest.mark.parametrize(
    "text", ["{}", "[]", "{", '{"schema": "x"}', '{"schema": "sekisho.collect/1"}']
)
def test_what_is_none_of_ours(tmp_path: Path, text: str) -> None:
    (tmp_path / STATUS).write_text(text)
    with pytest.raises(ValueError, match=r"."):
        read_status(tmp_path)


def test_whether_its_process_is_there() -> None:
    assert running(WHOLE)
    assert not running(CollectStatus(os.getpid(), "stopped", 1, 2))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not running(CollectStatus(gone.pid, "collecting", 1, 2))
