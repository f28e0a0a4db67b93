from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sekisho.cli.console import PatientConsole


def test_a_reader_that_left_ends_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        console = PatientConsole(file=stream)
        console.print("x" * 100_000)
        console.print("again")
        assert console.quiet
        stream.write("what is left in the buffer")


@pytest.mark.parametrize(("words", "status"), [([], 0), (["--fail-on", "low"], 1)])
@pytest.mark.parametrize("kind", ["table", "json"])
def test_the_status_is_that_of_the_work(
    company: Path, words: list[str], status: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_USER", "aiko")
    reader, writer = os.pipe()
    os.close(reader)
    code = "import sys; from sekisho.cli.main import main; main()"
    command = [sys.executable, "-c", code, "--workspace", str(company), "audit", "-f", kind, *words]
    ran = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (ran.returncode, ran.stderr) == (status, "")
