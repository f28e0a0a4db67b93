"""The sentence of a rule, `FROM -> TO : SERVICES`, cut into words that know where they stand.

Written by hand so that an error names the very column, also within quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One selector or service, and its offset in the sentence."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong in a sentence, at which offset, and how to mend it."""

    offset: int
    code: str
    message: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of both ends and of the services."""

    sources: tuple[Word, ...]
    destinations: tuple[Word, ...]
    services: tuple[Word, ...]


_ARROWS = re.compile(r"<->|<-|->|=>|→|←|↔|—>|–>")
_EXAMPLE = "write `FROM -> TO : SERVICES`, such as th-plant/edi -> jp-hq/edi : tcp/8443"
MAX_LENGTH = 16_384
MAX_WORDS = 1_000


def read_sentence(text: str) -> tuple[Sentence | None, tuple[Slip, ...]]:
    """Cut a sentence into words. None where its shape is wrong; the slips say why."""
    if len(text) > MAX_LENGTH:
        return None, (Slip(0, "rule/length", "the rule is too long", "split it into several"),)
    arrows = list(_ARROWS.finditer(text))
    if not arrows:
        return None, (Slip(0, "rule/no-arrow", "there is no `->` in the rule", _EXAMPLE),)
    for arrow in arrows:
        if arrow[0] != "->":
            mend = (
                "write two rules, one for each direction" if arrow[0] in ("<->", "↔") else "write `->`"
            )
            return None, (
                Slip(arrow.start(), "rule/arrow", f"`{arrow[0]}` is not an arrow of rules", mend),
            )
    if len(arrows) > 1:
        return None, (
            Slip(arrows[1].start(), "rule/two-arrows", "a second `->`", "write one rule for each hop"),
        )
    left, right = text[: arrows[0].start()], text[arrows[0].end() :]
    begin = arrows[0].end()
    colon = _separator(right)
    if colon is None:
        return None, (
            Slip(
                len(text.rstrip()),
                "rule/no-service",
                "no services after the destination",
                _no_service(right),
            ),
        )
    slips: list[Slip] = []
    misplaced = _separator(left)
    if misplaced is not None:
        slips.append(
            Slip(
                misplaced,
                "rule/colon",
                "services stand after the destination only",
                "a rule names the ports of the responder; remove this part",
            )
        )
        left = left[:misplaced]
    sources = _words(left, 0, "source", slips)
    destinations = _words(right[:colon], begin, "destination", slips)
    services = _words(right[colon + 1 :], begin + colon + 1, "service", slips)
    return Sentence(sources, destinations, services), tuple(slips)


def read_words(text: str) -> tuple[tuple[Word, ...], tuple[Slip, ...]]:
    """Cut a list with commas, such as services alone, into words."""
    slips: list[Slip] = []
    return _words(text, 0, "service", slips), tuple(slips)


def _separator(text: str) -> int | None:
    """Where the colon before the services stands: the first that touches a blank and is not of `::`."""
    for position, character in enumerate(text):
        if character != ":":
            continue
        before, after = text[position - 1 : position], text[position + 1 : position + 2]
        if (not before or before.isspace()) and after != ":":
            return position
        if (not after or after.isspace()) and before != ":":
            return position
    return None


def _no_service(text: str) -> str:
    head, colon, tail = text.strip().rpartition(":")
    if colon and re.match(r"(tcp|udp|icmp|any|sctp)\b", tail, re.IGNORECASE):
        return f"put spaces around the colon: {head} : {tail}"
    return "add ` : ` and the services, such as ` : tcp/443` or ` : any`"


def _words(text: str, begin: int, what: str, slips: list[Slip]) -> tuple[Word, ...]:
    words: list[Word] = []
    offset = begin
    for part in text.split(","):
        stripped = part.strip()
        at = offset + len(part) - len(part.lstrip())
        if not stripped:
            where = min(at, begin + len(text))
            slips.append(Slip(where, "rule/empty", f"a {what} is missing here", _EXAMPLE))
        elif len(stripped.split()) > 1:
            second = stripped.split()[1]
            slips.append(
                Slip(
                    at + stripped.index(second, len(stripped.split()[0])),
                    "rule/comma",
                    f"`{second[:60]}` follows `{stripped.split()[0][:60]}` without a comma",
                    f"write a comma between {what}s",
                )
            )
        else:
            words.append(Word(stripped, at))
        offset += len(part) + 1
    if len(words) > MAX_WORDS:
        slips.append(
            Slip(begin, "rule/length", f"more than {MAX_WORDS} {what}s", "name a group instead")
        )
        return tuple(words[:MAX_WORDS])
    return tuple(words)
