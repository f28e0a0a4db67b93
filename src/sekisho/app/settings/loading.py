"""sekisho.toml as it was read: every setting, and where its value came from.

A value comes from the environment (`SEKISHO_<SECTION>_<KEY>`, or `SEKISHO_<KEY>` for a key outside
sections), else from the file, else it is the default. All errors are reported at once, each with its
line and column.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sekisho.app.secrets import SecretReference
from sekisho.app.settings.document import Settings
from sekisho.app.settings.keys import SINK_TABLES, Key, keys, sections, sink_keys, variable
from sekisho.app.settings.toml_lines import KeyPath, places
from sekisho.app.settings.values import Section, size_text
from sekisho.errors import FileProblems, Problem, RequestError

_LARGEST_FILE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of `sekisho config show`: `origin` is `default`, `FILE:LINE` or `environment NAME`."""

    key: Key
    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings with the origin of each that is not a default, by label."""

    settings: Settings
    origins: Mapping[str, str]

    def show(self) -> tuple[Shown, ...]:
        """Every key with its value and where that came from. Secrets show where they are kept."""
        return tuple(
            Shown(key, _value(self.settings, key), self.origins.get(key.label, "default"))
            for key in (*keys(), *_sink_keys_of(self.settings))
        )


def load(path: Path, environ: Mapping[str, str]) -> LoadedSettings:
    """Read sekisho.toml and the environment's overrides.

    Raises FileProblems with every error, RequestError when the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error
    name = path.name
    if len(raw) > _LARGEST_FILE:
        raise FileProblems([Problem(name, 0, 0, "settings/size", "larger than 1 MiB")])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileProblems(
            [Problem(name, line, 0, "settings/encoding", "is not UTF-8", "Save the file as UTF-8.")]
        ) from error
    return parse(text, name, environ)


def parse(text: str, name: str, environ: Mapping[str, str]) -> LoadedSettings:
    """Settings from the text of a file called `name`. Raises FileProblems."""
    try:
        values: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FileProblems([_syntax(str(error), name, text)]) from error
    where = places(text)
    origins = {".".join(path): f"{name}:{line}" for path, (line, _) in where.items()}
    problems = list(_override(values, origins, environ))
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += [_problem(dict(item), name, where, origins) for item in error.errors()]
    if problems:
        raise FileProblems(set(problems))
    labels = {key.label for key in (*keys(), *_sink_keys_of(settings))}
    return LoadedSettings(settings, {k: v for k, v in origins.items() if k in labels})


def _sink_keys_of(settings: Settings) -> Iterator[Key]:
    for name, sink in settings.watch.sinks.items():
        section = f"{SINK_TABLES}.{name}"
        yield Key(section, "kind", "text", None, "What kind of sink it is.", sink.kind)
        yield from sink_keys(sink.kind, name)


def _value(settings: Settings, key: Key) -> Any:
    if key.section.startswith(f"{SINK_TABLES}."):
        value = getattr(settings.watch.sinks[key.section.removeprefix(f"{SINK_TABLES}.")], key.name)
    else:
        value = attrgetter(key.label)(settings)
    value = ", ".join(value) or None if isinstance(value, tuple) else value
    if isinstance(value, dict):
        value = {
            name: one.model_dump(mode="json", exclude_none=True) if isinstance(one, Section) else one
            for name, one in value.items()
        }
    if isinstance(value, SecretReference):
        return str(value)
    return size_text(value) if key.type == "size" else value


def _syntax(message: str, name: str, text: str) -> Problem:
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    line, column = len(text.splitlines()), 0
    if place and place[1]:
        line, column = int(place[1]), int(place[2])
    said = message[: place.start()] if place else message
    return Problem(name, line, column, "settings/syntax", said, "See https://toml.io for the format.")


def _override(
    values: dict[str, Any], origins: dict[str, str], environ: Mapping[str, str]
) -> Iterator[Problem]:
    known = {key.variable: key for key in keys()}
    prefixes = tuple(f"{variable(section)}_" for section in sections())
    for name, value in environ.items():
        key = known.get(name)
        if key is None:
            if name.startswith(prefixes):
                near = difflib.get_close_matches(name, known, n=1)
                mend = f"Did you mean {near[0]}?" if near else ""
                yield Problem("environment", 0, 0, "settings/unknown", f"no setting {name}", mend)
            continue
        table: Any = values
        for part in key.section.split(".") if key.section else ():
            table = table.setdefault(part, {}) if isinstance(table, dict) else None
        if isinstance(table, dict):
            secret = "secret" in key.type
            table[key.name] = {"env": name} if secret else value
            origins[key.label] = f"environment {name}"


def _problem(
    item: dict[str, Any],
    name: str,
    where: Mapping[KeyPath, tuple[int, int]],
    origins: Mapping[str, str],
) -> Problem:
    path = tuple(str(part) for part in item["loc"])
    kind = ""
    if path[:2] == ("watch", "sinks") and len(path) > 3:
        # Between a sink's name and its key stands the kind that told which keys it may have.
        kind, path = path[3], (*path[:3], *path[4:])
    while path and path not in where and ".".join(path) not in origins:
        path = path[:-1]
    origin = origins.get(".".join(path), "")
    line, column = where.get(path, (0, 0))
    if origin.startswith("environment"):
        name, line, column = origin, 0, 0
    label = ".".join(path) or "the file"
    if item["type"] == "extra_forbidden":
        above = [".".join(path[:size]) for size in range(len(path) - 1, 0, -1)]
        table = next((one for one in above if one in sections()), "")
        choices = [key.name for key in keys() if key.section == table] if not kind else []
        choices += [] if table else list(sections())
        choices += [key.name for key in sink_keys(kind)] if kind else []
        near = difflib.get_close_matches(path[-1], choices, n=1)
        mend = f"Did you mean {near[0]!r}?" if near else f"Keys here: {', '.join(choices)}."
        return Problem(name, line, column, "settings/unknown", f"no setting {label!r}", mend)
    message = item["msg"].removeprefix("Value error, ")
    return Problem(name, line, column, "settings/value", f"{label}: {message}")
