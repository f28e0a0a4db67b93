from __future__ import annotations

from tests.journeys.severed import world

__all__ = ["world"]
