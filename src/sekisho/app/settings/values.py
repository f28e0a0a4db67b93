"""The kinds of values that settings have, and how each is read and written."""

from __future__ import annotations

import difflib
import re
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from sekisho.app.secrets import SecretReference

_SIZE = re.compile(r"([1-9][0-9]{0,9}) ?(?:([KMGT]i?)?B)?")
_LOGIN = re.compile(r"@|password=", re.IGNORECASE)
_UNITS = {"K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4} | {
    "Ki": 1024,
    "Mi": 1024**2,
    "Gi": 1024**3,
    "Ti": 1024**4,
}


class Section(BaseModel):
    """A table of sekisho.toml: its keys and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def size_in_bytes(value: object) -> int:
    """Read a size: a number of bytes, or `64KiB`, `1 GiB`, `500MB`. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError("a size is a number of bytes such as 65536, or written 64KiB, 500MB, 1GiB")
    return int(match[1]) * _UNITS.get(match[2], 1)


def size_text(size: int) -> str:
    """A size in the largest binary unit that holds it without a rest."""
    for unit in ("Ti", "Gi", "Mi", "Ki"):
        if size and size % _UNITS[unit] == 0:
            return f"{size // _UNITS[unit]}{unit}B"
    return f"{size}B"


def _timezone(value: str) -> str:
    known = available_timezones()
    if value not in known:
        near = difflib.get_close_matches(value, sorted(known), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"{value!r} is no IANA time zone{hint}")
    return value


def _database(value: object) -> object:
    if isinstance(value, str) and _LOGIN.search(value):
        raise ValueError(
            'a database URL with a login is a secret: write {env = "NAME"} or {file = "PATH"}'
        )
    if isinstance(value, dict):
        try:
            return SecretReference.model_validate(value)
        except ValueError as error:
            raise ValueError('write {env = "NAME"} or {file = "PATH"}') from error
    return value


def _engine_url(value: object) -> object:
    if isinstance(value, str) and ("@" in value or "token=" in value.lower()):
        raise ValueError(
            'a URL with a login or a token is a secret: write {env = "NAME"} or {file = "PATH"}'
        )
    return value


def _no_controls(value: str) -> str:
    if not value.isprintable():
        raise ValueError("control characters are not allowed here")
    return value


def _options(value: object) -> object:
    """A table, or `NAME=VALUE, NAME=VALUE` as an environment variable has it."""
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if not all(name.strip() and equals for name, equals, _ in pairs):
        raise ValueError("options are written NAME=VALUE, NAME=VALUE")
    return {name.strip(): text.strip() for name, _, text in pairs}


Size = Annotated[int, BeforeValidator(size_in_bytes)]
Line = Annotated[str, Field(max_length=200), AfterValidator(_no_controls)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
_OptionName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$", max_length=200)]
Options = Annotated[dict[_OptionName, bool | int | float | Line], BeforeValidator(_options)]
EngineUrl = Annotated[SecretReference | Line, BeforeValidator(_engine_url)]
Database = Annotated[SecretReference | str, BeforeValidator(_database)]


def is_size(metadata: list[Any]) -> bool:
    """Whether a field's metadata is that of `Size`."""
    return any(isinstance(m, BeforeValidator) and m.func is size_in_bytes for m in metadata)
