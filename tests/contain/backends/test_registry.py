from __future__ import annotations

from sekisho.contain.backends.registry import BACKENDS
from sekisho.contain.platforms import PLATFORMS


def test_every_platform_has_its_words() -> None:
    assert set(BACKENDS) == set(PLATFORMS)
