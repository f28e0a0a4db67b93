"""Every key that sekisho.toml may have, as documentation, `config show` and a starter show it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from sekisho.app.secrets import SecretReference
from sekisho.app.settings.document import Settings
from sekisho.app.settings.sinks import SINKS
from sekisho.app.settings.values import Section, is_size, size_text

SINK_TABLES = "watch.sinks"
"""Tables in it have names of their own: `sink_keys` tells of their keys."""


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
        return variable(self.label)


def keys() -> tuple[Key, ...]:
    """Every key that sekisho.toml may have, in order."""
    return tuple(_keys(Settings, ""))


def sink_keys(kind: str, name: str = "NAME") -> tuple[Key, ...]:
    """Every key of a table `[watch.sinks.NAME]` of one kind, in order."""
    return tuple(key for key in _keys(SINKS[kind], f"{SINK_TABLES}.{name}") if key.name != "kind")


def sections() -> Mapping[str, str]:
    """Every section with what it is about."""
    return dict(_sections(Settings, ""))


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


def variable(label: str) -> str:
    """The environment variable that overrides the key or begins those of the section `label`."""
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
        if f"{name}.{key}" == SINK_TABLES:
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


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml_key(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    # A string of JSON is one of TOML as well.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'
