"""Proposed rules from observed connections, for a company that has no register yet.

What was observed is not thereby right: a proposal authorises nothing until an owner signs it, names
the flows that it comes from, and says what must not be approved blindly. It is never wider than what
exists already and was seen to be used, else than a small prefix, and never wider than the ports seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sekisho.model.rules import Rule
from sekisho.model.validity import Validity, in_utc, midnight
from sekisho.policy.cautions import cautions
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.drafts import Draft, drafts
from sekisho.policy.ends import Ends, Limits
from sekisho.policy.observed import Observed, Window
from sekisho.policy.places import Places
from sekisho.policy.proposal_ids import Ids, proposed_id
from sekisho.policy.proposals import Proposal
from sekisho.policy.screening import REASONS, Screened, screen
from sekisho.policy.suggestions import LeftOut, Suggested, SuggestionsDocument
from sekisho.policy.unit import Own, unit_of, written

FAN_OUT = 100
"""Destinations of one service, or ports of one destination, that make a source a scanner."""
EXAMPLES = 5
"""Connections shown of those left out for one reason."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Proposals in a fixed order, and everything that was left out, by reason."""

    proposals: tuple[Proposal, ...]
    left: Screened
    observed: int

    def document(self) -> SuggestionsDocument:
        """The same as a document."""
        return SuggestionsDocument(
            observed=self.observed,
            covered=len(self.left.chosen),
            proposals=tuple(_suggested(proposal) for proposal in self.proposals),
            left_out=tuple(
                LeftOut(
                    reason=reason,
                    text=REASONS[reason],
                    connections=len(found),
                    examples=tuple(map(str, found[:EXAMPLES])),
                )
                for reason, found in sorted(self.left.left.items())
            ),
        )


def suggest(
    observed: Iterable[Observed],
    policy: CompiledPolicy,
    *,
    excluded: Sequence[Window] = (),
    limits: Limits = Limits(),  # noqa: B008 - frozen
    own: Own = MappingProxyType({}),
    fan_out: int = FAN_OUT,
    taken: Iterable[str] = (),
) -> Suggestions:
    """Write rules for what `policy` does not permit yet.

    `observed` are connections or pieces of them (see `screen` for `excluded`, the windows of
    incidents). `own` are the service names that the workspace adds, `taken` are ids that are in use
    beside those of `policy`. The result depends on nothing but the arguments, nor on their order.
    """
    evidence = list(observed)
    screened = screen(evidence, policy, excluded, fan_out)
    if not evidence:
        return Suggestions((), screened, 0)
    ends_at = max(connection.last_seen for connection in evidence)
    places = Places(policy.inventory, evidence, ends_at)
    kept: list[Observed] = []
    for connection in screened.chosen:
        if None not in map(places.realm, (connection.source, connection.destination)):
            kept.append(connection)
        else:
            screened.leave("unnamed", connection)
    screened.chosen = kept
    ids = Ids([*taken, *(rule.id for rule in policy.policy.rules)])
    proposals: list[Proposal] = []
    for (source, destination, unit), found in sorted(_units(kept, places, own).items()):
        for draft in drafts(found, Ends(places, limits)):
            name = ids.unique(proposed_id(source, destination, unit))
            rule = _rule(name, draft, own)
            notes = cautions(draft.covered, draft.sources, draft.destinations, policy, ends_at)
            proposals.append(_proposal(rule, draft, notes))
    return Suggestions(tuple(proposals), screened, len({c.key for c in evidence}))


def _units(
    connections: Iterable[Observed], places: Places, own: Own
) -> dict[tuple[str, str, str], list[Observed]]:
    """Connections by site (or zone) of either end, and service."""
    found: dict[tuple[str, str, str], list[Observed]] = defaultdict(list)
    for connection in connections:
        homes = [places.home(end) for end in (connection.source, connection.destination)]
        unit = unit_of(connection.protocol, connection.port, own)
        found[homes[0], homes[1], unit].append(connection)
    return found


def _rule(name: str, draft: Draft, own: Own) -> Rule:
    text, ranges = written(draft.ports, own)
    first = min(connection.first_seen for connection in draft.covered)
    last = max(connection.last_seen for connection in draft.covered)
    days = max(connection.days_active for connection in draft.covered)
    flows = sum(connection.flows for connection in draft.covered)
    return Rule(
        name,
        tuple(dict.fromkeys(use.selector for use in draft.sources)),
        tuple(dict.fromkeys(use.selector for use in draft.destinations)),
        ranges,
        text,
        why=(
            f"Observed from {in_utc(first).date()} to {in_utc(last).date()}, up to {_many(days, 'day')}: "
            f"{_many(len(draft.covered), 'connection')}, {_many(flows, 'flow')}"
        ),
        validity=Validity(midnight(in_utc(first).date()), None),
        state="proposed",
    )


def _proposal(rule: Rule, draft: Draft, notes: tuple[str, ...]) -> Proposal:
    return Proposal(
        rule,
        notes=notes,
        witnesses=tuple(dict.fromkeys(flow for c in draft.covered for flow in c.witness)),
        connections=len(draft.covered),
        flows=sum(connection.flows for connection in draft.covered),
    )


def _suggested(proposal: Proposal) -> Suggested:
    rule = proposal.rule
    return Suggested.model_validate(
        {
            "id": rule.id,
            "allow": rule.allow,
            "why": rule.why,
            "from": rule.validity.begin,
            "connections": proposal.connections,
            "flows": proposal.flows,
            "notes": proposal.notes,
            "witnesses": proposal.witnesses,
        }
    )


def _many(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
