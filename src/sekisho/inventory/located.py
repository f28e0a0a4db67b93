"""Problems with their places: collected, never stopped at the first."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from sekisho.errors import FileProblems, Problem
from sekisho.inventory.documents import Document, Path

T = TypeVar("T", bound=BaseModel)


class Shape(BaseModel):
    """A piece of a file that people write: unknown keys are errors, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Problems(list[Problem]):
    """What is wrong so far."""

    def add(
        self,
        file: str,
        place: tuple[int, int],
        code: str,
        message: str,
        mend: str = "",
        level: Literal["error", "warning"] = "error",
    ) -> None:
        """Note one more; `place` is (line, column) from 1."""
        self.append(Problem(file, *place, code, message, mend, level))

    def check(self) -> tuple[Problem, ...]:
        """Raise FileProblems with everything if anything is an error, else give the warnings."""
        if any(problem.level == "error" for problem in self):
            raise FileProblems(self)
        return tuple(sorted(self))


def wrong(code: str, message: str, mend: str = "") -> PydanticCustomError:
    """An error for a validator to raise; `message` and `mend` go to the person as they are."""
    return PydanticCustomError("sekisho", "{message}", {"code": code, "message": message, "mend": mend})


def did_you_mean(name: str, choices: Iterable[str], otherwise: str = "") -> str:
    """`did you mean …?` for the closest of `choices`, else `otherwise`, else a list of choices."""
    known = sorted(set(choices))
    folded = {choice.casefold(): choice for choice in known}
    # `ios` is a word of `cisco-ios` before it is like `windows`.
    wanted = name.casefold()
    close = [choice for choice in folded if wanted in re.split(r"[-_./ ]", choice)]
    if len(close) != 1:
        close = get_close_matches(wanted, folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{folded[close[0]]}`?"
    if otherwise:
        return otherwise
    if not known:
        return "there are none yet"
    shown = ", ".join(known[:8])
    return f"known: {shown}" + (f" and {len(known) - 8} more" if len(known) > 8 else "")


def shaped(
    shape: type[T], document: Document, path: Path, data: Any, what: str, problems: Problems
) -> T | None:
    """`data` (the value at `path`) as `shape`; None, and every problem noted, where it is not."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            problems.append(_problem(shape, document, path, details, what))
        return None


def _problem(
    shape: type[BaseModel], document: Document, path: Path, details: ErrorDetails, what: str
) -> Problem:
    where = [*path, *details["loc"]]
    # A place in a list has a number for a name: its list is what a person can find.
    named = [str(part) for part in details["loc"] if not isinstance(part, int)]
    name = named[-1] if named else ""
    kind, context = details["type"], details.get("ctx", {})
    at = document.place(where)
    match kind:
        case "sekisho":
            return Problem(document.file, *at, context["code"], context["message"], context["mend"])
        case "missing":
            return Problem(
                document.file, *at, "file/missing-key", f"{what} has no `{name}`", f"add `{name}:`"
            )
        case "extra_forbidden":
            keys = _keys(shape, details["loc"][:-1])
            return Problem(
                document.file,
                *document.place(where, key=True),
                "file/unknown-key",
                f"{what} has a key `{name}` that means nothing here",
                did_you_mean(name, keys),
            )
        case "literal_error":
            return Problem(
                document.file,
                *at,
                "file/value",
                f"`{details['input']}` is nothing that `{name}` may be",
                f"write one of: {context['expected']}",
            )
        case _:
            expected = _EXPECTED.get(kind, details["msg"][:1].lower() + details["msg"][1:])
            return Problem(
                document.file,
                *at,
                "file/type",
                f"`{name}` of {what}: {expected}" if name else f"{what}: {expected}",
                f"found {_found(details['input'])}",
            )


_EXPECTED = {
    "string_type": "must be text",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a map of `key: value`",
    "mapping_type": "must be a map of `key: value`",
    "model_type": "must be a map of `key: value`",
    "model_attributes_type": "must be a map of `key: value`",
}


def _found(value: Any) -> str:
    match value:
        case dict():
            return "a map"
        case list():
            return "a list"
        case None:
            return "nothing"
        case _:
            return f"`{str(value)[:60]}`"


def _keys(shape: type[BaseModel], steps: Iterable[str | int]) -> list[str]:
    """The keys of the shape reached from `shape` by `steps`."""
    for step in steps:
        if isinstance(step, int):
            continue
        for key, info in shape.model_fields.items():
            if step in (key, info.alias):
                inner = _shape_in(info.annotation)
                shape = inner or shape
                break
    return [info.alias or key for key, info in shape.model_fields.items()]


def _shape_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in typing.get_args(annotation):
        found = _shape_in(part)
        if found:
            return found
    return None
