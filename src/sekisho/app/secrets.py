"""Secrets: named in sekisho.toml by where they are kept, never written there, never shown."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sekisho.errors import RequestError

MASK = "********"
_LARGEST = 64 * 1024


class Secret:
    """A value whose `str` and `repr` are masked; `reveal()` gives it to the one place that needs it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Never log, format or store what this returns."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, _spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(("secret", self._value))

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled or copied into a file")


class SecretReference(BaseModel):
    """Where a secret is kept: `{env = "NAME"}` or `{file = "PATH"}`, exactly one of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    file: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> SecretReference:
        if (self.env is None) == (self.file is None):
            raise ValueError('a secret is written {env = "NAME"} or {file = "PATH"}')
        return self

    def __str__(self) -> str:
        return f"env {self.env}" if self.env is not None else f"file {self.file}"

    def read(self, root: Path, environ: Mapping[str, str]) -> Secret:
        """Fetch the secret; a file's path is relative to `root`, one trailing newline is dropped.

        Raises RequestError when it is missing, empty, over 64 KiB, no text, or in a file others may read.
        """
        if self.env is not None:
            value = environ.get(self.env, "")
            if not value:
                raise RequestError(f"the environment has no {self.env}", f"Set {self.env}.")
            return Secret(value)
        path = root / (self.file or "")
        problem = permission_problem(path)
        if problem:
            raise RequestError(problem, f"chmod 600 {path}")
        if path.stat().st_size > _LARGEST:
            raise RequestError(f"{path} is larger than a secret may be ({_LARGEST} bytes)")
        try:
            text = path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
        except OSError as error:
            raise RequestError(f"cannot read {path}: {error.strerror}") from error
        except UnicodeDecodeError:
            # Its message quotes bytes of the secret: it goes no further.
            raise RequestError(f"{path} is not UTF-8", "Write the secret as plain text.") from None
        if not text:
            raise RequestError(f"{path} is empty", "Write the secret into it.")
        return Secret(text)


def permission_problem(path: Path) -> str | None:
    """Why a file is not fit to keep a secret in, or None."""
    try:
        state = path.stat()
    except OSError as error:
        return f"cannot read {path}: {error.strerror}"
    if not stat.S_ISREG(state.st_mode):
        return f"{path} is not a file"
    if state.st_mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        return (
            f"{path} holds a secret and others may read or change it (mode {state.st_mode & 0o777:o})"
        )
    return None
