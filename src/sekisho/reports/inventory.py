"""What a report says about sites and sensors that findings alone do not tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class _Site(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def country(self) -> str: ...


class _Sensor(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def site(self) -> str: ...


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """A site's name for people and its country."""

    title: str
    country: str


@dataclass(frozen=True, slots=True)
class InventorySummary:
    """Sites by name, and the site of each sensor."""

    sites: Mapping[str, SiteSummary] = field(default_factory=dict)
    sensors: Mapping[str, str] = field(default_factory=dict)


def summarise(sites: Iterable[_Site], sensors: Iterable[_Sensor]) -> InventorySummary:
    """What a report needs of the inventory, from the values of its `sites` and `sensors`."""
    return InventorySummary(
        {site.name: SiteSummary(site.title, site.country) for site in sites},
        {sensor.name: sensor.site for sensor in sensors},
    )
