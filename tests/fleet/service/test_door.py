from __future__ import annotations

import os
import resource
import socket
from pathlib import Path

import pytest

from sekisho.fleet.service.door import Door


def test_who_finds_no_descriptor_is_sent_away_and_the_next_is_let_in() -> None:
    with Door(socket.create_server(("127.0.0.1", 0))) as door:
        door.settimeout(0)
        place = door.getsockname()
        with socket.create_connection(place) as first, socket.create_connection(place) as second:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            highest = max(int(fd.name) for fd in Path("/proc/self/fd").iterdir())
            held = [os.open(os.devnull, os.O_RDONLY) for _ in range(highest)]
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(held) + 1, hard))
            try:
                with pytest.raises(BlockingIOError):
                    door.accept()
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
                for fd in held:
                    os.close(fd)
            first.settimeout(5)
            assert first.recv(1) == b""
            assert door.turned_away == 1
            let_in, _ = door.accept()
            let_in.sendall(b"x")
            let_in.close()
            second.settimeout(5)
            assert second.recv(1) == b"x"
        with pytest.raises(BlockingIOError):
            door.accept()
