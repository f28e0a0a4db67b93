from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from tests.restore.conftest import Make

from sekisho.restore import gates
from sekisho.restore.base import Gate, GateName
from sekisho.restore.registry import GATES


def test_each_gate_is_there_once_and_is_named_as_its_file() -> None:
    names = [gate.name for gate in GATES]
    assert tuple(names) == get_args(GateName)
    files = {p.stem for p in Path(gates.__path__[0]).glob("*.py")} - {"__init__"}
    assert files == set(names)


@pytest.mark.parametrize("gate", GATES)
def test_no_gate_opens_where_nobody_knows_what_is_given_back(subject: Make, gate: Gate) -> None:
    assert gate.judge(subject(pairs=frozenset())).verdict != "open"


@pytest.mark.parametrize("gate", [gate for gate in GATES if gate.name != "recertified"])
def test_no_gate_opens_on_what_was_never_recorded(subject: Make, gate: Gate) -> None:
    """Rules are read from the register, so what owners said of them is always known."""
    blank = subject(coverage=None, findings=None, escaped=None, fleet=None)
    assert gate.judge(blank).verdict == "unknown"
    assert gate.judge(subject()).verdict == "open"
