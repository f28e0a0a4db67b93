from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def test_once_tells_each_thing_once_and_says_so_by_its_status(
    raw_company: Path,
) -> None:
    def run(*words: str) -> tuple[int, list[dict[str, Any]]]:
        found = subprocess.run(
            [sys.executable, "-c", "from sekisho.cli.main import main; main()", *words],
            cwd=raw_company,
            capture_output=True,
            check=False,
            env=os.environ | {"SEKISHO_USER": "aiko"},
        )
        return found.returncode, [json.loads(line) for line in found.stdout.splitlines()]

    status, told = run("watch", "--once", "--format", "jsonl", "--fail-on", "critical")
    assert (status, len(told)) == (1, 5)
    assert {one["schema"] for one in told} == {"sekisho.alert/1"}
    status, told = run("watch", "--once", "--format", "jsonl")
    assert (status, told) == (0, [])


def test_a_file_that_cannot_be_read_ends_once_with_3(raw_company: Path) -> None:
    (raw_company / "logs" / "th-edge" / "noise.log").write_bytes(b"\x00\x01" * 200)
    found = subprocess.run(
        [sys.executable, "-c", "from sekisho.cli.main import main; main()", "watch", "--once"],
        cwd=raw_company,
        capture_output=True,
        check=False,
        env=os.environ | {"SEKISHO_USER": "aiko"},
    )
    assert found.returncode == 3
    assert b"raised" in found.stdout


def test_it_ends_in_good_order_when_it_is_asked_to(raw_company: Path) -> None:
    with (raw_company / "sekisho.toml").open("a") as file:
        file.write('[watch]\nmetrics = ""\n')
    with subprocess.Popen(
        [sys.executable, "-c", "from sekisho.cli.main import main; main()", "watch", "-f", "jsonl"],
        cwd=raw_company,
        stdout=subprocess.PIPE,
        env=os.environ | {"SEKISHO_USER": "aiko"},
    ) as running:
        assert running.stdout is not None
        told = [json.loads(running.stdout.readline()) for _ in range(5)]
        running.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert running.returncode == 0
    assert {one["change"] for one in told} == {"raised"}
