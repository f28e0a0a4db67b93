"""Which terminals are asked for what: a few of each end, for what answered somebody before.

By itself only a connection is tried that was seen, or that the register permits, so that an audit finds nothing
that was not there; and nothing at a place that must run or at a service that must never be cut. What a person
names is tried all the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.contain.probing.directions import Way
from sekisho.contain.severing import End
from sekisho.model.probes import Asking, Trial

MOST_OF_WAY, MOST_OF_AGENT, MOST_OF_SERVICE, MOST_AGENTS = 2, 3, 4, 60
"""Tries of one direction, of one terminal, of one service, and terminals of one probe."""
CONTROLS = 2
LOOKED_AT = 10
"""Services of a place that are looked at, the last that answered first, and terminals beside their users."""
Pair = tuple[int, Trial]
"""A terminal by its number, and what it tries."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A terminal that can be asked, from where the service hears it."""

    node: int
    hostname: str
    end: End
    place: str


@dataclass(frozen=True, slots=True)
class Service:
    """What answered: `clients` are ends to which it did, with the last time (aware UTC)."""

    trial: Trial
    end: End
    place: str
    clients: Mapping[End, datetime] = field(default_factory=dict)

    @property
    def last(self) -> float:
        """When it answered anybody last, 0 where that was never seen."""
        return max((at.timestamp() for at in self.clients.values()), default=0.0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be tried. `cut` says whether the plan cuts a connection, `kept` whether no plan does, both for
    what is begun by the first end; `permitted` whether the register permits it. `off` are services that are
    left alone, `resting` places. `proven` are pairs that answered in an earlier probe, `own` is the service
    for terminals itself, where its address is known."""

    cut: Callable[[End, End, int], bool]
    kept: Callable[[End, End, int], bool]
    permitted: Callable[[End, End, int], bool]
    off: Callable[[Service], bool] = lambda _service: False
    resting: Set[str] = frozenset()
    proven: Set[Pair] = frozenset()
    own: Trial | None = None
    lately: str = "lately"
    heard: str = "lately"


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is asked for what; `untried` says of the other directions why nobody tries them. `unpermitted` are
    tries that a person named, that nobody saw before and that the register does not permit."""

    asking: tuple[Asking, ...]
    untried: Mapping[Way, str]
    unpermitted: tuple[str, ...] = ()


def chosen(
    ways: Sequence[Way],
    agents: Iterable[Agent],
    services: Iterable[Service],
    named: Sequence[Service],
    terms: Terms,
) -> Choice:
    """Choose. `named` are services of a person's choice; where there are any, no others are tried."""
    return _Choosing(agents, services, named, terms).choose(ways)


class _Choosing:
    def __init__(
        self,
        agents: Iterable[Agent],
        services: Iterable[Service],
        named: Sequence[Service],
        terms: Terms,
    ) -> None:
        self._terms = terms
        self._named = {one.trial for one in named}
        self._agents: dict[str, list[Agent]] = defaultdict(list)
        self._by_end: dict[End, Agent] = {}
        self._by_node: dict[int, Agent] = {}
        for one in agents:
            self._agents[one.place].append(one)
            self._by_end.setdefault(one.end, one)
            self._by_node[one.node] = one
        given = list(services)
        # Services are compared many times, and each may have thousands of clients.
        self._last = {one.trial: one.last for one in (*given, *named)}
        ordered = sorted(given, key=lambda s: (s.trial.kind != "tls", -self._last[s.trial], s.trial))
        self._services: dict[str, list[Service]] = defaultdict(list)
        for service in named or ordered:
            self._services[service.place].append(service)
        self._all = [*named, *ordered]
        self._proven: dict[Trial, list[Agent]] = defaultdict(list)
        for node, trial in sorted(terms.proven):
            if node in self._by_node:
                self._proven[trial].append(self._by_node[node])
        self._users: dict[Trial, dict[str, list[Agent]]] = {}
        self._targets: dict[int, dict[Trial, str]] = defaultdict(dict)
        self._tries: Counter[Trial] = Counter()

    def choose(self, ways: Sequence[Way]) -> Choice:
        """One try for each direction first, then a second."""
        taken: dict[Way, list[tuple[Agent, Service]]] = {way: [] for way in ways}
        untried: dict[Way, str] = {}
        for _ in range(MOST_OF_WAY):
            for way, own in taken.items():
                why = "" if way in untried else self._way(way, own)
                if why and not own:
                    untried[way] = why
        asking = []
        for node, targets in sorted(self._targets.items()):
            agent = self._by_node[node]
            controls = self._controls(agent, set(targets.values()))
            where = str(agent.end[1])
            cut = tuple(targets.items())
            asking.append(Asking(node, agent.hostname, where, agent.place, cut, controls))
        return Choice(tuple(asking), untried, tuple(self._unpermitted(asking)))

    def _unpermitted(self, asking: Iterable[Asking]) -> Iterator[str]:
        services = {one.trial: one for one in self._all}
        for one in asking:
            for trial in one.trials:
                known = services.get(trial)
                if known is not None and not self._known(self._by_node[one.node], known):
                    yield f"{one.hostname} -> {trial.asked}"

    def _way(self, way: Way, own: list[tuple[Agent, Service]]) -> str:
        """Choose one more try of a direction; why there is none, '' where there is."""
        begin, end = way
        if not self._named and (resting := [p for p in way if p in self._terms.resting]):
            return f"{resting[0]} must run: name what may be tried there with --service"
        if not self._agents.get(begin):
            return f"no terminal of {begin} was heard {self._terms.heard}"
        full = f"more than {MOST_AGENTS} terminals would be asked, or one service too often"
        if self._full(begin):
            return full
        pairs = list(self._pairs(begin, end))
        if not pairs:
            return full if self._bound else self._nothing(begin, end)
        nodes = {agent.node for agent, _ in own}
        tried = {service.trial for _, service in own}

        def order(pair: tuple[Agent, Service]) -> tuple[object, ...]:
            # Another terminal and another service first: one of either may be broken for reasons of its own.
            agent, service = pair
            return (agent.node in nodes, service.trial in tried, *self._order(pair))

        free = [
            (agent, service)
            for agent, service in pairs
            if service.trial not in self._targets.get(agent.node, ())
            and self._room(agent, service.trial)
        ]
        if not free:
            return full
        agent, service = min(free, key=order)
        self._targets[agent.node][service.trial] = end
        self._tries[service.trial] += 1
        own.append((agent, service))
        return ""

    def _full(self, begin: str) -> bool:
        """Whether no terminal of a place may be asked for more."""
        return self._bound and not any(
            len(asked) < MOST_OF_AGENT and self._by_node[node].place == begin
            for node, asked in self._targets.items()
        )

    @property
    def _bound(self) -> bool:
        return len(self._targets) >= min(MOST_AGENTS, len(self._by_node))

    def _pairs(self, begin: str, end: str) -> Iterator[tuple[Agent, Service]]:
        looked = 0
        for service in self._services.get(end, ()):
            mine = service.trial in self._named
            if looked >= LOOKED_AT:
                return
            if not mine and self._terms.off(service):
                continue
            found = [
                agent
                for agent in self._near(begin, service)
                if self._terms.cut(agent.end, service.end, service.trial.port)
            ]
            looked += bool(found)
            for agent in found:
                if mine or self._known(agent, service):
                    yield agent, service

    def _near(self, begin: str, service: Service) -> Iterable[Agent]:
        """The terminals of a place that had an answer of a service, and some others."""
        users = self._users.get(service.trial)
        if users is None:
            users = self._users[service.trial] = self._by_place(service)
        near = dict.fromkeys((*users.get(begin, ()), *self._agents[begin][:LOOKED_AT]))
        if self._bound:
            return [agent for agent in near if self._room(agent, service.trial)]
        return near

    def _by_place(self, service: Service) -> dict[str, list[Agent]]:
        users = sorted(
            (agent for end in service.clients if (agent := self._by_end.get(end)) is not None),
            key=lambda agent: (-service.clients[agent.end].timestamp(), agent.node),
        )
        found: dict[str, list[Agent]] = defaultdict(list)
        for agent in (*self._proven[service.trial], *users):
            if len(found[agent.place]) < LOOKED_AT:
                found[agent.place].append(agent)
        return found

    def _known(self, agent: Agent, service: Service) -> bool:
        if (agent.node, service.trial) in self._terms.proven or agent.end in service.clients:
            return True
        return self._terms.permitted(agent.end, service.end, service.trial.port)

    def _order(self, pair: tuple[Agent, Service]) -> tuple[object, ...]:
        agent, service = pair
        return (
            (agent.node, service.trial) not in self._terms.proven,
            agent.end not in service.clients,
            service.trial.kind != "tls",
            -self._last[service.trial],
            self._tries[service.trial],
            len(self._targets.get(agent.node, ())),
            service.trial,
            agent.node,
        )

    def _room(self, agent: Agent, trial: Trial) -> bool:
        asked = self._targets.get(agent.node)
        if asked is None and len(self._targets) >= MOST_AGENTS:
            return False
        return len(asked or ()) < MOST_OF_AGENT and self._tries[trial] < MOST_OF_SERVICE

    def _controls(self, agent: Agent, ends: Set[str]) -> tuple[Trial, ...]:
        """What is kept and answers: behind the same gateway if anything is, else where the terminal stands."""

        def order(service: Service) -> tuple[object, ...]:
            return (
                service.trial not in self._named,
                (agent.node, service.trial) not in self._terms.proven,
                service.place not in ends,
                service.place != agent.place,
                agent.end not in service.clients,
                service.trial.kind != "tls",
                -self._last[service.trial],
                service.trial,
            )

        found: dict[Trial, None] = {}
        for service in sorted(self._all, key=order):
            if len(found) >= CONTROLS:
                break
            mine = service.trial in self._named
            if service.end == agent.end or (not mine and self._off(service)):
                continue
            if not (mine or self._known(agent, service)):
                continue
            if self._terms.kept(agent.end, service.end, service.trial.port):
                found[service.trial] = None
        if self._terms.own is not None and len(found) < CONTROLS:
            found[self._terms.own] = None
        return tuple(found)

    def _off(self, service: Service) -> bool:
        return service.place in self._terms.resting or self._terms.off(service)

    def _nothing(self, begin: str, end: str) -> str:
        if self._named:
            return f"nothing that was named is at {end} and cut from {begin}"
        if not self._services.get(end):
            return f"no TLS or web service of {end} answered anybody {self._terms.lately}"
        return (
            f"no terminal of {begin} used a TLS or web service of {end} that is cut, and the register"
            " permits none of them"
        )
