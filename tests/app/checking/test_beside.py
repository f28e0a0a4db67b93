from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from sekisho.app.checking import beside
from sekisho.app.checking.beside import Beside

SLEEPER = """
import sys
orders = sys.stdin.readline()
(open(sys.argv[1], "a") if len(sys.argv) > 1 else open({path!r}, "a")).write(orders)
sys.stdin.read()
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a process that stands for the real one writes down its orders."""
    path = tmp_path / "orders"
    (tmp_path / "stands_in.py").write_text(SLEEPER.format(path=str(path)))
    monkeypatch.setattr(beside, "NAME", "stands_in")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    return path


def test_it_is_given_its_orders_and_ends_when_it_is_told(told: Path, tmp_path: Path) -> None:
    with Beside(tmp_path, "judge") as one:
        assert one.pid is not None
        one.look()
    assert one.pid is None
    assert told.read_text() == f'{{"root": "{tmp_path}", "role": "judge", "port": 0}}\n'


def test_it_is_started_again_where_it_ended_by_itself(told: Path, tmp_path: Path) -> None:
    with Beside(tmp_path, "serve", 8443) as one:
        first = one.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        one.look()
        assert one.pid not in (None, first)
    assert '"port": 8443' in told.read_text()
