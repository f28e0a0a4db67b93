"""What the connection itself says: the rule it lacks, its service, how rare it is, whom it joins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sekisho.investigate.fabric import FRESH, OWN, PERMITTED, RESIDUAL, ROLES, Fabric, role_of
from sekisho.investigate.factors.base import Step, Weight
from sekisho.investigate.logons.base import LEAST_SENT
from sekisho.investigate.moments import HOUR
from sekisho.investigate.talks import Talks
from sekisho.model.services import service_label
from sekisho.model.verdicts import Rank

PRIOR = -1.5
"""Before anything is known: one in thirty of the other connections of a compromised host is a step."""
_POLICY = {
    Rank.UNAUTHORIZED: (1.5, "no rule allows it"),
    Rank.LAPSED: (0.4, "the rule that allowed it was not valid then"),
    Rank.UNMAPPED: (0.6, "one end belongs to no site and to no known party"),
    Rank.AUTHORIZED: (-0.8, "a rule allows it"),
    Rank.INTRA_SITE: (-0.6, "it stays in one site, of which the policy does not speak"),
    Rank.ATTEMPTED: (-2.0, "it never came about"),
    Rank.EXTERNAL: (-0.5, "it goes to an outside party, which most connections of that kind do"),
}
_ROLE = {
    "administration": (0.7, "gives control of a host"),
    "file": (0.5, "carries files and remote commands"),
    "database": (0.2, "can run commands of a database"),
    "directory": (-0.4, "is asked by every host"),
    "infrastructure": (-1.0, "is asked by every host"),
    "web": (-0.3, "may carry anything"),
    "other": (-0.3, "is no service that gives control"),
}
NEW, NEW_OUTSIDE, NEW_ODD, OLD = 1.3, 0.4, 0.2, -0.6
"""A pair of hosts never seen together before: 72 % of LANL's red-team edges (Kent 2015), against one in
twenty or so of ordinary permitted ones; unauthorised ones, and those with rare parties outside, are mostly
new whatever they are."""
HABIT, SOME, MANY = -1.6, 3, 8
"""So many peers of services with the same role make a habit of it."""
COMMON, CLIENTS = -0.7, 12
SWEEP = 24
"""Hosts in a day: more than anybody begins to administer by hand."""
SLIGHT = -2.0


_CONTROL = frozenset({"administration", "file", "database"})
_LOGGED_ON = frozenset({"administration", "file"})


def policy(fabric: Fabric, step: Step) -> Weight:
    """What the register says of it."""
    value, text = _POLICY[Rank(int(fabric.rank[step.row]))]
    return Weight("policy", value, text)


def service(fabric: Fabric, step: Step) -> Weight:
    """What can be done over it. Control that runs against the session needs no service's help."""
    protocol, port = int(fabric.protocol[step.row]), int(fabric.port[step.row])
    role = role_of(protocol, port)
    value, text = _ROLE[role]
    label = service_label(protocol, port)
    if step.kind == "reverse":
        turned = {"administration": -1.0, "file": -1.0, "directory": -1.0, "infrastructure": -0.6}
        value = turned.get(role, 0.2 if role == "other" else 0.0)
        if role == "infrastructure" and _of_its_own(fabric, step.tail):
            # A name server that no other host asks is none of the company's.
            value = 0.0
        return Weight(
            "service", value, f"{label}: commands may come back over any session that is let out"
        )
    return Weight("service", value, f"{label} {text}")


def _of_its_own(fabric: Fabric, party: int) -> bool:
    return not fabric.internal(party) and int(fabric.hosts.talked_to_by[party]) <= OWN


def rarity(fabric: Fabric, step: Step, at: int) -> Iterator[Weight]:
    """Whether the pair, the service of its source and the peer are new or shared by many, before `at`."""
    row = step.row
    minded = int(fabric.rank[row]) >= int(Rank.UNMAPPED)
    first = int(fabric.pair_first[row])
    if first < at - FRESH:
        if not minded:
            yield Weight("rarity", OLD, "these two hosts had long been seen together")
    elif fabric.is_new(row):
        outside = int(fabric.rank[row]) == int(Rank.EXTERNAL)
        value = NEW_OUTSIDE if outside else NEW_ODD if minded else NEW
        yield Weight("rarity", value, "these two hosts had never been seen together before")
    if step.kind == "connect":
        yield from _habit(fabric, row, at)
    if step.kind == "connect" or int(fabric.rank[row]) in PERMITTED:
        # Commands seldom come back over a session such as everybody has with that server.
        clients = fabric.clients_of.count(
            int(fabric.dst[row]) << 24 | int(fabric.service[row]), at - FRESH
        )
        if clients >= CLIENTS:
            yield Weight("prevalence", COMMON, f"{clients} hosts use this service of its destination")


def _habit(fabric: Fabric, row: int, at: int) -> Iterator[Weight]:
    """What the source does otherwise. A day to either side is left out: it may be the intruder's work.

    A rule that allows one kind of administration excuses no other: without a rule the service itself counts.
    """
    source = int(fabric.src[row])
    if not fabric.internal(source) or fabric.hidden(source):
        return
    service = source << 24 | int(fabric.service[row])
    if int(fabric.rank[row]) in RESIDUAL:
        peers, kind = fabric.served_by, service
    else:
        peers, kind = fabric.managed_by, source << 8 | int(fabric.role[row])
    others = peers.count(kind, 1 << 62) - peers.count(kind, at + FRESH) + peers.count(kind, at - FRESH)
    if others >= SOME:
        yield Weight(
            "habit",
            HABIT if others >= MANY else HABIT / 2,
            f"on other days its source uses such services of {others} others as a matter of course",
        )
    elif ROLES[int(fabric.role[row])] not in _CONTROL:
        return
    elif int(fabric.rank[row]) in PERMITTED and (swept := _swept(fabric, row, at, PERMITTED)) >= SWEEP:
        text = f"within a day its source used such services of {swept} hosts, as a scanner does"
        yield Weight("habit", HABIT, text)
    elif at >= fabric.begin + FRESH and not fabric.served_by.count(service, at - FRESH):
        yield Weight("habit", 0.3, "its source had not used this service before")


def _swept(fabric: Fabric, row: int, at: int, ranks: frozenset[int]) -> int:
    """Of how many hosts its source began to use services of that role within a day."""
    rows = fabric.of_host(int(fabric.src[row]))
    first = fabric.first[rows]
    alike = (
        (fabric.src[rows] == fabric.src[row])
        & (fabric.role[rows] == fabric.role[row])
        & (np.abs(first - at) <= FRESH // 2)
        & np.isin(fabric.rank[rows], list(ranks))
    )
    return len(np.unique(fabric.dst[rows[alike]]))


def slight(fabric: Fabric, talks: Talks, step: Step, at: int) -> Iterator[Weight]:
    """Whether its sessions were too small for anybody to log on in them, and its source had such with many: it
    looked at ports. One small session by itself may well be a step."""
    row = step.row
    if ROLES[int(fabric.role[row])] not in _LOGGED_ON or not fabric.internal(step.tail):
        return
    near = [talk for talk in talks.of.get(row, ()) if at - HOUR <= talk.start <= at + FRESH]
    # Records of one direction alone say nothing of the other.
    if not near or any(talk.sent == 0 or talk.received == 0 for talk in near):
        return
    most = max(talk.sent for talk in near)
    if most < LEAST_SENT and (swept := _swept(fabric, row, at, PERMITTED | RESIDUAL)) >= SWEEP:
        text = (
            f"{most} bytes went into it at most, too few to log on, and {swept} hosts were looked at so"
        )
        yield Weight("slight", SLIGHT, text)


def crossing(fabric: Fabric, step: Step) -> Iterator[Weight]:
    """From site to site."""
    src, dst = map(fabric.site, fabric.ends(step.row))
    if src and dst and src != dst:
        yield Weight("crossing", 0.3, f"it crosses from {src} to {dst}")


def probing(fabric: Fabric, step: Step, at: int) -> Iterator[Weight]:
    """Tries that failed before it, of the same service or of many."""
    if step.kind == "reverse":
        return
    by_source, by_service = fabric.tries
    source = int(fabric.src[step.row])
    kind = source << 24 | int(fabric.service[step.row])
    same = by_service.count(kind, at) - by_service.count(kind, at - 3 * FRESH)
    if same >= 3:
        yield Weight(
            "probing", 0.5, f"in the three days before, its source tried {same} others in vain"
        )
        return
    tried = by_source.count(source, at) - by_source.count(source, at - 3 * FRESH)
    if tried >= 5:
        yield Weight("probing", 0.3, f"in the three days before, {tried} tries of its source failed")
