"""The company's register of permits as values: judged here for the truth, written as policy.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sekisho.model.protocols import ICMP, ICMP6
from sekisho.model.services import SERVICES, PortRange
from sekisho.model.validity import whole_days
from sekisho.simulate.base import DAY
from sekisho.simulate.calendar import moment
from sekisho.simulate.company import Company, in_prefix

Outcome = Literal["authorized", "unauthorized", "lapsed"]


@dataclass(frozen=True, slots=True)
class Permit:
    """One rule. Selectors and services are the texts of the policy language, no lists inside a text."""

    id: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: tuple[str, ...]
    owner: str
    ticket: str
    why: str
    approved_by: tuple[tuple[str, str], ...] = ()
    begin: date | None = None
    expires: date | None = None
    tier: Literal["essential", "normal"] = "normal"

    @property
    def allow(self) -> str:
        """The rule in the policy language."""
        return (
            f"{', '.join(self.sources)} -> {', '.join(self.destinations)} : {', '.join(self.services)}"
        )


def ranges(service: str) -> tuple[PortRange, ...]:
    """Port ranges of a service text: a named service, `any`, `icmp`, `tcp/443` or `udp/500-510`."""
    if service == "any":
        return (PortRange(None),)
    if service == "icmp":
        return (PortRange(ICMP, 0, 0), PortRange(ICMP6, 0, 0))
    if service in SERVICES:
        return SERVICES[service].ranges
    label, _, span = service.partition("/")
    low, _, high = span.partition("-")
    return (PortRange({"tcp": 6, "udp": 17}[label], int(low), int(high or low)),)


def selects(company: Company, selector: str, row: int) -> bool:
    """Whether a selector text means that host."""
    host = company.hosts[row]
    if selector == "*":
        return host.site >= 0
    if selector.startswith("asset:"):
        return host.name == selector.removeprefix("asset:")
    if host.site < 0:
        return False
    if selector.endswith("/*"):
        return company.places[host.site].name == selector.removesuffix("/*")
    if selector in company.groups:
        return company.places[host.site].name == selector.partition("/")[0] and any(
            in_prefix(host.address, text) for text in company.groups[selector]
        )
    return in_prefix(host.address, selector)


class Register:
    """The permits of one company, asked one connection at a time; answers are remembered."""

    def __init__(self, company: Company, permits: Sequence[Permit]) -> None:
        self.company = company
        self.permits = tuple(permits)
        self._ranges = [tuple(r for text in p.services for r in ranges(text)) for p in permits]
        self._validity = [whole_days(p.begin, p.expires) for p in permits]
        self._known: dict[tuple[int, int, int, int], tuple[int, ...]] = {}

    def judge(self, src: int, dst: int, protocol: int, port: int, at: int) -> Outcome:
        """What the register says of an established flow between two hosts that starts at `at`."""
        key = (src, dst, protocol, port)
        if key not in self._known:
            self._known[key] = tuple(self._matching(*key))
        if not self._known[key]:
            return "unauthorized"
        when = moment(at)
        if any(self._validity[number].holds(when) for number in self._known[key]):
            return "authorized"
        return "lapsed"

    def _matching(self, src: int, dst: int, protocol: int, port: int) -> Iterable[int]:
        for number, permit in enumerate(self.permits):
            if (
                any(span.covers(protocol, port) for span in self._ranges[number])
                and any(selects(self.company, text, src) for text in permit.sources)
                and any(selects(self.company, text, dst) for text in permit.destinations)
            ):
                yield number


def day_of(at: int) -> date:
    """The UTC day of a time of the simulation."""
    return moment(at - at % DAY).date()
