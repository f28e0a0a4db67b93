"""What the program says about its own work: on standard error, as text or as JSON lines."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

from sekisho.app.secrets import Secret

Level = Literal["debug", "info", "warning", "error"]
Form = Literal["auto", "text", "json"]
_HIDDEN = ("password", "secret", "token", "authorization", "api_key")


def configure(level: Level = "warning", form: Form = "auto") -> None:
    """Set up logging for the run. `auto` is text where a person watches standard error, else JSON."""
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    last: Any = (
        structlog.dev.ConsoleRenderer(colors=False)
        if as_text
        else structlog.processors.JSONRenderer(ensure_ascii=True)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            masked,
            printable,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def masked(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide what is a secret by its type or by its name."""
    for name, value in event.items():
        if isinstance(value, Secret) or any(word in name.lower() for word in _HIDDEN):
            event[name] = "********"
    return event


def printable(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape control characters: a line of a log must not be able to forge another."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in value)
    return event
