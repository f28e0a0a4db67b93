"""An engine that is opened by the first question put to it, and once."""

from __future__ import annotations

from collections.abc import Callable

from sekisho.store.engines.portable import PortableEngine


class Once:
    """Starting an engine takes seconds, and many a command asks it nothing."""

    def __init__(self, opener: Callable[[], PortableEngine]) -> None:
        self._opener = opener
        self._opened: PortableEngine | None = None

    def __call__(self) -> PortableEngine:
        """The engine; opens it the first time, and again after `close`."""
        if self._opened is None:
            self._opened = self._opener()
        return self._opened

    def close(self) -> None:
        """Close the engine, if it was opened."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()
