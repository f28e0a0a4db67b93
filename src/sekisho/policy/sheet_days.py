"""Cells of an imported sheet that hold days."""

from __future__ import annotations

import re
from datetime import date, datetime

from pydantic_core import PydanticCustomError

from sekisho.inventory.values import read_when
from sekisho.policy.language import Slip

_NONE = {"", "-", "--", "n/a", "na", "none", "never", "permanent", "unlimited", "indefinite"}
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_AMBIGUOUS = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|\d{5}(\.\d+)?")
"""Day and month in either order, and a spreadsheet's count of days from one of two starts."""


def read_day(text: str) -> date | datetime | Slip | None:
    """A day or time; None where the cell says that there is none.

    Beside what policy files write: 2027/3/31, and 31.3.2027, which no country reads month first.
    """
    if text.casefold() in _NONE:
        return None
    year_first, day_first = _YEAR_FIRST.fullmatch(text), _DAY_FIRST.fullmatch(text)
    if year_first:
        text = "-".join(part.zfill(2) for part in year_first.groups())
    elif day_first:
        text = "-".join(part.zfill(2) for part in reversed(day_first.groups()))
    elif _AMBIGUOUS.fullmatch(text):
        message = f"`{text}` may be read as different days"
        return Slip(0, "time/ambiguous", message, "write it as 2027-03-31")
    try:
        return read_when(text)
    except PydanticCustomError as error:
        return slip_of(error)


def slip_of(error: PydanticCustomError) -> Slip:
    """What a reader of single values found wrong."""
    said = error.context or {}
    return Slip(0, said["code"], said["message"], said["mend"])
