"""Where rules look on the network: which records of sensors a log source of Sigma means, and under which names
rules ask for their values.

A rule that asks for a value which the lake does not keep is not asked: without it a condition would mean
another thing. Sources: the Sigma taxonomy appendix (2.1), Zeek's documentation of its logs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError

from sekisho.fleet.sigma.logsources import Unrecorded
from sekisho.intel.detections import Logsource
from sekisho.model.predicates import (
    Alike,
    Compared,
    Either,
    Every,
    Expression,
    Like,
    Not,
    Pattern,
    Predicate,
    Wild,
    Within,
    fields,
)
from sekisho.store.queries.events import EventSource
from sekisho.store.queries.network import RELATIONS, Relation

SERVICES = frozenset(RELATIONS)
"""Zeek's logs of which something is kept, by the names that rules have for them."""
CATEGORIES: Mapping[str, str] = MappingProxyType(
    {"dns": "dns", "proxy": "http", "network_connection": "conn", "firewall": "conn"}
)
"""Categories of no product, or of Zeek's, and what sensors record of them."""
_ENDS = {
    "src_ip": "id.orig_h",
    "SourceIp": "id.orig_h",
    "c-ip": "id.orig_h",
    "dst_ip": "id.resp_h",
    "DestinationIp": "id.resp_h",
    "dst_port": "id.resp_p",
    "DestinationPort": "id.resp_p",
}
_FLOW = {
    "src_port": "id.orig_p",
    "SourcePort": "id.orig_p",
    "Protocol": "proto",
    "protocol": "proto",
}
NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "dns": {"QueryName": "query", "answer": "answers", "record_name": "query"},
        "http": {
            "cs-host": "host",
            "r-dns": "host",
            "c-useragent": "user_agent",
            "cs-user-agent": "user_agent",
        },
        "conn": _FLOW,
        "rdp": _FLOW,
    }
)
"""Other names of values, by what they are of."""


def relation_of(logsource: Logsource) -> str | None:
    """What of sensors' records a log source means; None where it is about none. Raises Unrecorded where it is
    about a log of Zeek of which nothing is kept."""
    if logsource.product == "zeek":
        if logsource.service:
            if logsource.service not in SERVICES:
                raise Unrecorded(f"nothing is kept of Zeek's log {logsource.service}")
            return logsource.service
        if logsource.category not in CATEGORIES:
            raise Unrecorded("it does not say which log of Zeek it is about")
        return CATEGORIES[logsource.category]
    if logsource.product or logsource.service:
        return None
    return CATEGORIES.get(logsource.category)


def source_of(relation: str) -> EventSource:
    """All records of a relation, with every name that a value has."""
    own = {name: name for name in RELATIONS[relation].values}
    names = {**own, **_ENDS, **NAMES.get(relation, {})}
    return EventSource(names=tuple(sorted(names.items())), relation=relation)


def refuse_unkept(names: Iterable[str], relation: str) -> None:
    """Raises Unrecorded where any of the values is not kept of such records."""
    known = dict(source_of(relation).names)
    if missing := sorted(set(names) - known.keys()):
        are = "is" if len(missing) == 1 else "are"
        raise Unrecorded(f"{', '.join(missing)} {are} not kept of {RELATIONS[relation].title}")


def adapted(predicate: Predicate, relation: str) -> Predicate:
    """A predicate as it is asked of such records: of several values of one name any may meet a condition, and
    what is kept in lower case is compared without regard to case.

    Raises Unrecorded where it asks for what is not kept, SigmaError where it cannot be asked.
    """
    names, whole = fields(predicate)
    refuse_unkept(names, relation)
    if whole:
        raise Unrecorded(
            f"it looks for words anywhere, and {RELATIONS[relation].title} are kept in part"
        )
    return _adapted(predicate, dict(source_of(relation).names), RELATIONS[relation])


def _adapted(predicate: Predicate, names: Mapping[str, str], of: Relation) -> Predicate:
    match predicate:
        case Every(parts):
            return Every(tuple(_adapted(part, names, of) for part in parts))
        case Either(parts):
            return Either(tuple(_adapted(part, names, of) for part in parts))
        case Not(part):
            return Not(_adapted(part, names, of))
        case Like(field, pattern, cased):
            cased = cased and names[field] not in of.caseless
            if names[field] not in of.many:
                return replace(predicate, cased=cased)
            return Expression(field, f"^{_expression(pattern)}$", "m" if cased else "im")
        case Expression(str(field), _, flags):
            flags += "i" if names[field] in of.caseless and "i" not in flags else ""
            flags += "m" if names[field] in of.many and "m" not in flags else ""
            return replace(predicate, flags=flags)
        case Alike(field, other) if of.many & {names[field], names[other]}:
            raise _of_several(field)
        case Within(field) | Compared(field) if names[field] in of.many:
            raise _of_several(field)
        case _:
            return predicate


def _of_several(field: str) -> SigmaFeatureNotSupportedByBackendError:
    return SigmaFeatureNotSupportedByBackendError(
        f"it compares {field} as one value, or as a network or a number, and there are several of some"
    )


def _expression(pattern: Pattern) -> str:
    """A pattern as a regular expression of one line (RE2)."""
    return "".join(
        re.escape(one) if isinstance(one, str) else r"[^\n]*" if one is Wild.MANY else r"[^\n]"
        for one in pattern
    )
