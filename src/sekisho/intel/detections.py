"""Sigma rules in a folder, listed without being compiled: what each is, what it looks for, who wrote it.

A file holds one rule or several, separated by `---`. Links are not followed. Sources: the Sigma rules
specification 2.1, the Sigma correlation rules specification 2.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sekisho.errors import Problem, RequestError
from sekisho.inventory.documents import Node, read_document

MOST_FILES = 50_000
MOST_RULES = 100_000
LARGEST = 1 << 20
LEVELS = ("critical", "high", "medium", "low", "informational")
"""From the gravest; a rule that gives none is `medium`."""
_SEPARATOR = re.compile(rb"^---[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_TRUE, _FALSE = {"true", "yes", "on"}, {"false", "no", "off"}
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_HEXADECIMAL = re.compile(r"[+-]?0x[0-9a-fA-F]+")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LONGEST_NUMBER = 30

Kind = Literal["rule", "correlation", "filter"]


@dataclass(frozen=True, slots=True)
class Logsource:
    """Where a rule looks; '' where it does not say."""

    product: str = ""
    category: str = ""
    service: str = ""

    def __str__(self) -> str:
        return "/".join(one for one in (self.product, self.category, self.service) if one) or "any"


@dataclass(frozen=True, slots=True)
class DetectionRule:
    """One rule. `tags` are in lower case with hyphens, such as `attack.t1021.002`; `path` is below the folder,
    `line` where the rule begins; `body` is the whole rule as plain values."""

    id: str
    title: str
    level: str
    status: str
    logsource: Logsource
    tags: tuple[str, ...]
    path: str
    line: int
    author: str
    license: str
    kind: Kind = "rule"
    body: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def techniques(self) -> tuple[str, ...]:
        """ATT&CK techniques that it is tagged with: `T1021.002`."""
        found = (re.fullmatch(r"attack\.(t[0-9]{4}(?:\.[0-9]{3})?)", tag) for tag in self.tags)
        return tuple(one[1].upper() for one in found if one)


@dataclass(frozen=True, slots=True)
class Listing:
    """The rules of a folder in the order of their paths, and what could not be read."""

    rules: tuple[DetectionRule, ...]
    problems: tuple[Problem, ...] = ()


def listed(folder: Path) -> Listing:
    """The rules of a folder, or of one file. Raises RequestError where it is not there, or holds too many."""
    rules: list[DetectionRule] = []
    problems: list[Problem] = []
    for path in _files(folder):
        name = path.name if path == folder else path.relative_to(folder).as_posix()
        try:
            with path.open("rb") as stream:
                content = stream.read(LARGEST + 1)
        except OSError as error:
            problems.append(
                _problem(name, 0, f"cannot be read: {error.strerror}", "look at its rights")
            )
            continue
        if len(content) > LARGEST:
            problems.append(
                _problem(name, 0, f"is larger than {LARGEST >> 20} MiB", "keep a rule a file")
            )
            continue
        read = rules_of(name, content)
        rules += read.rules
        problems += read.problems
        if len(rules) > MOST_RULES:
            raise RequestError(
                f"{folder} holds more than {MOST_RULES:,} rules", "name a folder within it"
            )
    return Listing(tuple(rules), tuple(problems))


def rules_of(name: str, content: bytes) -> Listing:
    """The rules of one file's content; `name` is its path below the folder."""
    rules: list[DetectionRule] = []
    problems: list[Problem] = []
    for line, part in _documents(content):
        # The lines before it stand empty, so that problems say where in the file they are.
        document, found = read_document(name, b"\n" * (line - 1) + part)
        problems += found
        if document.root is None or any(one.level == "error" for one in found):
            continue
        body = plain(document.root)
        if not isinstance(body, dict) or not _is_rule(body):
            problems.append(_problem(name, line, "is no Sigma rule", "a rule has a `detection:`"))
            continue
        rules.append(_rule(body, name, document.root.line))
    return Listing(tuple(rules), tuple(problems))


def plain(node: Node) -> Any:
    """A value as YAML 1.1 types it, which rules are written for; times stay texts."""
    match node.kind:
        case "map":
            return {key.text: plain(value) for key, value in node.pairs}
        case "list":
            return [plain(item) for item in node.items]
        case "null":
            return None
        case _:
            return node.text if node.style else _scalar(node.text)


def _scalar(text: str) -> Any:
    small = text.lower()
    if small in _TRUE or small in _FALSE:
        return small in _TRUE
    if len(text) <= _LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _HEXADECIMAL.fullmatch(text):
            return int(text, 16)
        if _REAL.fullmatch(text):
            return float(text)
    return text


def _files(folder: Path) -> Iterator[Path]:
    if not folder.exists():
        raise RequestError(f"{folder} is not there", "name a folder of Sigma rules (*.yml)")
    if folder.is_file():
        yield folder
        return
    count = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in (".yml", ".yaml") or path.is_symlink() or not path.is_file():
            continue
        count += 1
        if count > MOST_FILES:
            raise RequestError(
                f"{folder} holds more than {MOST_FILES:,} files", "name a folder within it"
            )
        yield path


def _documents(content: bytes) -> Iterator[tuple[int, bytes]]:
    begin = 0
    for found in _SEPARATOR.finditer(content):
        if (part := content[begin : found.start()]).strip():
            yield content.count(b"\n", 0, begin) + 1, part
        begin = found.end()
    if (part := content[begin:]).strip():
        yield content.count(b"\n", 0, begin) + 1, part


def _is_rule(body: Mapping[str, Any]) -> bool:
    return any(isinstance(body.get(key), dict) for key in ("detection", "correlation", "filter"))


def _rule(body: Mapping[str, Any], path: str, line: int) -> DetectionRule:
    kind: Kind = "rule"
    if isinstance(body.get("correlation"), dict):
        kind = "correlation"
    elif isinstance(body.get("filter"), dict):
        kind = "filter"
    source = body.get("logsource")
    said = source if isinstance(source, dict) else {}
    tags = body.get("tags")
    level = _text(body.get("level")).lower()
    return DetectionRule(
        id=_text(body.get("id")),
        title=_text(body.get("title")) or path,
        level=level if level in LEVELS else "medium",
        status=_text(body.get("status")),
        logsource=Logsource(
            *(_text(said.get(key)).lower() for key in ("product", "category", "service"))
        ),
        tags=tuple(
            _text(tag).lower().replace("_", "-") for tag in (tags if isinstance(tags, list) else ())
        ),
        path=path,
        line=line,
        author=_text(body.get("author")),
        license=_text(body.get("license")),
        kind=kind,
        body=body,
    )


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else str(value)[:500].strip()


def _problem(file: str, line: int, message: str, mend: str) -> Problem:
    return Problem(file, line, 0, "sigma/file", message, mend)
