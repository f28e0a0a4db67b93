"""The formats by name."""

from __future__ import annotations

from typing import get_args

from sekisho.simulate.sensors import Format
from sekisho.simulate.writers.registry import WRITERS


def test_every_format_has_a_writer():
    assert tuple(WRITERS) == get_args(Format)
