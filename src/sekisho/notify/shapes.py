"""What stands in a file of an obligation, as shapes: they check it, and the editor's JSON Schema is made of
them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from sekisho.inventory.located import Shape, wrong
from sekisho.inventory.shapes import Texts
from sekisho.inventory.values import Name, Timezone, read_when
from sekisho.model.notices import Confidence, StageKind
from sekisho.notify.deadlines import FirstDay, Roll, closed_days, has_holidays, read_period

MAX_TEXT = 2_000


def _expression(example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "examples": [example]})


Expression = Annotated[str, _expression("personal_data and people > 1000")]
"""Read with its place by the reader of the file."""


def _due(value: str) -> str:
    try:
        read_period(value)
    except ValueError as error:
        raise wrong(
            "obligation/due",
            str(error),
            "write `72 hours`, `30 days`, `4 business days`, `1 month` or `without undue delay`",
        ) from None
    return value


def _holidays(value: str) -> str:
    country, _, part = value.partition("/")
    if value and not has_holidays(country, part):
        raise wrong(
            "obligation/holidays",
            f"no holidays are known for {value[:20]}",
            "write a country, such as JP, or a part of one, such as US/CA",
        )
    return value


def _closed(values: tuple[str, ...]) -> tuple[str, ...]:
    try:
        closed_days(values)
    except ValueError:
        raise wrong("obligation/closed", "that is no day of a year", "write 12-29") from None
    return values


def _day(value: Any) -> date:
    day = read_when(value)
    if type(day) is not date:
        raise wrong("obligation/day", f"{str(value)[:40]!r} is no day", "write 2026-11-25")
    return day


def _short(value: str) -> str:
    if len(value) > MAX_TEXT:
        raise wrong("obligation/long", f"longer than {MAX_TEXT} characters", "say it shorter")
    return value


Due = Annotated[str, AfterValidator(_due), _expression("72 hours")]
Text = Annotated[str, AfterValidator(_short)]
Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "examples": ["2026-11-25"]})
]


class SourceShape(Shape):
    """Where something of it was read."""

    url: Text = Field(description="Where it can be read")
    text: Literal["law", "summary"] = Field(
        description="law: its words were read, there or as quoted; summary: somebody's account of it"
    )
    says: Text = Field(default="", description="What it was read for")


class WhenShape(Shape):
    """Something that changes the duty."""

    when: Expression = Field(description="Expression over facts")
    why: Text = Field(description="What the law says of it")


class DueShape(Shape):
    """Another period in some cases."""

    when: Expression = Field(description="Expression over facts")
    due: Due = Field(description="The period then")


class StageShape(Shape):
    """One thing that must be sent."""

    kind: StageKind = Field(description="What kind of thing it is")
    to: Texts = Field(description="Who is told")
    anchor: str = Field(description="The fact it counts from, or `stage:NAME`: when that was delivered")
    due: Due = Field(description="72 hours, 30 days, 4 business days, 1 month, or without undue delay")
    due_if: tuple[DueShape, ...] = Field(default=(), description="Other periods; the first that holds")
    when: Expression = Field(default="yes", description="Further condition of this stage")
    first_day: FirstDay = Field(default="excluded", description="Whether the day of the anchor counts")
    roll: Roll = Field(default="none", description="What happens on a day without business")
    from_year_end: bool = Field(default=False, description="Count from the end of the anchor's year")
    customary: Text = Field(default="", description="What the regulator says besides; never a clock")
    confidence: Confidence | None = Field(default=None, description="Where it is not the whole law's")
    citation: Text = Field(default="", description="Article of this stage")
    needs: Texts = Field(default=(), description="What it must contain, in the regulator's order")


class ObligationFile(Shape):
    """obligations/NAME.yaml."""

    title: Text = Field(description="What people call it")
    jurisdiction: Text = Field(description="Country, union or state: JP, EU, US-CA; or whom you owe it")
    citation: Text = Field(description="Law and article, or contract and clause")
    as_of: Day = Field(description="The day for which this was written down")
    version: int = Field(default=1, ge=1, description="Counts up with every change")
    confidence: Confidence = Field(description="confirmed only where the words of the law were read")
    enabled: bool = Field(default=True, description="false: shown, and no clock runs")
    why_disabled: Text = Field(default="", description="Why no clock runs")
    sources: tuple[SourceShape, ...] = Field(default=(), description="Where it was read")
    zone: Timezone = Field(default="UTC", description="Time zone of the regulator")
    holidays: Annotated[str, AfterValidator(_holidays)] = Field(
        default="", description="Whose holidays: a country, or COUNTRY/PART"
    )
    closed: Annotated[tuple[str, ...], AfterValidator(_closed)] = Field(
        default=(), description="Further days of each year without business: 12-29"
    )
    who: Text = Field(default="", description="Who is obliged")
    applies: Expression = Field(description="Whether the law concerns the incident at all")
    trigger: Expression = Field(description="Threshold: whether it must be notified")
    exceptions: tuple[WhenShape, ...] = Field(default=(), description="When it need not be")
    languages: Texts = Field(default=(), description="Languages that are taken")
    notes: Texts = Field(default=(), description="What else a reader must know")
    stages: dict[Name, StageShape] = Field(description="What must be sent, in order")
