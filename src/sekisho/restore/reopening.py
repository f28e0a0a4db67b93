"""What a stage would let pass again: cut by the plan before it, and by nothing that is in force after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sekisho.contain.cutting import Cutting
from sekisho.contain.proposal import Ground, Proposal, propose
from sekisho.contain.severing import ask, sever
from sekisho.model.restrictions import Restriction

_AFTER = "after"


@dataclass(frozen=True, slots=True)
class Reopening:
    """A plan as it cuts now, and everything else that cuts after the stage."""

    proposal: Proposal
    before: Cutting
    after: tuple[Cutting, ...]

    def reopened(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Of the store's rows of connections that the plan cuts, those that nothing cuts afterwards."""
        for row in rows:
            ends = row["src_class"], row["dst_class"], row["protocol"], row["port"]
            if not any(one.cut(*ends) for one in self.after):
                yield row


def reopening(plan: str, before: Restriction, left: Restriction | None, ground: Ground) -> Reopening:
    """Work it out. `ground` is without the plan; `left` is what is held in its place."""
    others = dict(ground.in_force)
    if left is not None:
        others[_AFTER] = left
    on = replace(ground, in_force=others)
    proposal = propose(plan, before, on)
    atlas, standing = proposal.atlas, proposal.standing
    after = tuple(
        Cutting(sever(ask(one, on.inventory, on.policy, on.now), on.points, atlas), standing, atlas)
        for one in others.values()
    )
    return Reopening(proposal, Cutting(proposal.severed, standing, atlas), after)
