"""Which values a STIX pattern names by themselves.

STIX 2.1, section 9: usable is one observation that compares one property with `=`, `IN` or `ISSUBSET`, and
any of several such with OR. What asks for more at once (AND, FOLLOWEDBY, qualifiers, NOT, LIKE, MATCHES)
would be wrong for one value alone, and is not used.
"""

from __future__ import annotations

import re
from typing import Any

from sekisho.intel.values import words
from sekisho.model.indicators import IndicatorKind

LONGEST = 20_000
"""Characters of a pattern that is parsed; the grammar takes time that grows faster than its length."""
_PLAIN = re.compile(
    r"\s*\[\s*([a-z0-9-]+):([A-Za-z0-9_.'\"-]+)\s*=\s*'((?:[^'\\]|\\.)*)'\s*\]\s*", re.DOTALL
)
_HASHES = {
    "MD5": IndicatorKind.MD5,
    "SHA-1": IndicatorKind.SHA1,
    "SHA1": IndicatorKind.SHA1,
    "SHA-256": IndicatorKind.SHA256,
    "SHA256": IndicatorKind.SHA256,
}
_OF_CERTIFICATE = {
    IndicatorKind.SHA1: IndicatorKind.CERTIFICATE_SHA1,
    IndicatorKind.SHA256: IndicatorKind.CERTIFICATE_SHA256,
}
_OF_TRAFFIC = ("src_ref.value", "dst_ref.value")
Named = tuple[IndicatorKind, str]


class NotUsable(ValueError):
    """A pattern that no single value can answer."""


class NoPattern(NotUsable):
    """Text that is no pattern."""


def values_of(pattern: str) -> list[Named]:
    """The kinds and values that a pattern names, each enough by itself. Raises NotUsable, NoPattern."""
    if len(pattern) > LONGEST:
        raise NotUsable(f"the pattern has over {LONGEST:,} characters")
    plain = _PLAIN.fullmatch(pattern)
    if plain:
        # Most patterns are this one, and the grammar takes a thousand times as long.
        kind = _kind(plain[1], plain[2].replace("'", "").replace('"', ""))
        return [(kind, re.sub(r"\\(.)", r"\1", plain[3]))]
    from stix2.pattern_visitor import create_pattern_object

    try:
        tree = create_pattern_object(pattern, version="2.1")
    except RecursionError:
        raise NoPattern("it is nested too deep") from None
    except Exception as error:  # noqa: BLE001 - the parser raises whatever its grammar trips over
        said = words(str(error))[:120]
        raise NoPattern(f"it is no pattern: {said or type(error).__name__}") from None
    return list(dict.fromkeys(_values(tree)))


def _values(tree: Any) -> list[Named]:
    match type(tree).__name__:
        case "ObservationExpression" | "ParentheticalExpression":
            return _values(getattr(tree, "operand", None) or tree.expression)
        case "OrObservationExpression" | "OrBooleanExpression":
            return [one for part in tree.operands for one in _values(part)]
        case "EqualityComparisonExpression" | "IsSubsetComparisonExpression" | "InComparisonExpression":
            return _compared(tree)
        case other:
            raise NotUsable(f"{_word(other)} needs more than one value")


def _compared(tree: Any) -> list[Named]:
    if getattr(tree, "negated", False):
        raise NotUsable("NOT matches all else")
    path = tree.lhs
    steps = ".".join(_step(one) for one in path.property_path)
    kind = _kind(path.object_type_name, steps)
    given = tree.rhs
    values = given.value if type(given).__name__ == "ListConstant" else [given]
    return [(kind, str(one.value)) for one in values]


def _step(component: Any) -> str:
    name = str(
        getattr(component, "_property_name", None) or getattr(component, "property_name", component)
    )
    return name.replace("'", "").replace('"', "")


def _kind(object_type: str, steps: str) -> IndicatorKind:
    match object_type, steps.split("."):
        case (("ipv4-addr" | "ipv6-addr"), ["value"]):
            return IndicatorKind.ADDRESS
        case "network-traffic", [*_] if steps in _OF_TRAFFIC:
            return IndicatorKind.ADDRESS
        case "domain-name", ["value"]:
            return IndicatorKind.DOMAIN
        case "url", ["value"]:
            return IndicatorKind.URL
        case "file", ["hashes", name] if name.upper() in _HASHES:
            return _HASHES[name.upper()]
        case "x509-certificate", ["hashes", name] if _HASHES.get(name.upper()) in _OF_CERTIFICATE:
            return _OF_CERTIFICATE[_HASHES[name.upper()]]
    raise NotUsable(f"{object_type}:{steps} is on no record here")


def _word(name: str) -> str:
    words = {"And": "AND", "FollowedBy": "FOLLOWEDBY", "Qualified": "a qualifier", "Like": "LIKE"}
    return next((said for start, said in words.items() if name.startswith(start)), name)
