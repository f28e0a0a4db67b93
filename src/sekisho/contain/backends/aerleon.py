"""Aerleon, with guards: what it leaves out or widens is refused here.

It only warns where it cannot say something and leaves it out of its output; a term whose addresses are all of
the other family it renders without addresses, and one that has expired not at all. So every list is of one
family whose sets are never empty, nothing ever expires, a warning is a refusal, and each line is
counted in what comes back.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.backends.lines import TCP, Line
from sekisho.contain.regions import Family
from sekisho.model.protocols import ICMP, ICMP6

if TYPE_CHECKING:
    from aerleon.lib.policy_builder import PolicyDict

_NAMES = {ICMP: "icmp", TCP: "tcp", 17: "udp", ICMP6: "icmpv6"}
_WITH_PORTS = (TCP, 17)
_FILE = "list"
_KEYWORDS = re.compile(r"\$(Id|Date|Revision):\$")
NEIGHBOURS = "neighbours"
REST = "rest"
_NEIGHBOURS = (
    "router-solicit",
    "router-advertisement",
    "neighbor-solicit",
    "neighbor-advertisement",
)


@dataclass(frozen=True, slots=True)
class Target:
    """How Aerleon is asked for one platform's list, and how a line is found again in what it says.

    `begins` is a pattern whose one group is the name of a line; `whole` tells whether a section of the text
    says all of a line.
    """

    platform: str
    aerleon: str
    suffix: str
    begins: str
    whole: Callable[[str, Line], bool]


def generate(
    target: Target,
    header: str,
    family: Family,
    lines: Sequence[Line],
    *,
    neighbours: bool = False,
    rest: bool = True,
) -> str:
    """The text of one list. `rest` ends it with what lets everything else pass; `neighbours` begins it
    with what finds neighbours and routers, which never leaves a link.

    Raises CannotExpress for whatever would not be in it.
    """
    for line in lines:
        _guard(line, family)
    terms = [_term(line) for line in lines]
    if neighbours:
        first = {"name": NEIGHBOURS, "protocol": "icmpv6", "icmp-type": list(_NEIGHBOURS)}
        terms.insert(0, {**first, "action": "accept"})
    if rest:
        terms.append({"name": REST, "action": "accept"})
    policy = {
        "filename": _FILE,
        "filters": [{"header": {"targets": {target.aerleon: header}}, "terms": terms}],
    }
    text = _generate(target, policy, _definitions(lines))
    text = "\n".join(line.rstrip() for line in text.splitlines() if not _KEYWORDS.search(line))
    _check(target, text, lines, [str(term["name"]) for term in terms])
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def generate_rules(
    target: Target, headers: Mapping[Family, str], lines: Mapping[Family, Sequence[Line]]
) -> str:
    """The text of rules of both families together, which others follow. Names of lines differ over both.

    Raises CannotExpress for whatever would not be in it.
    """
    every = [line for found in lines.values() for line in found]
    for family, found in lines.items():
        for line in found:
            _guard(line, family)
    filters = [
        {
            "header": {"targets": {target.aerleon: headers[family]}},
            "terms": [_term(line) for line in found],
        }
        for family, found in lines.items()
        if found
    ]
    text = _generate(target, {"filename": _FILE, "filters": filters}, _definitions(every))
    _check(target, text, every, [line.name for line in every])
    return text


def _generate(target: Target, policy: dict[str, Any], definitions: dict[str, Any]) -> str:
    from aerleon import api
    from aerleon.aclgen import ACLGeneratorError, ACLParserError
    from aerleon.lib.naming import Naming

    naming = Naming()
    naming.ParseDefinitionsObject(definitions, "")
    with _warnings() as said:
        try:
            files = api.Generate([cast("PolicyDict", policy)], naming)
        except (ACLGeneratorError, ACLParserError) as error:
            cause: BaseException = error
            while cause.__cause__ is not None:
                cause = cause.__cause__
            why = " ".join(str(cause).split())[:200]
            raise CannotExpress(f"{target.platform} has no words for it: {why}") from error
    if said:
        raise CannotExpress(f"{target.platform}: {' '.join(said[0].split())[:200]}")
    if not files or set(files) != {_FILE + target.suffix}:
        raise CannotExpress(f"{target.platform}: Aerleon left the list out")
    return files[_FILE + target.suffix]


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """What Aerleon warns of meanwhile, kept from the screen."""
    found: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING:
                found.append(record.getMessage())

    logger = logging.getLogger("absl")
    handlers, propagate = list(logger.handlers), logger.propagate
    logger.handlers, logger.propagate = [Keep()], False
    try:
        yield found
    finally:
        logger.handlers, logger.propagate = handlers, propagate


def _guard(line: Line, family: Family) -> None:
    ends = (line.sources, line.destinations)
    if not all(ends) or any(prefix.version != family for end in ends for prefix in end):
        raise AssertionError(f"{line.name} names no address of IPv{family}, or one of the other family")
    if (line.source_ports or line.destination_ports) and line.protocol not in _WITH_PORTS:
        raise CannotExpress(
            f"{line.comment} keeps ports of protocol {line.protocol} open, which only nftables can say",
            "keep the whole protocol open, or none of it",
        )


def _definitions(lines: Sequence[Line]) -> dict[str, Any]:
    networks: dict[str, Any] = {}
    services: dict[str, Any] = {}
    for line in lines:
        for end, prefixes in (("SRC", line.sources), ("DST", line.destinations)):
            values = [{"address": str(prefix)} for prefix in prefixes]
            networks[_token(line, end)] = {"values": values}
        for end, ports in (("SPT", line.source_ports), ("DPT", line.destination_ports)):
            if ports:
                services[_token(line, end)] = [
                    {"protocol": _NAMES[line.protocol or 0], "port": _range(one)} for one in ports
                ]
    return {"networks": networks, "services": services}


def _token(line: Line, end: str) -> str:
    return f"{line.name.upper().replace('-', '_')}_{end}"


def _range(ports: tuple[int, int]) -> str:
    first, last = ports
    return str(first) if first == last else f"{first}-{last}"


def _term(line: Line) -> dict[str, Any]:
    term: dict[str, Any] = {
        "name": line.name,
        "comment": line.comment,
        "source-address": _token(line, "SRC"),
        "destination-address": _token(line, "DST"),
        "action": "accept" if line.accept else "deny",
    }
    if line.protocol is not None:
        term["protocol"] = _NAMES.get(line.protocol, str(line.protocol))
    if line.source_ports:
        term["source-port"] = _token(line, "SPT")
    if line.destination_ports:
        term["destination-port"] = _token(line, "DPT")
    if line.established:
        term["option"] = "tcp-established"
    if not line.accept and not line.name.startswith("begin"):
        term["logging"] = True
    return term


def _check(target: Target, text: str, lines: Sequence[Line], names: Sequence[str]) -> None:
    found = list(re.finditer(target.begins, text, re.MULTILINE))
    if [match[1] for match in found] != list(names):
        missing = [name for name in names if name not in {match[1] for match in found}]
        raise CannotExpress(
            f"{target.platform}: Aerleon left out or moved {', '.join(missing) or 'a line'}"
        )
    ends = [match.start() for match in found[1:]] + [len(text)]
    sections = {match[1]: text[match.end() : end] for match, end in zip(found, ends, strict=True)}
    for line in lines:
        if not target.whole(sections[line.name], line):
            raise CannotExpress(
                f"{target.platform}: what Aerleon says of {line.name} ({line.comment}) is not all of it"
            )
