"""What the program says about its own work: on standard error, as text or as JSON lines.

The library is set up by the first that logs: most runs have nothing to say.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["debug", "info", "warning", "error"]
Form = Literal["auto", "text", "json"]
_HIDDEN = ("password", "secret", "token", "authorization", "api_key")


@dataclass(slots=True)
class _Wanted:
    level: Level = "warning"
    form: Form = "auto"


_wanted = _Wanted()


def configure(level: Level = "warning", form: Form = "auto") -> None:
    """Say how the run logs. `auto` is text where a person watches standard error, else JSON."""
    _wanted.level, _wanted.form = level, form


def logger() -> Any:
    """The logger of the run, as `configure` said."""
    import structlog

    form = _wanted.form
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
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, _wanted.level.upper())),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    return structlog.get_logger()


def info(event: str, **fields: Any) -> None:
    """Say what was done, where the run is asked to say so much."""
    if _wanted.level in ("debug", "info"):
        logger().info(event, **fields)


def warning(event: str, **fields: Any) -> None:
    """Say what went wrong while a service goes on."""
    logger().warning(event, **fields)


def masked(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide what is a secret by its type or by its name."""
    for name, value in event.items():
        event[name] = _hidden(name, value)
    return event


def _hidden(name: Any, value: Any) -> Any:
    from sekisho.app.secrets import MASK, Secret

    if isinstance(value, Secret) or any(word in str(name).lower() for word in _HIDDEN):
        return MASK
    if isinstance(value, Mapping):
        return {key: _hidden(key, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden("", inner) for inner in value]
    return value


def printable(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape control characters: a line of a log must not be able to forge another."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in value)
    return event
