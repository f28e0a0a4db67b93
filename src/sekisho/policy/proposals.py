"""Proposed rules as a policy file that reads back as what was proposed.

A proposed rule authorises nothing. Signing it is an edit that an owner makes by hand: `state: active`
(or no `state` at all) and `approved_by: {site: name}`. Nothing here does that for anybody.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sekisho.errors import RequestError
from sekisho.inventory.documents import MAX_BYTES
from sekisho.model.rules import Rule
from sekisho.model.validity import midnight

MAX_WITNESSES = 20
"""Witness flows written beside one rule; a proposal may hold more."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule to sign, and what whoever signs it should know.

    `notes` say what must not be approved blindly; `witnesses` are the flows it comes from (file and
    row), or the row of the sheet it was read from. `connections` and `flows` are what it would cover.
    """

    rule: Rule
    notes: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()
    connections: int = 0
    flows: int = 0

    def __post_init__(self) -> None:
        if self.rule.state != "proposed" or self.rule.approved_by:
            raise ValueError(f"{self.rule.id} is no proposal: it is active or signed")


HEADER = (
    "Proposed connections: they authorise nothing until an owner has read and signed them.",
    "To sign one: check it, set `state: active`, and name who agreed for each site in `approved_by`.",
    "Delete what nobody answers for.",
)


def render(proposals: Iterable[Proposal]) -> str:
    """The proposals as a policy file, in their order, their notes and witnesses as comments.

    Every value is quoted and every comment stays on its line, whatever text it carries. Reading the
    file gives the same rules, apart from their places and from blanks around a text.
    """
    lines = [*_comments(HEADER, "")]
    items = list(proposals)
    lines.append("connections:" if items else "connections: []")
    for proposal in items:
        lines += _comments(_remarks(proposal), "  ")
        keys = _keys(proposal.rule)
        lines += [f"  {'- ' if number == 0 else '  '}{key}" for number, key in enumerate(keys)]
    return "\n".join(lines) + "\n"


def write_proposals(path: Path, text: str) -> None:
    """Write a new file in one step: readers see all of it or nothing, and an existing file is never
    touched. Its folder is made where it is missing.

    Raises RequestError where the file exists, would be too large to be read, or cannot be written.
    """
    content = text.encode()
    if len(content) > MAX_BYTES:
        raise RequestError(
            f"{path} would hold {len(content):,} bytes; at most {MAX_BYTES:,} are read",
            "write the proposals to several files",
        )
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(f"{path.parent} cannot be made: {error.strerror}") from error
    try:
        try:
            with part.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            # A link fails where the name is taken; a rename would replace the file that has it.
            path.hardlink_to(part)
        finally:
            part.unlink(missing_ok=True)
        _sync(path.parent)
    except FileExistsError:
        raise RequestError(
            f"{path} exists already", "choose another name, or move the file away"
        ) from None
    except OSError as error:
        raise RequestError(f"{path} cannot be written: {error.strerror}") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remarks(proposal: Proposal) -> Iterator[str]:
    yield from (f"NOTE: {note}" for note in proposal.notes)
    yield from (f"witness: {witness}" for witness in proposal.witnesses[:MAX_WITNESSES])
    if len(proposal.witnesses) > MAX_WITNESSES:
        yield f"witness: and {len(proposal.witnesses) - MAX_WITNESSES} more"


def _keys(rule: Rule) -> Iterator[str]:
    yield f"id: {quoted(rule.id)}"
    yield f"allow: {quoted(rule.allow)}"
    for name in ("owner", "ticket", "why"):
        yield f"{name}: {quoted(getattr(rule, name).strip())}"
    begin, end = rule.validity.begin, rule.validity.end
    if begin is not None:
        yield f"from: {_moment(begin) or begin.astimezone(UTC).date().isoformat()}"
    if end is not None:
        yield f"expires: {_moment(end) or (end.astimezone(UTC) - timedelta(days=1)).date().isoformat()}"
    if rule.tier != "normal":
        yield f"tier: {rule.tier}"
    yield "state: proposed"


def _moment(at: datetime) -> str:
    """A time in quotes; '' for midnight, which people write as a day."""
    at = at.astimezone(UTC)
    return "" if at == midnight(at.date()) else quoted(at.isoformat(timespec="microseconds"))


def _comments(texts: Iterable[str], indent: str) -> list[str]:
    return [
        f"{indent}# {''.join(c if c.isprintable() else ' ' for c in text)}".rstrip() for text in texts
    ]


def quoted(text: str) -> str:
    """A YAML double-quoted scalar (YAML 1.2, 7.3.1) on one line.

    Lone surrogates, which no file can hold, and the two private characters that reading puts to a use
    of its own become U+FFFD.
    """
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{"".join(map(_escape, plain))}"'


def _escape(character: str) -> str:
    # What is not printable ends a line somewhere, is forbidden in YAML or turns text around on screen.
    code = ord(character)
    if character.isprintable():
        return character
    if 0xD800 <= code <= 0xDFFF or code in (0xE000, 0xE001):
        return "\\uFFFD"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
