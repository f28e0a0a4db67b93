"""One JSON document, in bounds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sekisho.intel.base import FeedError


def document(path: Path, largest: int) -> Any:
    """What a file of JSON holds. Raises FeedError where it is too large, cut short or no JSON."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FeedError(f"cannot read {path}: {error.strerror}", "look at `path:`") from None
    if size > largest:
        raise FeedError(
            f"{size:,} bytes of JSON; at most {largest:,} are read", "ask for a part of it, or a list"
        )
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise FeedError(f"cannot read {path}: {error.strerror}", "look at `path:`") from None
    except (ValueError, RecursionError) as error:
        said = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise FeedError(
            f"it is no JSON: {said[:200]}",
            "look at what is in it: often an error page, or a copy that was broken off",
        ) from None


def texts(given: Any) -> list[str]:
    """The texts of a list; nothing of what is no list."""
    return [one for one in given if isinstance(one, str)] if isinstance(given, list) else []


def maps(given: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing of what is no list."""
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
