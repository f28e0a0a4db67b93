"""What the service knows of a terminal: nodes that enrolled as it, what was asked of them and refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address

from sekisho.app.decisions import Decisions
from sekisho.fleet.contested import doubted, impostors
from sekisho.fleet.resolve import Resolved
from sekisho.inventory.register import Inventory
from sekisho.model.fleet import AttemptItem, NodeItem, RefusalItem
from sekisho.model.nodes import Node, Refusal
from sekisho.model.sites import DEFAULT_REALM


def by_terminal(
    nodes: Iterable[Node], known: Resolved
) -> tuple[dict[str, list[Node]], tuple[Node, ...]]:
    """Nodes by the terminals that they are of, and those that are of none, could be of several, or only say
    that they are."""
    found: dict[str, list[Node]] = defaultdict(list)
    strangers = []
    for node in nodes:
        home = known.match(node.who)
        if home is None:
            strangers.append(node)
        else:
            found[home.id].append(node)
    for terminal, own in found.items():
        if len(own) > 1 and (false := impostors(own, known.by_id[terminal].uuid)):
            strangers += [node for node in own if node.id in false]
            found[terminal] = [node for node in own if node.id not in false]
    return found, tuple(strangers)


def heard_at(
    nodes: Mapping[str, Sequence[Node]], inventory: Inventory, now: datetime
) -> dict[str, str]:
    """The site of the address that each terminal was last heard from, as far as it lies in one at `now`."""
    found = {}
    for terminal, own in nodes.items():
        last = max(own, key=lambda node: (node.seen, node.id))
        with suppress(ValueError):
            site = inventory.place(DEFAULT_REALM, ip_address(last.address), now).site
            if site is not None:
                found[terminal] = site
    return found


def last_seen(nodes: Iterable[Node]) -> datetime | None:
    """When any of them was last heard."""
    return max((node.seen for node in nodes), default=None)


def doubts_of(
    decisions: Decisions, nodes: Mapping[str, Sequence[Node]]
) -> dict[str, tuple[datetime, str]]:
    """Terminals of which it is not known which machine answers as them; see `contested.doubted`."""
    refused = _refused(decisions) if nodes else {}
    return {
        terminal: doubt
        for terminal, own in nodes.items()
        if (doubt := doubted(own, (r for node in own for r in refused.get(node.id, ())))) is not None
    }


def _refused(decisions: Decisions) -> dict[int, list[Refusal]]:
    found: dict[int, list[Refusal]] = defaultdict(list)
    for one in decisions.state.nodes().refusals():
        found[one.node].append(one)
    return found


def node_items(decisions: Decisions, nodes: Sequence[Node]) -> tuple[NodeItem, ...]:
    """Nodes as documents have them, with what was refused of each."""
    refused = _refused(decisions) if nodes else {}
    return tuple(
        NodeItem(
            node=node.id,
            hostname=node.who.hostname,
            identifier=node.identifier,
            version=node.version or None,
            platform=node.platform or None,
            secret=node.secret,
            enrolled=node.enrolled,
            enrolments=node.enrolments,
            seen=node.seen,
            address=node.address,
            refused=refusal_items(refused.get(node.id, ())),
        )
        for node in nodes
    )


def attempts(decisions: Decisions, nodes: Sequence[Node]) -> tuple[AttemptItem, ...]:
    """What campaigns asked these nodes, the latest campaign first."""
    names = {c.seq: c.name for c in decisions.state.fleet().asking()} if nodes else {}
    found = []
    for node in nodes:
        asked = decisions.state.campaigns().asked(str(node.id))
        for seq, own in sorted(asked.items(), reverse=True):
            for unit, handed in own.handed.items():
                settled = own.settled.get(unit)
                found.append(
                    AttemptItem(
                        campaign=names.get(seq, str(seq)),
                        question=unit[2:],
                        node=node.id,
                        handed=handed,
                        at=own.at,
                        fate=None if settled is None else settled.fate,
                        settled=None if settled is None else settled.at,
                        reason=None if settled is None else settled.reason or None,
                    )
                )
    return tuple(found)


def refusal_items(found: Sequence[Refusal]) -> tuple[RefusalItem, ...]:
    """Refusals as documents have them."""
    return tuple(
        RefusalItem(
            reason=one.reason,
            count=one.count,
            first=one.first,
            last=one.last,
            address=one.address or None,
            says=one.detail or None,
        )
        for one in found
    )
