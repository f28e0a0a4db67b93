"""What an audit of a world must say, worked out flow by flow from the words of the reference.

Slow and plain on purpose. Where the words leave a choice (which of two sensors of one site dates a flow,
evidence within an hour of the edge of a rule of hours) the expectation holds every answer allowed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from tests.journeys.oracle.world import (
    BASE,
    DAY,
    DAYS,
    HOUR,
    ICMP,
    ICMP6,
    TCP,
    UDP,
    Rule,
    Sensor,
    Talk,
    World,
)

NAMED = {
    "smb": ["tcp/445"],
    "rdp": ["tcp/3389"],
    "winrm": ["tcp/5985-5986"],
    "dns": ["udp/53", "tcp/53"],
    "ssh": ["tcp/22"],
    "ntp": ["udp/123"],
}
NOT_GLOBAL = [
    ip_network(text)
    for text in (
        "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "198.51.100.0/24",
        "2001:db8::/32", "fc00::/7",
    )
]  # fmt: skip
"""Of the registries, what the worlds use; local addresses are told apart before."""
LOCAL = [
    ip_network(text)
    for text in (
        "0.0.0.0/32", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "::/128", "fe80::/10",
        "ff00::/8",
    )
]  # fmt: skip
RANK = ("intra_site", "external", "authorized", "unmapped", "attempted", "lapsed", "unauthorized")
FINDINGS = ("unmapped", "attempted", "lapsed", "unauthorized")
ONE_WAY = 4096
Key = tuple[str, str, str, str, int]


@dataclass
class Flow:
    """A conversation with its verdict; `at` is by the clock of the initiator's side where it saw it."""

    talk: Talk
    key: Key
    at: int
    possible: set[int]
    established: bool
    verdict: str
    src_site: str | None
    dst_site: str | None


@dataclass
class Expected:
    """A finding, or a connection that is none. Sets hold every value allowed; empty is any."""

    verdict: str
    sites: tuple[str | None, str | None] = (None, None)
    flows: int = 0
    established: int = 0
    days: int = 0
    first: set[int] = field(default_factory=set)
    last: set[int] = field(default_factory=set)
    onset: set[int] = field(default_factory=set)
    onset_kind: set[str] = field(default_factory=set)
    sensors: set[str] = field(default_factory=set)
    seen_at: set[str] = field(default_factory=set)
    bytes: tuple[int, int] = (0, 0)


class Judge:
    """Judges a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.active = [rule for rule in world.rules if not rule.proposed]
        self.flows = [self._flow(talk) for talk in world.talks]
        self._promote()
        for flow in self.flows:
            flow.verdict = self._verdict(flow)

    def _flow(self, talk: Talk) -> Flow:
        src, dst = (
            self.site(talk.realm, talk.src, talk.start),
            self.site(talk.realm, talk.dst, talk.start),
        )
        own = [v.start for v in talk.views if src and self.world.sensors[v.sensor].site == src]
        possible = set(own or [view.start for view in talk.views])
        established = talk.outcome == "full"
        name = {ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMP6: "icmp6"}.get(talk.protocol, "gre")
        key = (talk.realm, talk.src, talk.dst, name, talk.port)
        return Flow(talk, key, min(possible), possible, established, "", src, dst)

    def _promote(self) -> None:
        """4 KiB one way within a connection-day, in records that were neither denied nor reset."""
        day: dict[tuple[Key, int], list[Flow]] = defaultdict(list)
        for flow in self.flows:
            if flow.talk.outcome in ("silent", "half"):
                day[flow.key, flow.at // DAY].append(flow)
        for flows in day.values():
            if any(sum(f.talk.bytes[way] for f in flows) >= ONE_WAY for way in (0, 1)):
                for flow in flows:
                    flow.established = True

    def site(self, realm: str, text: str, at: int) -> str | None:
        """The site with the longest prefix that holds an address at a time.

        What the internet knows by an address is the same from every realm.
        """
        address = ip_address(text)
        held = [
            (member.prefix.prefixlen, site.name)
            for site in self.world.sites.values()
            if site.realm == realm and site.span.holds(at)
            for member in site.prefixes
            if member.holds(address, at)
        ]
        if not held and realm and not is_in(NOT_GLOBAL, text) and not is_in(LOCAL, text):
            return self.site("", text, at)
        return max(held)[1] if held else None

    def _verdict(self, flow: Flow) -> str:
        talk, at = flow.talk, flow.at
        ends = {talk.src: flow.src_site, talk.dst: flow.dst_site}
        outside = [address for address, site in ends.items() if site is None]
        local = [address for address in outside if is_in(LOCAL, address)]
        if local:
            return "intra_site" if local == outside else "unmapped"
        if not all(self._can_be_named(talk.realm, address, at) for address in outside):
            return "unmapped"
        if len(outside) == 2:
            return "unmapped"
        if outside:
            (name,) = [site for site in ends.values() if site is not None]
            if (self.world.sites[name].external or self.world.external) == "observe":
                return "external"
        elif flow.src_site == flow.dst_site and not self._rules_inside(flow.src_site):
            return "intra_site"
        matching = [rule for rule in self.active if self._allows(rule, talk, at)]
        if any(rule.span.holds(at) for rule in matching):
            return "authorized"
        if not flow.established:
            return "attempted"
        return "lapsed" if matching else "unauthorized"

    def _can_be_named(self, realm: str, text: str, at: int) -> bool:
        """Whether an address in no site is an outside party: routable, or in a zone."""
        return not is_in(NOT_GLOBAL, text) or any(
            self._in_zone(zone, realm, text, at) for zone in self.world.zones
        )

    def _in_zone(self, zone: str, realm: str, text: str, at: int) -> bool:
        """Zones lie in the default realm; the internet is the same from every realm."""
        address = ip_address(text)
        return (realm == "" or not is_in(NOT_GLOBAL, text)) and any(
            member.holds(address, at) for member in self.world.zones[zone]
        )

    def _rules_inside(self, site: str | None) -> bool:
        """Whether the policy judges within a site: it names it, or says `audit` and has rules inside it."""
        said = self.world.intra_site
        if site is None or said is None:
            return False
        return (
            site in said
            if said != "audit"
            else any(
                any(self._touches(s, site) for s in rule.sources)
                and any(self._touches(s, site) for s in rule.destinations)
                for rule in self.active
            )
        )

    def _touches(self, selector: str, site: str) -> bool:
        if selector == "*":
            return True
        if selector in ("internet",) or selector.startswith("zone:"):
            return False
        if selector.startswith("asset:"):
            name = selector.removeprefix("asset:")
            return any(a.site == site for a in self.world.assets if a.hostname == name)
        if selector.split("/")[0] in self.world.sites:
            return selector.split("/")[0] == site
        realm, _, text = selector.partition(":") if selector.startswith("acq:") else ("", "", selector)
        place = self.world.sites[site]
        wanted: Any = ip_network(text)
        return place.realm == realm and any(
            wanted.version == m.prefix.version and wanted.subnet_of(m.prefix) for m in place.prefixes
        )

    def _allows(self, rule: Rule, talk: Talk, at: int) -> bool:
        return (
            any(self._selects(s, talk.realm, talk.src, at) for s in rule.sources)
            and any(self._selects(s, talk.realm, talk.dst, at) for s in rule.destinations)
            and any(self._serves(s, talk.protocol, talk.port) for s in rule.services)
        )

    def _selects(self, selector: str, realm: str, text: str, at: int) -> bool:
        address, site = ip_address(text), self.site(realm, text, at)
        if selector == "*":
            return site is not None
        if selector == "internet":
            return site is None and not is_in(NOT_GLOBAL, text)
        if selector.startswith("zone:"):
            zone = selector.removeprefix("zone:")
            return site is None and self._in_zone(zone, realm, text, at)
        if selector.startswith("asset:"):
            return any(
                a.hostname == selector.removeprefix("asset:")
                and (a.realm, a.address) == (realm, text)
                and a.span.holds(at)
                for a in self.world.assets
            )
        name, _, group = selector.partition("/")
        if name in self.world.sites:
            return site == name and (
                group == "*" or any(m.holds(address, at) for m in self.world.groups[selector])
            )
        wanted, _, prefix = (
            selector.partition(":") if selector.startswith("acq:") else ("", "", selector)
        )
        network: Any = ip_network(prefix)
        return realm == wanted and network.version == address.version and address in network

    def _serves(self, service: str, protocol: int, port: int) -> bool:
        if service == "any":
            return True
        if service == "icmp":
            return protocol in (ICMP, ICMP6)
        for span in self.world.services.get(service) or NAMED.get(service) or [service]:
            name, _, ports = span.partition("/")
            low, _, high = ports.partition("-")
            if protocol == {"tcp": TCP, "udp": UDP}[name] and int(low) <= port <= int(high or low):
                return True
        return False

    def audit(
        self,
        begin: int | None = None,
        end: int | None = None,
        sites: Iterable[str] = (),
        pair: tuple[str, str] | None = None,
    ) -> tuple[dict[str, int], dict[Key, Expected]]:
        """Totals, and each connection with flows in the window and its ends, as judged, in the scope."""
        wanted = set(sites)
        inside: dict[Key, list[Flow]] = defaultdict(list)
        before: dict[Key, list[Flow]] = defaultdict(list)
        for flow in sorted(self.flows, key=lambda one: one.at):
            if begin is not None and flow.at < begin:
                before[flow.key].append(flow)
            elif end is None or flow.at < end:
                inside[flow.key].append(flow)
        totals = dict.fromkeys(("flows", "connections", *RANK), 0)
        found = {}
        for key, flows in inside.items():
            worst = max(flows, key=lambda flow: RANK.index(flow.verdict))
            ends = {worst.src_site, worst.dst_site}
            if (wanted and not wanted & ends) or (pair and set(pair) != ends):
                continue
            found[key] = self._connection(flows, worst, before[key])
            totals["flows"] += len(flows)
            totals["connections"] += 1
            totals[worst.verdict] += 1
        return totals, found

    def _connection(self, flows: list[Flow], worst: Flow, before: list[Flow]) -> Expected:
        """From flows in order of time; `worst` is the first of the worst of them."""
        expected = Expected(worst.verdict, (worst.src_site, worst.dst_site))
        bad = [flow for flow in flows if flow.verdict in FINDINGS]
        if not bad or worst.verdict not in FINDINGS:
            return expected
        onset = next((flow for flow in bad if flow.established), bad[0])
        expected.flows = len(bad)
        expected.established = sum(flow.established for flow in bad)
        expected.days = len({flow.at // DAY for flow in bad})
        expected.first, expected.onset = bad[0].possible, onset.possible
        expected.last = {
            at for f in bad for v in f.talk.views for at in (v.start, v.end) if v.end >= bad[-1].at
        }
        expected.sensors = {view.sensor for flow in bad for view in flow.talk.views}
        expected.onset_kind = self._onset_kind(bad[0], worst, expected.sensors)
        if any(flow.verdict in FINDINGS for flow in before):
            # Whoever looks only at a window did not see it begin.
            expected.onset_kind = {"on_or_before"} if before[0].verdict in FINDINGS else set()
        expected.seen_at = self._seen_at(bad)
        expected.bytes = (sum(f.talk.bytes[0] for f in bad), sum(f.talk.bytes[1] for f in bad))
        return expected

    def _watchers(self, flow: Flow) -> list[Sensor]:
        ends = {flow.src_site, flow.dst_site}
        return [s for s in self.world.sensors.values() if s.site in ends]

    def _onset_kind(self, flow: Flow, judged: Flow, saw: set[str]) -> set[str]:
        """`on_or_before` within 24 h of where the evidence of those that could see it starts, or starts
        again."""
        watchers = {sensor.name for sensor in self._watchers(judged)} | saw
        hours = range(BASE // HOUR - 1, (BASE + DAYS * DAY) // HOUR + 1)
        lit = {hour for hour in hours if any(self.recorded(name, hour) for name in watchers)}
        hour = flow.at // HOUR
        if hour not in lit:
            return set()
        run = hour
        while run - 1 in lit:
            run -= 1
        if abs(flow.at - run * HOUR - DAY) <= HOUR:
            return set()
        return {"on_or_before" if flow.at - run * HOUR < DAY else "observed"}

    def recorded(self, sensor: str, hour: int) -> bool:
        """Whether a sensor has a record in an hour, by its own clock."""
        if not hasattr(self, "_hours"):
            self._hours = {
                (view.sensor, view.start // HOUR) for talk in self.world.talks for view in talk.views
            }
        return (sensor, hour) in self._hours

    def _seen_at(self, flows: list[Flow]) -> set[str]:
        """Where both ends' borders were watched: who recorded it. Any answer where flows differ."""
        answers = set()
        for flow in flows:
            ends = {flow.src_site, flow.dst_site}
            begin, end = flow.at // HOUR, max(v.end for v in flow.talk.views) // HOUR
            live, later = (
                frozenset(s.site for s in self._watchers(flow) if self.recorded(s.name, hour))
                for hour in (begin, end)
            )
            if live != later:
                return set()
            saw = {self.world.sensors[view.sensor].site for view in flow.talk.views}
            if None in ends or not ends <= live or not ends & saw:
                answer = "single"
            elif ends <= saw:
                answer = "both"
            else:
                answer = "source_only" if flow.src_site in saw else "destination_only"
            answers.add((answer, live, flow.src_site, flow.dst_site))
        return {answer for answer, *_ in answers} if len(answers) == 1 else set()


def is_in(networks: Iterable[Any], text: str) -> bool:
    """Whether an address is in one of the networks."""
    address = ip_address(text)
    return any(address.version == n.version and address in n for n in networks)
