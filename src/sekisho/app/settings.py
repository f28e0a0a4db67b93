"""sekisho.toml: every key, its default, its meaning, and where its value came from.

A value comes from the environment (`SEKISHO_<SECTION>_<KEY>`, or `SEKISHO_<KEY>` for a key outside
sections), else from the file, else it is the default. All errors are reported at once, each with its
line and column.
"""

from __future__ import annotations

import difflib
import getpass
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import PydanticUndefined

from sekisho.app.collect_settings import CollectSettings
from sekisho.app.contain_settings import ContainSettings, PersonSettings
from sekisho.app.ledger_settings import LedgerSettings
from sekisho.app.restore_settings import RestoreSettings
from sekisho.app.secrets import SecretReference
from sekisho.app.setting_values import (
    Database,
    EngineUrl,
    Line,
    Options,
    Section,
    Size,
    TimeZone,
    is_size,
    size_text,
)
from sekisho.app.sink_settings import SINKS, WatchSettings
from sekisho.app.toml_lines import KeyPath, places
from sekisho.errors import FileProblems, Problem, RequestError

_LARGEST_FILE = 1024 * 1024
_SINKS = "watch.sinks"
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIX3jEDZZRXA4tz3EV2BYxBhS99pk67Acl9VG6CxGO4S"
"""Nobody's: an example that reads."""


class StoreSettings(Section):
    """The flow lake."""

    memory_limit: Size = Field(
        default=1024**3, description="Memory the query engine may use; more is spilled to disk."
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        description="Threads of the query engine; all cores if not set.",
        examples=[4],
    )
    lock_timeout: float = Field(
        default=60.0,
        ge=0,
        le=86400,
        description="Seconds to wait for another process that is writing to this workspace.",
    )


class EngineSettings(Section):
    """What answers the questions of an audit."""

    kind: Literal["duckdb", "spark", "clickhouse"] = Field(
        default="duckdb",
        description="`duckdb` is embedded; the others are asked where they run, and need their extra.",
    )
    url: EngineUrl | None = Field(
        default=None,
        description="Spark: a master or `sc://HOST:15002`, in this process if not set. "
        "ClickHouse: `https://HOST:8443`, or `chdb:` for the engine in this process.",
        examples=["sc://spark.example.org:15002"],
    )
    user: Line | None = Field(
        default=None,
        description="Who logs in to ClickHouse; `default` if not set.",
        examples=["sekisho"],
    )
    password: SecretReference | None = Field(
        default=None,
        description="The password of that user.",
        examples=[{"env": "SEKISHO_ENGINE_PASSWORD"}],
    )
    database: Line | None = Field(
        default=None,
        description="ClickHouse's database for working tables; the user's own if not set.",
        examples=["sekisho"],
    )
    cluster: Line | None = Field(
        default=None,
        description="ClickHouse's cluster over whose shards the lake's rows are spread.",
        examples=["audit"],
    )
    lake: Line | None = Field(
        default=None,
        description="Where Spark's executors see the lake's folder, if not at the same path as here.",
        examples=["s3a://flows/lake"],
    )
    options: Options = Field(
        default_factory=dict,
        description="The engine's own settings, by its names.",
        examples=[{"spark.executor.memory": "4g"}],
    )


class AuditSettings(Section):
    """Judging, and the life of findings."""

    fail_on: Literal["critical", "high", "medium", "low", "info", "none"] = Field(
        default="none",
        description="`sekisho audit` ends with status 1 when a finding is at least this severe.",
    )
    expires_soon_days: int = Field(
        default=30,
        ge=0,
        le=3650,
        description="`sekisho policy lint` warns of rules that expire within this many days.",
    )
    acceptance_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="An accepted finding opens again after this many days unless --until says else.",
    )
    automation_flows: int = Field(
        default=2_000_000,
        ge=0,
        le=100_000_000,
        description="To look for beacons and held sessions an audit reads at most this many raw flows; "
        "0 looks for none.",
    )


class StateSettings(Section):
    """Where people's decisions are kept."""

    url: Database | None = Field(
        default=None,
        description="Database URL, as a secret where it holds a login; SQLite in data/ if not set.",
        examples=[{"env": "SEKISHO_STATE_URL"}],
    )


class LoggingSettings(Section):
    """What the program says about its own work, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="The least important message that is shown."
    )
    format: Literal["auto", "text", "json"] = Field(
        default="auto",
        description="`text` for people, `json` for machines; `auto` is text where a person watches.",
    )


class Settings(Section):
    """The whole of sekisho.toml."""

    name: Line = Field(
        default="", description="What reports call the company.", examples=["Example Heavy Industries"]
    )
    timezone: TimeZone = Field(
        default="UTC",
        description="IANA time zone in which tables and reports show times; JSON is always UTC.",
        examples=["Asia/Tokyo"],
    )
    user: Line | None = Field(
        default=None,
        description="Who acts, as the ledger records it; the login name if not set.",
        examples=["tanaka"],
    )
    people: dict[str, PersonSettings] = Field(
        default={},
        description="Who works here, by name: `[people.aiko]` with `keys` and `roles`.",
        examples=[{"aiko": {"keys": [_KEY], "roles": ["approver"]}}],
    )
    store: StoreSettings = Field(default=StoreSettings(), description="The flow lake.")
    engine: EngineSettings = Field(
        default=EngineSettings(), description="What answers the questions of an audit."
    )
    audit: AuditSettings = Field(default=AuditSettings(), description="Judging and findings' life.")
    state: StateSettings = Field(default=StateSettings(), description="Where decisions are kept.")
    collect: CollectSettings = Field(
        default=CollectSettings(), description="Listening for flows and messages."
    )
    watch: WatchSettings = Field(
        default=WatchSettings(), description="Judging as records come, and who is told."
    )
    ledger: LedgerSettings = Field(
        default=LedgerSettings(), description="The record's key, and where its head is published."
    )
    contain: ContainSettings = Field(
        default=ContainSettings(), description="What a plan of containment needs."
    )
    restore: RestoreSettings = Field(
        default=RestoreSettings(), description="Giving communication back."
    )
    logging: LoggingSettings = Field(default=LoggingSettings(), description="Messages on stderr.")


@dataclass(frozen=True, slots=True)
class Key:
    """One setting as the documentation shows it. `section` is '' outside sections."""

    section: str
    name: str
    type: str
    default: Any
    description: str
    example: Any

    @property
    def label(self) -> str:
        """`section.name`, or the name alone."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return _variable(self.label)


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


def keys() -> tuple[Key, ...]:
    """Every key that sekisho.toml may have, in order."""
    return tuple(_keys(Settings, ""))


def sink_keys(kind: str, name: str = "NAME") -> tuple[Key, ...]:
    """Every key of a table `[watch.sinks.NAME]` of one kind, in order."""
    return tuple(key for key in _keys(SINKS[kind], f"{_SINKS}.{name}") if key.name != "kind")


def sections() -> Mapping[str, str]:
    """Every section with what it is about."""
    return dict(_sections(Settings, ""))


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


def who(settings: Settings, environ: Mapping[str, str]) -> str:
    """Who acts: $SEKISHO_USER, else `user` of sekisho.toml, else the login name."""
    name = environ.get("SEKISHO_USER") or settings.user
    if name:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise RequestError("nobody is logged in", "Set SEKISHO_USER to your name.") from error


def starter() -> str:
    """A sekisho.toml with every key as a comment, as `sekisho init` writes it."""
    lines = ["## Settings of this workspace. Remove the first # of a line to change a default."]
    section = None
    for key in keys():
        if key.section != section and key.section:
            lines += ["", f"# [{key.section}]"]
        section = key.section
        lines += [f"## {key.description}", f"# {key.name} = {_toml(key.example)}"]
    return "\n".join(lines) + "\n"


def _variable(label: str) -> str:
    return f"SEKISHO_{label.replace('.', '_')}".upper()


def _sections(section: type[BaseModel], name: str) -> Iterator[tuple[str, str]]:
    for key, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            full = f"{name}.{key}" if name else key
            yield full, field.description or ""
            yield from _sections(field.annotation, full)


def _keys(section: type[BaseModel], name: str) -> Iterator[Key]:
    for key, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from _keys(field.annotation, f"{name}.{key}" if name else key)
            continue
        if f"{name}.{key}" == _SINKS:
            continue  # tables with names of their own: see `sink_keys`
        sized = is_size(field.metadata)
        default = field.get_default(call_default_factory=True)
        default = size_text(default) if sized else default
        label = "size" if sized else _type_label(field.annotation)
        default = None if default is PydanticUndefined else default
        example = field.examples[0] if field.examples else default
        yield Key(name, key, label, default, field.description or "", example)


def _type_label(annotation: Any) -> str:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is dict:
        return "table"
    parts = get_args(annotation)
    if parts and all(isinstance(part, str) for part in parts):
        return ", ".join(f"`{part}`" for part in parts)
    if parts:
        kinds = [_type_label(part) for part in parts if part is not type(None)]
        return " or ".join(dict.fromkeys(kinds))
    return {int: "number", float: "number", SecretReference: "secret"}.get(annotation, "text")


def _sink_keys_of(settings: Settings) -> Iterator[Key]:
    for name, sink in settings.watch.sinks.items():
        section = f"{_SINKS}.{name}"
        yield Key(section, "kind", "text", None, "What kind of sink it is.", sink.kind)
        yield from sink_keys(sink.kind, name)


def _value(settings: Settings, key: Key) -> Any:
    if key.section.startswith(f"{_SINKS}."):
        value = getattr(settings.watch.sinks[key.section.removeprefix(f"{_SINKS}.")], key.name)
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


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml_key(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


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
    prefixes = tuple(f"{_variable(section)}_" for section in sections())
    for variable, value in environ.items():
        key = known.get(variable)
        if key is None:
            if variable.startswith(prefixes):
                near = difflib.get_close_matches(variable, known, n=1)
                mend = f"Did you mean {near[0]}?" if near else ""
                yield Problem("environment", 0, 0, "settings/unknown", f"no setting {variable}", mend)
            continue
        table: Any = values
        for part in key.section.split(".") if key.section else ():
            table = table.setdefault(part, {}) if isinstance(table, dict) else None
        if isinstance(table, dict):
            secret = "secret" in key.type
            table[key.name] = {"env": variable} if secret else value
            origins[key.label] = f"environment {variable}"


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
