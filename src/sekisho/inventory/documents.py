"""YAML that people write, read into nodes that know their place.

Built on the events of ruamel.yaml rather than on its constructors: no type is ever constructed from
a tag, every scalar stays the text that was written (`country: NO` is Norway), and depth, size and the
expansion of aliases are bounded while reading, so a hostile file ends in a located error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from sekisho.errors import Problem
from sekisho.inventory.events import Unlike, events, quick_events
from sekisho.inventory.texts import decode

MAX_BYTES = 8 << 20
MAX_DEPTH = 24
MAX_NODES = 1_000_000
"""Nodes of one file, those that aliases repeat included."""

_CORE = "tag:yaml.org,2002:"
_NULLS = {"", "~", "null", "Null", "NULL"}
_PROPERTIES = re.compile(r"(?:[!&][^\s,\[\]{}]*\s+)+")

Path = Sequence[str | int]


@dataclass(slots=True)
class Node:
    """One value of a document. `line` and `column` count from 1, `start` and `end` are text offsets."""

    kind: Literal["map", "list", "text", "null"]
    line: int
    column: int
    start: int = 0
    end: int = 0
    text: str = ""
    style: str = ""
    items: list[Node] = field(default_factory=list)
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    weight: int = 1

    def get(self, key: str) -> Node | None:
        """The value of a key of a map; None where there is none."""
        return next((value for name, value in self.pairs if name.text == key), None)

    def plain(self) -> Any:
        """The same as dicts, lists, texts and None."""
        match self.kind:
            case "map":
                return {key.text: value.plain() for key, value in self.pairs}
            case "list":
                return [item.plain() for item in self.items]
            case "text":
                return self.text
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Document:
    """A file and its root; `root` is None where the file is empty or holds comments only."""

    file: str
    source: str
    root: Node | None

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column of the value at `path` (of its key if `key`), or of the nearest above it."""
        node = self.root
        best = (node.line, node.column) if node else (0, 0)
        for depth, step in enumerate(path):
            pair = _step(node, step)
            if pair is None:
                break
            name, node = pair
            named = name is not None and ((key and depth == len(path) - 1) or node.kind == "null")
            at = name if named and name is not None else node
            best = (at.line, at.column)
        return best

    def at(self, path: Path) -> Node | None:
        """The value at `path`, None where there is none."""
        node = self.root
        for step in path:
            pair = _step(node, step)
            if pair is None:
                return None
            node = pair[1]
        return node

    def place_within(self, node: Node, offset: int) -> tuple[int, int]:
        """Line and column of the character at `offset` of a scalar's text, seen through its quotes,
        escapes and folded lines."""
        raw, value, where = self.source, node.text, node.start
        properties = _PROPERTIES.match(raw, where, node.end)
        if properties:
            where = properties.end()
        if node.style in ("|", ">"):
            where = raw.find("\n", where) + 1
            where += len(raw[where : node.end]) - len(raw[where : node.end].lstrip())
        elif node.style in ("'", '"'):
            where += 1
        position = 0
        while position < min(offset, len(value)) and where < node.end:
            if value[position].isspace():
                while position < len(value) and value[position].isspace():
                    if position == offset:
                        break
                    position += 1
                while where < node.end and raw[where].isspace():
                    where += 1
                continue
            where += _width(raw, where, node.style)
            position += 1
        line = raw.count("\n", 0, where) + 1
        return line, where - (raw.rfind("\n", 0, where) + 1) + 1


def _step(node: Node | None, step: str | int) -> tuple[Node | None, Node] | None:
    if node is not None and node.kind == "map":
        return next(((key, value) for key, value in node.pairs if key.text == str(step)), None)
    if node is not None and node.kind == "list" and isinstance(step, int) and step < len(node.items):
        return None, node.items[step]
    return None


def _width(raw: str, where: int, style: str) -> int:
    """How many characters of the file stand for one of the scalar."""
    if style == "'" and raw.startswith("''", where):
        return 2
    if style == '"' and raw[where] == "\\":
        return {"x": 4, "u": 6, "U": 10}.get(raw[where + 1 : where + 2], 2)
    return 1


def read_document(
    file: str, content: bytes, sentences: Sequence[str] = ()
) -> tuple[Document, tuple[Problem, ...]]:
    """Read one YAML file. Never raises for what is in the file; the problems say what is wrong.

    A document with problems holds what could be read, which may be nothing. `sentences` are keys whose
    value may be written on its line without quotes although it holds ` : ` or begins with `*`, which
    plain YAML forbids: `allow: th-plant/* -> jp-hq/dns : udp/53`.
    """
    source, problems = decode(file, content, MAX_BYTES)
    if source is None:
        return Document(file, "", None), problems
    masked = _masked(source, sentences)
    composer = _quickly(file, masked)
    if composer is not None:
        return Document(file, source, composer.root), problems
    composer = _Composer(file)
    try:
        composer.run(events(masked))
    except _Stop as stop:
        composer.problems.append(stop.problem)
    except (YAMLError, ReaderError, RecursionError, ValueError, OverflowError) as error:
        composer.problems.extend(_syntax(file, source, error))
    return Document(file, source, composer.root), (*problems, *composer.problems)


def _quickly(file: str, source: str) -> _Composer | None:
    """A text without problems, read by the quick parser; None where there are any, or might be."""
    composer = _Composer(file)
    try:
        composer.run(quick_events(source))
    except (Unlike, _Stop):
        return None
    return None if composer.problems else composer


_COLON, _STAR = "\ue000", "\ue001"
_UNMASK = str.maketrans({_COLON: ":", _STAR: "*"})


def _masked(source: str, sentences: Sequence[str]) -> str:
    """The source with what plain YAML forbids in sentences replaced, one character for one."""
    if not sentences:
        return source
    line = (
        rf"^([ ]*(?:-[ ]+)?(?:{'|'.join(map(re.escape, sentences))}):[ ]+)(?![\"'|>\[{{&!#])(.*->.*)$"
    )

    def mask(found: re.Match[str]) -> str:
        text = re.sub(r":(?=\s|$)", _COLON, found[2])
        return found[1] + (_STAR + text[1:] if text.startswith("*") else text)

    return re.sub(line, mask, source, flags=re.MULTILINE)


class _Stop(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _Composer:
    """Builds nodes from events with its own stack, so that no depth of input can overflow ours."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self.stack: list[tuple[Node, Node | None]] = []
        self.anchors: dict[str, Node] = {}
        self.open_anchors: list[str | None] = []
        self.documents = 0
        self.nodes = 0

    def run(self, events: Iterator[Any]) -> None:
        for event in events:
            if isinstance(event, DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    raise self._stop(
                        event,
                        "yaml/documents",
                        "a second document begins here",
                        "keep one document a file: remove the `---`",
                    )
            elif isinstance(event, ScalarEvent):
                self._check_tag(event)
                self._add(self._scalar(event), event.anchor)
            elif isinstance(event, AliasEvent):
                node = self.anchors.get(event.anchor)
                if node is None:
                    self._problem(
                        event,
                        "yaml/alias",
                        f"nothing above is called &{event.anchor}",
                        f"write the value here, or put &{event.anchor} before the first one",
                    )
                    node = _node("null", event)
                self._add(node, None, repeated=True)
            elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                self._check_tag(event)
                if len(self.stack) >= MAX_DEPTH:
                    raise self._stop(
                        event,
                        "yaml/depth",
                        f"nested deeper than {MAX_DEPTH} levels",
                        "these files need at most a handful of levels",
                    )
                kind: Literal["map", "list"] = "map" if isinstance(event, MappingStartEvent) else "list"
                self.stack.append((_node(kind, event), None))
                self.open_anchors.append(event.anchor)
            elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
                node, _ = self.stack.pop()
                node.end = event.end_mark.index
                if node.kind == "map":
                    self._finish_map(node)
                self._add(node, self.open_anchors.pop())

    def _scalar(self, event: Any) -> Node:
        plain = event.style in (None, "") and event.ctag is None
        node = _node("null" if plain and event.value in _NULLS else "text", event)
        node.text, node.style = event.value.translate(_UNMASK), event.style or ""
        return node

    def _add(self, node: Node, anchor: str | None, *, repeated: bool = False) -> None:
        self.nodes += node.weight if repeated else 1
        if self.nodes > MAX_NODES:
            raise self._stop_at(
                node,
                "yaml/size",
                f"more than {MAX_NODES:,} values, aliases included",
                "split the file, or write out what the aliases repeat",
            )
        if anchor:
            self.anchors[anchor] = node
        if not self.stack:
            self.root = node
            return
        parent, key = self.stack[-1]
        parent.weight += node.weight
        if parent.kind == "list":
            parent.items.append(node)
        elif key is None:
            if node.kind in ("map", "list"):
                self._at(node, "yaml/key", "a key must be plain text", "write `name: value`")
                node = Node("text", node.line, node.column, text=f"\x00{node.start}")
            self.stack[-1] = (parent, node)
        else:
            parent.pairs.append((key, node))
            self.stack[-1] = (parent, None)

    def _finish_map(self, node: Node) -> None:
        """Report keys written twice, and merge `<<: *name` as far as keys are not already there."""
        first: dict[str, Node] = {}
        merged: list[tuple[Node, Node]] = []
        own: list[tuple[Node, Node]] = []
        for key, value in node.pairs:
            if key.text == "<<" and not key.style:
                sources = value.items if value.kind == "list" else [value]
                for source in sources:
                    if source.kind == "map":
                        merged.extend(source.pairs)
                    else:
                        self._at(
                            value, "yaml/merge", "`<<` merges maps only", "write `<<: *name` of a map"
                        )
                continue
            if key.text in first:
                before = first[key.text]
                self._at(
                    key,
                    "yaml/duplicate-key",
                    f"the key `{key.text}` is already written on line {before.line}",
                    "keep one of them; a second one would silently replace the first",
                )
                continue
            first[key.text] = key
            own.append((key, value))
        node.pairs = own + [(k, v) for k, v in merged if k.text not in first]

    def _check_tag(self, event: Any) -> None:
        tag = event.ctag
        if tag is None:
            return
        text = str(tag)
        if not text.startswith(_CORE) or "python" in text:
            self._problem(
                event,
                "yaml/tag",
                f"the tag {text.replace(_CORE, '!!')} is not used in these files",
                "remove the tag; write the plain value",
            )

    def _problem(self, event: Any, code: str, message: str, mend: str) -> None:
        mark = event.start_mark
        self.problems.append(Problem(self.file, mark.line + 1, mark.column + 1, code, message, mend))

    def _at(self, node: Node, code: str, message: str, mend: str) -> None:
        self.problems.append(Problem(self.file, node.line, node.column, code, message, mend))

    def _stop(self, event: Any, code: str, message: str, mend: str) -> _Stop:
        mark = event.start_mark
        return _Stop(Problem(self.file, mark.line + 1, mark.column + 1, code, message, mend))

    def _stop_at(self, node: Node, code: str, message: str, mend: str) -> _Stop:
        return _Stop(Problem(self.file, node.line, node.column, code, message, mend))


def _node(kind: Literal["map", "list", "text", "null"], event: Any) -> Node:
    mark = event.start_mark
    return Node(kind, mark.line + 1, mark.column + 1, mark.index, event.end_mark.index)


def _syntax(file: str, source: str, error: Exception) -> list[Problem]:
    """What a YAML parser's complaint means to the person who wrote the file."""
    tabs = [
        (number, len(line) - len(line.lstrip(" ")) + 1)
        for number, line in enumerate(source.splitlines(), 1)
        if "\t" in line[: len(line) - len(line.lstrip())] and line.strip()
    ]
    if tabs:
        return [
            Problem(
                file,
                line,
                column,
                "yaml/tab",
                "a tab stands in the indentation",
                "replace the tab with spaces: YAML allows only spaces there",
            )
            for line, column in tabs[:50]
        ]
    if isinstance(error, ReaderError):
        before = source[: error.position]
        line, column = before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1
        return [
            Problem(
                file,
                line,
                column,
                "yaml/character",
                f"the character U+{ord(source[error.position]):04X} cannot stand in YAML",
                "remove it; it may come from a copied document",
            )
        ]
    line = column = 0
    message = "the file is not YAML"
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        if mark is not None:
            line, column = mark.line + 1, mark.column + 1
        message = " ".join(str(part) for part in (error.context, error.problem) if part)
    return [
        Problem(
            file,
            line,
            column,
            "yaml/syntax",
            f"not valid YAML here: {message}",
            _syntax_mend(source, line),
        )
    ]


def _syntax_mend(source: str, line: int) -> str:
    lines = source.splitlines()
    text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    if re.search(r":\s+\*|:\s*\* ->|allow:.*\s:\s|deny:.*\s:\s|->", text) and not re.search(
        r":\s*[\"']", text
    ):
        return 'put the text between quotes: allow: "* -> site/group : tcp/443"'
    if re.search(r":\S", text) and not re.search(r":\s", text):
        return "put a space after the colon"
    return "check the indentation, quotes and brackets of this line and of the one above"
