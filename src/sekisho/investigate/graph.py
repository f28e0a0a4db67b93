"""The steps as a graph in which time only runs forwards, and the best paths through it.

A node is a step, an edge leads to a step that its head took later. So a path through the graph respects
time by itself, an address may come back in it, and no cycle can.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log10

import rustworkx as rx

from sekisho.investigate.moments import HOUR
from sekisho.investigate.steps import Scored

BEST, MOST = 3, 60
"""Paths to one last step, and in all but those without which a step would be in none."""
LONGEST = 32


@dataclass(frozen=True, slots=True)
class Route:
    """Steps in order of time, each taken by the host that the one before led to."""

    steps: tuple[Scored, ...]

    @property
    def score(self) -> float:
        """The likelihood of its weakest step."""
        return min(scored.likelihood for scored in self.steps)


class StepGraph:
    """Steps by time. `after` and `before` a host say what a step leads to and rests on."""

    def __init__(self, steps: Iterable[Scored]) -> None:
        self.steps: Sequence[Scored] = sorted(steps, key=lambda s: (s.at, s.step.row))
        self.graph: rx.PyDiGraph[int, float] = rx.PyDiGraph(check_cycle=False, multigraph=False)
        self.graph.add_nodes_from(list(range(len(self.steps))))
        leading: dict[int, list[int]] = {}
        for number, later in enumerate(self.steps):
            for earlier in leading.get(later.step.tail, ()):
                self.graph.add_edge(earlier, number, _pause(self.steps[earlier], later))
            leading.setdefault(later.step.head, []).append(number)

    def parts(self) -> list[list[Scored]]:
        """Steps that hang together, in order of time."""
        return [
            [self.steps[n] for n in sorted(part)] for part in rx.weakly_connected_components(self.graph)
        ]

    def steps_from(self, host: int) -> set[Scored]:
        """The steps of a host, and what came of them."""
        own = [n for n, scored in enumerate(self.steps) if scored.step.tail == host]
        found = {*own}.union(*(rx.descendants(self.graph, n) for n in own))
        return {self.steps[n] for n in found}

    def routes(self) -> list[Route]:
        """The likeliest paths to every last step, and to each step that is in none of them; the best score
        first."""
        ending = self._best()
        last = [n for n in range(len(self.steps)) if not self.graph.out_degree(n)]
        ranked = sorted(
            (found for n in last for found in ending[n]), key=lambda found: (-found[0], found[1])
        )
        kept = [path for _, path in ranked[:MOST]]
        seen = {n for path in kept for n in path}
        for n in reversed(range(len(self.steps))):
            if n not in seen:
                kept.append(ending[n][0][1])
                seen.update(kept[-1])
        found = [Route(tuple(self.steps[n] for n in path)) for path in kept]
        return sorted(found, key=lambda route: -route.score)

    def _best(self) -> list[list[tuple[float, tuple[int, ...]]]]:
        """Of each step the best paths that end with it: sum of logarithms, and the steps. A path does not
        come back to a host that it was at."""
        best: list[list[tuple[float, tuple[int, ...]]]] = [[] for _ in self.steps]
        for n in rx.topological_sort(self.graph):
            own = log10(max(self.steps[n].likelihood, 1e-9))
            head = self.steps[n].step.head
            found = [
                (score + own + self.graph.get_edge_data(earlier, n), (*path, n))
                for earlier in self.graph.predecessor_indices(n)
                for score, path in best[earlier]
                if len(path) < LONGEST and all(self.steps[m].step.tail != head for m in path)
            ]
            best[n] = sorted(found, key=lambda one: (-one[0], one[1]))[:BEST] or [(own, (n,))]
        return best


def _pause(earlier: Scored, later: Scored) -> float:
    """What a pause costs: of two ways to a host, the one that was used lately."""
    return -0.1 * log10(1.0 + max(0, later.at - earlier.at) / (6 * HOUR))
