"""Every module has a test of its name, and every test file a module: both ways.

`scripts/untested.txt` names the modules that still wait for theirs. It may only shrink: a line whose
module has a test, or which names no module, fails the check like a missing test does.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "sekisho"
TESTS = ROOT / "tests"
WAITING = ROOT / "scripts" / "untested.txt"
CROSS_CUTTING = {"conformance", "journeys", "house", "data"}
WITHOUT_LOGIC = {"__init__.py"}
"""File names that hold no behaviour of their own."""


def main() -> int:
    """Print what has no counterpart; 1 if there is any."""
    modules = {
        path.relative_to(SOURCE)
        for path in SOURCE.rglob("*.py")
        if path.name not in WITHOUT_LOGIC and "migrations" not in path.parts
    }
    tests = {
        path.relative_to(TESTS)
        for path in TESTS.rglob("test_*.py")
        if path.relative_to(TESTS).parts[0] not in CROSS_CUTTING
    }
    waiting = {Path(line) for line in WAITING.read_text().split()} if WAITING.exists() else set[Path]()
    tested = {path.with_name(path.name.removeprefix("test_")) for path in tests}
    wrong = [f"src/sekisho/{path}: no test" for path in sorted(modules - tested - waiting)]
    wrong += [f"tests/{path}: no such module" for path in sorted(tested - modules)]
    wrong += [
        f"scripts/untested.txt: {path} does not wait any more: take the line out"
        for path in sorted((waiting & tested) | (waiting - modules))
    ]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
