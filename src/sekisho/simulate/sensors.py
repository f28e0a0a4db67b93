"""The sensors of the company: where they stand, what they write, when they are off or fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sekisho.model.protocols import TCP
from sekisho.simulate.base import DAY, HOUR, MINUTE, SECOND, Dice
from sekisho.simulate.calendar import Calendar
from sekisho.simulate.company import LOCAL, Company
from sekisho.simulate.flows import Array

Format = Literal["zeek-tsv", "zeek-json", "nfdump-csv"]


@dataclass(frozen=True, slots=True)
class Outage:
    """A sensor recorded nothing of what touched this time. `crash`: its log lacks the closing line."""

    begin: int
    end: int
    crash: bool


@dataclass(frozen=True, slots=True)
class Probe:
    """One sensor. Times are microseconds; `offset` is what its clock adds to the truth."""

    name: str
    site: int
    format: Format
    sees: tuple[str, ...] = ("edge", "internet")
    offset: int = 0
    rotation: int = DAY
    gz: bool = False
    timezone: str = "UTC"
    active: int = 300 * SECOND
    keys: str = "."
    realm: str = ""
    address: str = ""
    outages: tuple[Outage, ...] = ()

    @property
    def kind(self) -> str:
        """The family of formats that sites.yaml names."""
        return "netflow" if self.format == "nfdump-csv" else "zeek"


def place_sensors(company: Company, calendar: Calendar, dice: Dice) -> list[Probe]:
    """One sensor at the border of every site but one, two inside; a third of them with an outage."""
    hourly = HOUR if calendar.days > 20 else DAY
    nf: Format = "nfdump-csv"

    def probe(name: str, site: str, form: Format, offset_ms: float, **more: Any) -> Probe:
        row = company.site(site)
        place = company.places[row]
        return Probe(
            name,
            row,
            form,
            offset=int(offset_ms * 1000),
            realm=place.realm,
            address=f"{place.v4}.0.1",
            **more,
        )

    probes = [
        probe("jp-hq-edge", "jp-hq", "zeek-tsv", 0.4, rotation=hourly, gz=True),
        probe("jp-hq-inside", "jp-hq", "zeek-tsv", -1.1, sees=("inside",)),
        probe("jp-kobe-edge", "jp-kobe", "zeek-json", -6.2),
        probe("jp-dc-edge", "jp-dc", "zeek-tsv", 13.6, rotation=hourly),
        probe("th-plant-edge", "th-plant", nf, 2_350, timezone="Asia/Bangkok"),
        probe("ph-plant-edge", "ph-plant", "zeek-tsv", -840, gz=True),
        probe("id-plant-edge", "id-plant", nf, 137_000, timezone="Asia/Jakarta", active=1800 * SECOND),
        probe("cn-plant-edge", "cn-plant", "zeek-json", -31, keys="_"),
        probe(
            "in-eng-edge", "in-eng", "zeek-tsv", 55, rotation=HOUR if calendar.days > 20 else 6 * HOUR
        ),
        probe("us-plant-edge", "us-plant", "zeek-tsv", -92_000),
        probe("us-sales-edge", "us-sales", nf, 400, active=1800 * SECOND),
        probe("de-office-edge", "de-office", "zeek-json", 3.3, gz=True),
        probe("uk-office-edge", "uk-office", nf, -18),
        probe("us-aero-edge", "us-aero", "zeek-tsv", 210),
        probe("us-aero-mill-edge", "us-aero-mill", "zeek-tsv", 27),
        probe("us-aero-mill-inside", "us-aero-mill", "zeek-json", 1.9, sees=("inside",)),
        probe("ca-aero-edge", "ca-aero", nf, -1_200),
    ]
    rng = dice.stream("outages")
    failing = set(rng.choice(len(probes), size=5, replace=False).tolist())
    return [
        _with_outage(p, calendar, np.random.default_rng(rng.integers(1 << 62))) if k in failing else p
        for k, p in enumerate(probes)
    ]


def _with_outage(probe: Probe, calendar: Calendar, rng: np.random.Generator) -> Probe:
    begin = calendar.begin + int((0.15 + 0.7 * rng.random()) * calendar.days * DAY) // MINUTE * MINUTE
    length = int(rng.integers(130, 560)) * MINUTE
    fields = {name: getattr(probe, name) for name in Probe.__dataclass_fields__}
    return Probe(**fields | {"outages": (Outage(begin, begin + length, bool(rng.random() < 0.5)),)})


def latency(src_where: Array, dst_where: Array) -> Array:
    """One-way delay between two places, microseconds; the same for every flow between them."""
    return np.asarray((3 + (np.abs(src_where - dst_where) * 37) % 118) * 1000)


def observe(probe: Probe, flows: Array, where: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Rows of `flows` that the sensor records, and their start by its own clock.

    What touches an outage is lost as a whole. The responder's side sees a flow one delay later.
    """
    src, dst = where[flows["src"]], where[flows["dst"]]
    here, there = src == probe.site, dst == probe.site
    inside = here & (there | (dst == LOCAL))
    seen = inside if "inside" in probe.sees else here != there
    if probe.format == "nfdump-csv":
        seen &= dst != LOCAL
    end = flows["start"] + flows["duration"]
    for outage in probe.outages:
        seen &= (end < outage.begin) | (flows["start"] >= outage.end)
    rows = np.flatnonzero(seen)
    some = flows[rows]
    delay = np.where(there[rows] & ~here[rows], latency(src[rows], dst[rows]), 0)
    jitter = rng.normal(0.0, 180.0, len(rows)).astype(np.int64)
    # A SYN that is repeated within one record keeps its order whatever the clock does.
    jitter[some["proto"] != TCP] //= 2
    return rows, some["start"] + delay + probe.offset + jitter
