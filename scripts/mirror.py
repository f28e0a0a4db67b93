"""Every module has a test of its name, and every test file a module: both ways."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "sekisho"
TESTS = ROOT / "tests"
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
    expected = {path.with_name(f"test_{path.name}") for path in modules}
    for path in sorted(expected - tests):
        print(f"src/sekisho/{path.with_name(path.name.removeprefix('test_'))}: no tests/{path}")
    for path in sorted(tests - expected):
        print(f"tests/{path}: no src/sekisho/{path.with_name(path.name.removeprefix('test_'))}")
    return 1 if expected ^ tests else 0


if __name__ == "__main__":
    sys.exit(main())
