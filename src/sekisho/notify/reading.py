"""Reading files of obligations: those that come with the program, and the workspace's own beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any

from sekisho.errors import RequestError
from sekisho.inventory.documents import Document, Path, read_document
from sekisho.inventory.files import read_bytes
from sekisho.inventory.located import Problems, did_you_mean, shaped
from sekisho.notify.deadlines import Calendar, closed_days, read_period
from sekisho.notify.language import Expression, ExpressionError, parse
from sekisho.notify.obligation import STAGE, Obligation, Stage
from sekisho.notify.shapes import ObligationFile
from sekisho.notify.vocabulary import FACTS, kind_of, nearest

FOLDER = "obligations"
MAX_FILES = 500
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@lru_cache(maxsize=1)
def shipped() -> tuple[Obligation, ...]:
    """The obligations that come with the program, by id."""
    folder = files("sekisho.notify") / FOLDER
    contents = {
        entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".yaml")
    }
    problems = Problems()
    found = read_obligations(contents, problems, own=False)
    problems.check()
    return found


def own_files(root: FilePath) -> dict[str, bytes]:
    """The workspace's own files by their names, such as `obligations/insurer.yaml`. Raises RequestError."""
    folder = root / FOLDER
    if not folder.is_dir():
        return {}
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    if len(paths) > MAX_FILES:
        raise RequestError(f"{folder} holds more than {MAX_FILES} files", "keep what applies")
    return {f"{FOLDER}/{path.name}": read_bytes(path) for path in paths}


def in_force(own: Mapping[str, bytes]) -> tuple[Obligation, ...]:
    """What comes with the program and the workspace's own; an own one replaces a shipped one of its id.

    Raises FileProblems with everything that is wrong in the own files.
    """
    problems = Problems()
    found = read_obligations(own, problems, own=True)
    problems.check()
    replaced = {one.id for one in found}
    kept = [one for one in shipped() if one.id not in replaced]
    return tuple(sorted((*kept, *found), key=lambda one: one.id))


def read_obligations(
    contents: Mapping[str, bytes], problems: Problems, *, own: bool
) -> tuple[Obligation, ...]:
    """Every obligation that could be read, by id; what is wrong is noted with its place."""
    found: dict[str, Obligation] = {}
    for file, content in sorted(contents.items()):
        one = read_obligation(file, content, problems, own=own)
        if one is None:
            continue
        if one.id in found:
            problems.add(file, (0, 0), "obligation/twice", f"{one.id} is read already", "rename one")
        found[one.id] = one
    return tuple(found[key] for key in sorted(found))


def read_obligation(file: str, content: bytes, problems: Problems, *, own: bool) -> Obligation | None:
    """One file; None, and every problem noted, where it cannot be used."""
    before = len(problems)
    document, slips = read_document(file, content)
    problems.extend(slips)
    if document.root is None and slips:
        return None
    data = document.root.plain() if document.root is not None else None
    shape = shaped(ObligationFile, document, (), data or {}, "the obligation", problems)
    name = FilePath(file).stem
    if not _ID.fullmatch(name):
        problems.add(
            file,
            (0, 0),
            "obligation/name",
            f"`{name[:60]}` is no id",
            "name it like insurer-policy.yaml",
        )
    reader = _Reader(document, problems)
    if shape is None:
        # What is written in conditions is told too, not only once the rest is mended.
        for path, text in _conditions(data):
            reader.expression(path, text)
        return None
    applies = reader.expression(("applies",), shape.applies)
    trigger = reader.expression(("trigger",), shape.trigger)
    exceptions = tuple(
        (reader.expression(("exceptions", n, "when"), one.when), one.why)
        for n, one in enumerate(shape.exceptions)
    )
    stages = {stage: reader.stage(stage, shape) for stage in shape.stages}
    reader.order(shape)
    if any(problem.level == "error" for problem in problems[before:]):
        return None
    country, _, part = shape.holidays.partition("/")
    calendar = Calendar(shape.zone, country, part, closed_days(shape.closed))
    return Obligation(name, file, own, shape, applies, trigger, exceptions, calendar, stages)


def _conditions(data: Any) -> Iterator[tuple[Path, str]]:
    """Each condition of a file whose shape is wrong, with the path to it."""
    if not isinstance(data, dict):
        return
    stages = data.get("stages")
    named = stages.items() if isinstance(stages, dict) else ()
    places: list[tuple[Path, Any]] = [((key,), data.get(key)) for key in ("applies", "trigger")]
    places += _whens(("exceptions",), data.get("exceptions"))
    for name, stage in named:
        if isinstance(stage, dict):
            places.append((("stages", name, "when"), stage.get("when")))
            places += _whens(("stages", name, "due_if"), stage.get("due_if"))
    yield from ((path, text) for path, text in places if isinstance(text, str))


def _whens(path: tuple[str, ...], items: Any) -> list[tuple[Path, Any]]:
    found = enumerate(items) if isinstance(items, list) else ()
    return [((*path, n, "when"), one.get("when")) for n, one in found if isinstance(one, dict)]


class _Reader:
    def __init__(self, document: Document, problems: Problems) -> None:
        self.document, self.problems = document, problems

    def expression(self, at: Path, text: str) -> Expression:
        try:
            return parse(text)
        except ExpressionError as error:
            node = self.document.at(at)
            place = (
                self.document.place_within(node, error.offset)
                if node is not None and node.kind == "text"
                else self.document.place(at)
            )
            self._note(place, "obligation/expression", str(error), error.mend)
            return parse("no")

    def stage(self, name: str, shape: ObligationFile) -> Stage:
        one = shape.stages[name]
        at = ("stages", name)
        return Stage(
            name=name,
            shape=one,
            when=self.expression((*at, "when"), one.when),
            period=read_period(one.due),
            periods=tuple(
                (self.expression((*at, "due_if", n, "when"), other.when), read_period(other.due))
                for n, other in enumerate(one.due_if)
            ),
            confidence=one.confidence or shape.confidence,
        )

    def order(self, shape: ObligationFile) -> None:
        """Anchors name times, or stages that stand above: so no stage can wait for itself."""
        if not shape.stages:
            self._note(
                self.document.place(("stages",)), "obligation/stages", "nothing is sent", "add a stage"
            )
        above: list[str] = []
        for name, one in shape.stages.items():
            place = self.document.place(("stages", name, "anchor"))
            if one.anchor.startswith(STAGE):
                if one.anchor.removeprefix(STAGE) not in above:
                    self._note(
                        place,
                        "obligation/anchor",
                        f"`{one.anchor[:60]}` is no stage that stands above {name}",
                        did_you_mean(one.anchor, [f"{STAGE}{other}" for other in above]),
                    )
            elif (known := kind_of(one.anchor)) is None or known.kind != "time":
                times = [fact for fact, kind in FACTS.items() if kind.kind == "time"]
                self._note(
                    place,
                    "obligation/anchor",
                    f"`{one.anchor[:60]}` is no time that can be recorded",
                    nearest(one.anchor) if known is None else f"times: {', '.join(times)}",
                )
            above.append(name)

    def _note(self, place: tuple[int, int], code: str, message: str, mend: str) -> None:
        self.problems.add(self.document.file, place, code, message, mend)


def asked(obligations: Iterable[Obligation], name: str) -> Obligation:
    """The obligation of that id. Raises RequestError."""
    known = {one.id: one for one in obligations}
    if name not in known:
        raise RequestError(f"there is no obligation {name[:60]}", did_you_mean(name, known))
    return known[name]
