"""What a Sigma rule means, straight from the specification and in the plainest way: one event, one answer.

It shares nothing with the program: rules are dicts as YAML gives them, events are dicts of texts.
"""

from __future__ import annotations

import base64
import fnmatch
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

Event = Mapping[str, str]
MANY, ONE = object(), object()


def holds(detection: Mapping[str, Any], event: Event) -> bool:
    """Whether an event meets a rule's `detection`."""
    named = {name: value for name, value in detection.items() if name != "condition"}
    words = re.findall(r"\(|\)|[^\s()]+", detection["condition"])
    found, rest = _either(words, lambda name: _search(named[name], event), list(named))
    assert not rest, rest
    return found


def _either(words: list[str], ask: Callable[[str], bool], names: list[str]) -> tuple[bool, list[str]]:
    found, words = _both(words, ask, names)
    while words and words[0] == "or":
        other, words = _both(words[1:], ask, names)
        found = found or other
    return found, words


def _both(words: list[str], ask: Callable[[str], bool], names: list[str]) -> tuple[bool, list[str]]:
    found, words = _one(words, ask, names)
    while words and words[0] == "and":
        other, words = _one(words[1:], ask, names)
        found = found and other
    return found, words


def _one(words: list[str], ask: Callable[[str], bool], names: list[str]) -> tuple[bool, list[str]]:
    match words:
        case ["not", *rest]:
            found, rest = _one(rest, ask, names)
            return not found, rest
        case ["(", *rest]:
            found, rest = _either(rest, ask, names)
            assert rest[0] == ")"
            return found, rest[1:]
        case [("1" | "any" | "all") as how, "of", pattern, *rest]:
            chosen = names if pattern == "them" else fnmatch.filter(names, pattern)
            answers = [ask(name) for name in chosen]
            return (all if how == "all" else any)(answers), rest
        case [name, *rest]:
            return ask(name), rest
    raise AssertionError(words)


def _search(search: Any, event: Event) -> bool:
    if isinstance(search, dict):
        return all(_item(key, value, event) for key, value in search.items())
    return any(
        _search(one, event) if isinstance(one, dict) else _item("", one, event)
        for one in (search if isinstance(search, list) else [search])
    )


def _item(key: str, given: Any, event: Event) -> bool:
    field, *modifiers = key.split("|")
    values = given if isinstance(given, list) else [given]
    together = all if "all" in modifiers else any
    answers = [_value(field, modifiers, value, event) for value in values]
    return together(answers) != ("neq" in modifiers)


def _value(field: str, modifiers: list[str], value: Any, event: Event) -> bool:
    if not field:
        return any(_text(said, ["contains", *modifiers], value) for said in event.values())
    said = event.get(field)
    if value is None:
        return said is None
    if "exists" in modifiers:
        return (said is not None) == value
    if said is None:
        return False
    if "fieldref" in modifiers:
        other = event.get(value)
        if other is None:
            return False
        one, two = said.lower(), other.lower()
        if "contains" in modifiers:
            return two in one
        if "startswith" in modifiers:
            return one.startswith(two)
        return one.endswith(two) if "endswith" in modifiers else one == two
    if "re" in modifiers:
        flags = sum({"i": re.I, "m": re.M, "s": re.S}[one] for one in modifiers if one in "ims")
        return re.search(value, said, flags) is not None
    if "cidr" in modifiers:
        return _address(said, value)
    for sign in ("lt", "lte", "gt", "gte"):
        if sign in modifiers:
            number = _number(said)
            return (
                number is not None
                and {
                    "lt": number < value,
                    "lte": number <= value,
                    "gt": number > value,
                    "gte": number >= value,
                }[sign]
            )
    if isinstance(value, bool):
        return said.lower() == str(value).lower()
    if isinstance(value, (int, float)):
        return _number(said) == value
    return _text(said, modifiers, value)


def _text(said: str, modifiers: list[str], value: Any) -> bool:
    texts = [str(value)]
    if "windash" in modifiers:
        texts = _dashed(texts[0])
    if "base64offset" in modifiers:
        raw = texts[0].encode()
        texts = []
        for offset in range(3):
            # What of the encoding depends on the text alone, whatever stands before and after it.
            before, after = b"\0" * offset, b"\0" * ((3 - (len(raw) + offset) % 3) % 3)
            one = base64.b64encode(before + raw + after).decode()
            end = (offset + len(raw)) * 8 // 6
            texts.append(one[-(-offset * 8 // 6) : end])
    elif "base64" in modifiers:
        texts = [base64.b64encode(texts[0].encode()).decode()]
    cased = "cased" in modifiers
    return any(_wild(said, _tokens(text, modifiers), cased=cased) for text in texts)


def _dashed(text: str) -> list[str]:
    places = [found.start() for found in re.finditer(r"\B[-/]\b", text)]
    found = [text]
    for place in places:
        found = [
            one[:place] + dash + one[place + 1 :] for one in found for dash in "-/\u2013\u2014\u2015"
        ]
    return found


def _tokens(text: str, modifiers: list[str]) -> list[Any]:
    tokens: list[Any] = []
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("*", "?", "\\"):
            tokens.append(text[at + 1])
            at += 1
        else:
            tokens.append({"*": MANY, "?": ONE}.get(text[at], text[at]))
        at += 1
    if "contains" in modifiers or "endswith" in modifiers:
        tokens.insert(0, MANY)
    if "contains" in modifiers or "startswith" in modifiers:
        tokens.append(MANY)
    return tokens


def _wild(said: str, tokens: list[Any], *, cased: bool) -> bool:
    """The usual table: which beginnings of the text the tokens so far can be."""
    if not cased:
        said = said.lower()
    reached = {0}
    for token in tokens:
        if token is MANY:
            reached = set(range(min(reached), len(said) + 1)) if reached else reached
            continue
        wanted = token if token is ONE or cased else token.lower()
        reached = {at + 1 for at in reached if at < len(said) and (token is ONE or said[at] == wanted)}
    return len(said) in reached


def _number(said: str) -> float | None:
    if re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", said):
        return float(said)
    return float(int(said, 16)) if re.fullmatch(r"0[xX][0-9a-fA-F]{1,13}", said) else None


def _address(said: str, network: str) -> bool:
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or ipaddress.IPv6Address(int(address))
    return address in ipaddress.ip_network(network)
