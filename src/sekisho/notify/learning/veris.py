"""The fields of VERIS that an incident is coded in, their words, and the record they make.

VERIS is the Vocabulary for Event Recording and Incident Sharing; `veris.yaml` says from where its words are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict

from sekisho.errors import RequestError
from sekisho.inventory.documents import read_document
from sekisho.inventory.located import did_you_mean

MAX_AMOUNT = 10**12


class Field(BaseModel):
    """One field. `one`: it has a single word; `each`: its words stand in objects under that key, with an
    amount; `day`: it is a day; `span`: it is so many of a unit."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    words: tuple[str, ...] = ()
    one: bool = False
    each: str = ""
    day: bool = False
    span: tuple[str, ...] = ()


class Veris(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str
    fields: Mapping[str, Field]
    needed: tuple[str, ...]
    together: Mapping[str, tuple[str, ...]]
    techniques: Mapping[str, Mapping[str, str]]
    roles: Mapping[str, str]
    data: Mapping[str, str]


@lru_cache(maxsize=1)
def veris() -> Veris:
    """The fields and words that come with the program."""
    content = (files("sekisho.notify.learning") / "veris.yaml").read_bytes()
    document, _ = read_document("veris.yaml", content)
    return Veris.model_validate(document.root.plain() if document.root else {})


def read_field(name: str, text: str) -> tuple[str, ...]:
    """The values of a field from what a person wrote: `SQLi,XSS`, `S - File=2`, `2019-09-05`, `9 Months`.

    Raises RequestError.
    """
    field = veris().fields.get(name)
    if field is None:
        raise RequestError(
            f"`{name[:60]}` is no field that is coded", did_you_mean(name, veris().fields)
        )
    values = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not values:
        raise RequestError(f"{name} has no value", f"write {name}=WORD")
    if len(values) > 1 and (field.one or field.day or field.span):
        raise RequestError(f"{name} has one value", f"write {name}={values[0]}")
    for value in values:
        _check(name, field, value)
    return values


def _check(name: str, field: Field, value: str) -> None:
    if field.day:
        try:
            date.fromisoformat(value)
        except ValueError:
            raise RequestError(f"`{value[:40]}` is no day", f"write {name}=2019-09-05") from None
        return
    if field.span:
        number, _, unit = value.rpartition(" ")
        if unit not in field.span or not (number == "" or (number.isascii() and number.isdecimal())):
            raise RequestError(
                f"`{value[:40]}` is no length of time",
                f"write {name}=9 Months; {', '.join(field.span)}",
            )
        return
    word, mark, amount = value.partition("=")
    word = word.strip()
    if mark and not (field.each and amount.strip().isdecimal() and int(amount) <= MAX_AMOUNT):
        raise RequestError(f"`{value[:40]}` has no amount", f"write {name}={word[:40]}")
    if word not in field.words:
        raise RequestError(
            f"{name} has no word `{word[:40]}`", did_you_mean(word, field.words, "see --words")
        )


def record(incident: str, coded: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The VERIS record of what was coded; fields that were not are left out."""
    found: dict[str, Any] = {"schema_version": veris().version, "incident_id": incident}
    for name, field in veris().fields.items():
        values = coded.get(name)
        if not values:
            continue
        *above, last = name.split(".")
        place = found
        for part in above:
            place = place.setdefault(part, {})
        place[last] = _value(field, values)
    return found


def _value(field: Field, values: Sequence[str]) -> Any:
    if field.day:
        day = date.fromisoformat(values[0])
        return {"year": day.year, "month": day.month, "day": day.day}
    if field.span:
        number, _, unit = values[0].rpartition(" ")
        return {"unit": unit} | ({"value": int(number)} if number else {})
    if field.each:
        parts = [value.partition("=") for value in values]
        return [
            {field.each: word.strip()} | ({"amount": int(amount)} if mark else {})
            for word, mark, amount in parts
        ]
    return values[0] if field.one else list(values)


def lacking(coded: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What the schema asks for and nobody coded."""
    named = {name for name, values in coded.items() if values}
    found = [
        one
        for one in veris().needed
        if not any(name == one or name.startswith(f"{one}.") for name in named)
    ]
    for above, parts in veris().together.items():
        if any(name.startswith(f"{above}.") for name in named):
            found += [f"{above}.{part}" for part in parts if f"{above}.{part}" not in named]
    return tuple(found)


def veris_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a record: the fields that are coded here, as VERIS names and asks for them."""
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "VERIS record",
        "description": f"The fields of VERIS {veris().version} that Sekisho codes",
        "type": "object",
        "additionalProperties": False,
        "properties": {"schema_version": {"const": veris().version}, "incident_id": {"type": "string"}},
        "required": ["schema_version", "incident_id"],
    }
    for name, field in veris().fields.items():
        *above, last = name.split(".")
        place = schema
        for part in above:
            place = place["properties"].setdefault(
                part,
                {"type": "object", "additionalProperties": False, "minProperties": 1, "properties": {}},
            )
        place["properties"][last] = _shape(field)
    for path in _required():
        *above, last = path.split(".")
        place = schema
        for part in above:
            place = place["properties"][part]
        place.setdefault("required", []).append(last)
    return schema


def _required() -> Iterator[str]:
    for one in veris().needed:
        parts = one.split(".")
        yield from (".".join(parts[: n + 1]) for n in range(len(parts)))
    for above, parts_ in veris().together.items():
        yield from (f"{above}.{part}" for part in parts_)


def _shape(field: Field) -> dict[str, Any]:
    if field.day:
        whole = {"type": "integer"}
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {"year": whole, "month": whole, "day": whole},
            "required": ["year"],
        }
    if field.span:
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {"unit": {"enum": list(field.span)}, "value": {"type": "number"}},
            "required": ["unit"],
        }
    word: dict[str, Any] = {"enum": list(field.words)}
    if field.one:
        return word
    if field.each:
        word = {
            "type": "object",
            "additionalProperties": False,
            "properties": {field.each: word, "amount": {"type": "integer", "minimum": 0}},
            "required": [field.each],
        }
    return {"type": "array", "items": word, "minItems": 1, "uniqueItems": True}
