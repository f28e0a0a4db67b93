from __future__ import annotations

from importlib import import_module
from pathlib import Path

import sekisho.audit.checks
from sekisho.audit.registry import CHECKS


def test_every_check_of_the_room_is_registered_under_its_own_name() -> None:
    room = Path(sekisho.audit.checks.__file__ or "").parent
    files = {path.stem for path in room.glob("*.py")} - {"__init__"}
    assert {check.id for check in CHECKS} == files
    assert len(CHECKS) == len(files)


def test_every_check_says_what_it_is_for() -> None:
    for check in CHECKS:
        text = import_module(f"sekisho.audit.checks.{check.id}").__doc__ or ""
        assert text.startswith(f"`{check.id}`:")
        assert len(text.splitlines()) > 3
