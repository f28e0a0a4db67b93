"""What letters amount to: answers to checks, and rows for the lake. Pure; the same letters give the same.

A check that reads several tables waits for all of them, as far as they come in different letters: such a letter
is held until its tables are whole, or newer ones of the same tables come.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from sekisho.fleet.checks.base import Check
from sekisho.fleet.checks.registry import QUERIES, TABLES, answers, reads, runs_on
from sekisho.fleet.collections import osquery
from sekisho.fleet.collections.base import (
    MOST_ROWS,
    Collection,
    Gathered,
    Row,
    object_of,
    row_of,
    text_of,
)
from sekisho.fleet.platforms import missing
from sekisho.fleet.service.wire import Value
from sekisho.model.nodes import Letter, Node
from sekisho.model.terminals import SERVED, CheckAnswer, Sighting

LARGEST = 64 << 20
"""Bytes of a letter, unpacked: more than any body may have."""


@dataclass(frozen=True, slots=True)
class Result:
    """One row for the lake; `columns` is None where a query gave none. `name` is the query's."""

    received: datetime
    node: int
    who: Sighting
    source: str
    campaign: int
    name: str
    status: int
    message: str
    row: int
    columns: Row | None


@dataclass(slots=True)
class Judged:
    """What became of letters: `done` are theirs that need not be kept, `held` those that wait."""

    answers: list[CheckAnswer] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)


class _Table(msgspec.Struct):
    status: int
    message: str
    rows: list[dict[str, Value]]


class _Answers(msgspec.Struct):
    campaign: int
    questions: dict[str, _Table]


_ANSWERS = msgspec.json.Decoder(_Answers)
Read = tuple[dict[str, Gathered], list[Result]]


def judge(
    new: Sequence[Letter],
    held: Sequence[Letter],
    nodes: Mapping[int, Node],
    campaign: int,
    checks: Sequence[Check],
) -> Judged:
    """Judge new letters together with those that are held of the same nodes. `campaign` is the latest's
    number, under which results of the schedule count; `checks` are all, as the workspace asks them."""
    judged = Judged()
    fresh = {letter.id for letter in new}
    groups: dict[tuple[int, int], list[tuple[Letter, dict[str, Gathered]]]] = defaultdict(list)
    for letter in sorted((*held, *new), key=lambda one: one.id):
        node = nodes.get(letter.node)
        if node is None or letter.at is None:
            judged.done.append(letter.id)
            continue
        try:
            asked, (tables, results) = _read(letter, letter.at, node)
        except (ValueError, msgspec.DecodeError, zlib.error) as error:
            judged.broken.append((letter.node, str(error)[:200]))
            judged.done.append(letter.id)
            continue
        if letter.id in fresh:
            judged.results += results
            # What cannot be read is kept as that, and counted where it came from.
            if wrong := [r.message for r in results if r.status and r.source != "distributed"]:
                judged.broken.append(
                    (letter.node, f"{len(wrong)} of {len(results)} rows of a log: {wrong[0]}"[:200])
                )
        if letter.kind == "status":
            judged.done.append(letter.id)
        else:
            groups[letter.node, asked].append((letter, tables))
    for (number, asked), letters in groups.items():
        _answer(judged, nodes[number], asked, campaign, letters, fresh, checks)
    return judged


def _answer(
    judged: Judged,
    node: Node,
    asked: int,
    campaign: int,
    letters: Sequence[tuple[Letter, dict[str, Gathered]]],
    fresh: set[int],
    checks: Sequence[Check],
) -> None:
    latest: dict[str, Letter] = {}
    whole: dict[str, Gathered] = {}
    for letter, tables in letters:
        for name, gathered in tables.items():
            whole[name], latest[name] = gathered, letter
    collection = Collection({node.who.id: (node.who, whole)} if whole else {})
    received = max(letter.at for letter, _ in letters if letter.at is not None)
    by_name = {check.name: check for check in checks}
    for answer in answers(collection, SERVED, received, checks):
        read = [table for table in reads(by_name[answer.check]) if table in latest]
        # What reads a derived table has none of its own names here, and is judged with what it came from.
        if not read or any(latest[table].id in fresh for table in read):
            if asked and answer.outcome == "clean" and not _whole(by_name[answer.check], latest, node):
                # It is asked again whole; what was found by then counts already.
                continue
            judged.answers.append(replace(answer, id=_id(answer, node.id, asked or campaign)))
    waiting = {
        table
        for check in checks
        if not all(table in latest for table in check.tables)
        for table in check.tables
    }
    for letter, tables in letters:
        if any(name in waiting and latest[name] is letter for name in tables):
            judged.held.append(letter.id)
        else:
            judged.done.append(letter.id)


def _whole(check: Check, came: Container[str], node: Node) -> bool:
    """Whether all came that a campaign asks this machine for a check."""
    return all(
        table in came
        for table in reads(check)
        if table in check.queries
        and (not node.platform or node.platform in runs_on(table, check.queries[table]))
    )


def _id(answer: CheckAnswer, node: int, campaign: int) -> str:
    """The same answer again is the same but for its time, which moves on: else a table that is logged each
    hour would be an answer each hour for ever."""
    words = (str(node), str(campaign), answer.check, answer.outcome, answer.reason, *answer.findings)
    return hashlib.sha256("\x1f".join(words).encode("utf-8", "surrogatepass")).hexdigest()


def _read(letter: Letter, at: datetime, node: Node) -> tuple[int, Read]:
    unpack = zlib.decompressobj()
    content = unpack.decompress(letter.body, LARGEST)
    if not unpack.eof:
        raise ValueError(f"a letter is larger than {LARGEST >> 20} MiB")
    if letter.kind == "answers":
        return _distributed(_ANSWERS.decode(content), at, node)
    lines = content.split(b"\n")
    if letter.kind == "status":
        return 0, ({}, list(_statuses(lines, at, node)))
    return 0, _scheduled(lines, at, node)


def _distributed(found: _Answers, at: datetime, node: Node) -> tuple[int, Read]:
    tables: dict[str, Gathered] = {}
    results: list[Result] = []
    for question, table in found.questions.items():
        # By when it came here: what was handed a moment ago needs no clock of the machine's.
        gathered = Gathered(collected=at)
        kind, name = question[:2], question[2:]
        if kind == "t_":
            tables[name] = gathered
        if table.status:
            gathered.whole = False
            gathered.failure = (table.message or f"osquery's status {table.status}")[:500]
            asked = QUERIES.get(name, "") if kind == "t_" else ""
            gathered.absent = bool(missing(table.status, table.message, asked, node.platform))
        rows = [_row(gathered, row) for row in table.rows]
        for row in rows:
            if row is not None:
                gathered.add(row)
        kept: Iterable[Row | None] = gathered.rows or [None]
        results += [
            Result(
                at,
                node.id,
                node.who,
                "distributed",
                found.campaign,
                name if kind == "t_" else question,
                table.status,
                table.message,
                n,
                row,
            )
            for n, row in enumerate(kept)
        ]
    return found.campaign, (tables, results)


def _row(gathered: Gathered, row: Mapping[str, Value]) -> Row | None:
    try:
        return row_of(row)
    except ValueError as error:
        # What lacks a row must not be found clean.
        gathered.whole, gathered.why = False, str(error)
        return None


def _scheduled(lines: Sequence[bytes], at: datetime, node: Node) -> Read:
    collection = osquery.read(enumerate(lines, 1), TABLES, who=node.who)
    _, tables = collection.machines.get(node.who.id, (node.who, {}))
    # Of one table several results may come together: the last is judged, all are kept.
    return tables, [row for line in lines for row in _line(line, at, node)]


def _line(line: bytes, at: datetime, node: Node) -> Iterator[Result]:
    name = ""
    try:
        record = object_of(line)
        name = text_of(record.get("name"))
        found = list(osquery.rows_of(record))[:MOST_ROWS]
    except ValueError as error:
        yield Result(at, node.id, node.who, "scheduled", 0, name, 1, str(error), 0, None)
        return
    for n, (action, row) in enumerate(found):
        yield Result(at, node.id, node.who, "scheduled", 0, name, 0, action, n, row)
    if not found:
        yield Result(at, node.id, node.who, "scheduled", 0, name, 0, "", 0, None)


def _statuses(lines: Sequence[bytes], at: datetime, node: Node) -> Iterator[Result]:
    for n, line in enumerate(lines):
        status, why, row = 0, "", None
        try:
            row = row_of(object_of(line))
        except ValueError as error:
            status, why = 1, str(error)
        yield Result(at, node.id, node.who, "status", 0, "status", status, why, n, row)
