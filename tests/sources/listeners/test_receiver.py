from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.sources.listeners.conftest import Kept

from sekisho.errors import RequestError
from sekisho.sources.journal.framing import Kind
from sekisho.sources.listeners.base import Listen, ListenPlan
from sekisho.sources.listeners.receiver import Receiver
from sekisho.sources.listeners.status import read_status

Read = Callable[[Path], Kept]
PLAN = ListenPlan((Listen("udp", "127.0.0.1", 0),))


def send(receiver: Receiver, *payloads: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for payload in payloads:
            sender.sendto(payload, ("127.0.0.1", receiver.bound[0].port))


def test_a_receiver_takes_keeps_and_ends_in_good_order(tmp_path: Path, kept: Read) -> None:
    receiver = Receiver(PLAN, tmp_path)
    assert (receiver.pid, receiver.returncode, receiver.stop()) == (None, None, 0)
    with receiver:
        assert receiver.returncode is None
        send(receiver, *(b"%d" % n for n in range(100)))
    assert receiver.returncode == 0
    assert kept(tmp_path).payloads == [b"%d" % n for n in range(100)]
    status = receiver.status()
    assert status is not None
    assert (status.pid, status.state, status.written) == (receiver.pid, "stopped", 100)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_after_what_has_arrived(tmp_path: Path, kept: Read, number: int) -> None:
    with Receiver(PLAN, tmp_path) as receiver:
        send(receiver, *[b"x"] * 50)
        assert receiver.pid is not None
        os.kill(receiver.pid, number)
        assert receiver.stop() == 0
    assert len(kept(tmp_path).rows) == 50


def test_a_killed_receiver_leaves_a_journal_that_the_next_one_completes(
    tmp_path: Path, kept: Read, until: Callable[..., None]
) -> None:
    plan = ListenPlan(PLAN.listens, segment_seconds=1000)
    with Receiver(plan, tmp_path) as receiver:
        send(receiver, *[b"x" * 1000] * 50)
        until(lambda: sum(path.stat().st_size for path in tmp_path.glob("*.open")) >= 50 * 1040)
        assert receiver.pid is not None
        os.kill(receiver.pid, signal.SIGKILL)
        assert receiver.stop() == -signal.SIGKILL
    assert kept(tmp_path).rows == []
    with Receiver(plan, tmp_path) as receiver:
        send(receiver, b"after")
    assert kept(tmp_path).payloads == [b"x" * 1000] * 50 + [b"after"]


def test_it_does_not_outlive_who_started_it(
    tmp_path: Path, kept: Read, until: Callable[..., None]
) -> None:
    code = (
        "import os, socket, sys; from pathlib import Path\n"
        "from sekisho.sources.listeners.base import ListenPlan\n"
        "from sekisho.sources.listeners.receiver import Receiver\n"
        "r = Receiver(ListenPlan.of_json(sys.argv[2]), Path(sys.argv[1])); r.start()\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "s.sendto(b'last', ('127.0.0.1', r.bound[0].port))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path), PLAN.to_json()], check=False)
    until(lambda: (found := read_status(tmp_path)) is not None and found.state == "stopped")
    assert kept(tmp_path).payloads == [b"last"]


def test_a_disk_that_was_full_loses_nothing_of_what_memory_held(
    tmp_path: Path, kept: Read, until: Callable[..., None]
) -> None:
    with Receiver(PLAN, tmp_path) as receiver:
        assert receiver.pid is not None
        before = resource.prlimit(receiver.pid, resource.RLIMIT_FSIZE)
        send(receiver, b"before")
        until(lambda: kept(tmp_path).rows)
        resource.prlimit(receiver.pid, resource.RLIMIT_FSIZE, (2000, before[1]))
        send(receiver, *[b"x" * 1000] * 50)
        until(lambda: (found := receiver.status()) is not None and "too large" in found.trouble)
        resource.prlimit(receiver.pid, resource.RLIMIT_FSIZE, before)
        assert receiver.stop() == 0
    assert kept(tmp_path).payloads == [b"before", *[b"x" * 1000] * 50]


def test_what_cannot_start_says_why(tmp_path: Path) -> None:
    with Receiver(PLAN, tmp_path / "first") as first:
        port = first.bound[0].port
        second = Receiver(ListenPlan((Listen("udp", "127.0.0.1", port),)), tmp_path / "second")
        with pytest.raises(RequestError, match="cannot listen") as error:
            second.start()
        assert "another program listens there" in error.value.mend
        assert second.returncode == 2
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match="file"):
        Receiver(ListenPlan((Listen("tcp", "127.0.0.1", 0, Kind.MESSAGE),)), tmp_path / "file").start()
