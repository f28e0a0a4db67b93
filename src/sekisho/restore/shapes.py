"""What stands in restore.yaml, as shapes: they check it, and the editor's JSON Schema is made of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from sekisho.inventory.located import Shape


def _nothing_is_empty(value: object) -> object:
    return {} if value is None else value


class QuietShape(Shape):
    """How long it must have been quiet, and how much of that must have been recorded."""

    days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        default=None, description="UTC days without a violation, each recorded at both ends"
    )
    coverage: Annotated[float, Field(gt=0, le=100)] | None = Field(
        default=None, description="Percent of a day's hours that must have been recorded at each end"
    )


class GatesShape(Shape):
    """What gates ask for."""

    quiet: QuietShape | None = Field(default=None, description="Quiet days with coverage")


Gates = Annotated[GatesShape, BeforeValidator(_nothing_is_empty)]


class RestoreFile(Shape):
    """restore.yaml."""

    gates: Gates = Field(default=GatesShape(), description="What every stage must show")
    links: Annotated[dict[str, Gates], BeforeValidator(_nothing_is_empty)] = Field(
        default={}, description="What single links must show, such as `th-plant <-> jp-hq`"
    )
