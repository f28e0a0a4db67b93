"""Which sensors could have seen a connection, which did, and what that says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sekisho.audit.coverage import Coverage
from sekisho.model.sites import Sees, Sensor
from sekisho.model.verdicts import SeenAt


@dataclass(frozen=True, slots=True)
class View:
    """One sensor's own account of a connection's violating flows, in its own uncorrected time."""

    sensor: str
    flows: int
    established: int
    first: datetime
    last: datetime
    first_established: datetime | None


class Sight:
    """What the sensors of the inventory are placed to see.

    `src` and `dst` are sites, None for an end outside of all sites. `outside` says that the end
    without a site is an outside party (globally routable or a zone), not merely unmapped.
    """

    def __init__(self, sensors: Mapping[str, Sensor]) -> None:
        self.sensors = sensors
        self.able = cache(self._able)
        self.edge = cache(self._edge)

    def _edge(self, site: str | None) -> frozenset[str]:
        """Sensors that see what crosses the border of a site to other sites."""
        return self._at(site, "edge")

    def _at(self, site: str | None, *kinds: Sees) -> frozenset[str]:
        return frozenset(
            name
            for name, sensor in self.sensors.items()
            if site is not None and sensor.site == site and sensor.sees & set(kinds)
        )

    def _able(self, src: str | None, dst: str | None, outside: bool) -> frozenset[str]:
        if src is not None and src == dst:
            return self._at(src, "inside")
        if src is None or dst is None:
            # An unmapped address may hide in the company's own network: either border may show it.
            kinds: tuple[Sees, ...] = ("internet",) if outside else ("internet", "edge")
            return self._at(src, *kinds) | self._at(dst, *kinds)
        transit = frozenset(
            name
            for name, sensor in self.sensors.items()
            if "transit" in sensor.sees and sensor.site not in (src, dst)
        )
        return self.edge(src) | self.edge(dst) | transit


def seen_at(
    views: Iterable[View],
    source_edge: frozenset[str],
    destination_edge: frozenset[str],
    coverage: Coverage,
) -> SeenAt:
    """Who recorded it, where both ends have a sensor that was looking when it happened.

    An end was looking when one of its edge sensors recorded the connection, or had coverage at an
    instant at which somebody saw it.
    """
    if not (source_edge and destination_edge):
        return "single"
    rows = list(views)
    instants = {at for v in rows for at in (v.first, v.last, v.first_established) if at is not None}
    recorded = {v.sensor for v in rows}

    def looking(sensors: frozenset[str]) -> bool:
        return bool(sensors & recorded) or any(
            coverage.alive(sensor, at) for sensor in sensors for at in instants
        )

    if not (looking(source_edge) and looking(destination_edge)):
        return "single"
    source, destination = bool(source_edge & recorded), bool(destination_edge & recorded)
    if source and destination:
        return "both"
    if source:
        return "source_only"
    return "destination_only" if destination else "single"
