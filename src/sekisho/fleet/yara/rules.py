"""A folder of YARA rules, compiled once: a file a namespace, every error with its file, line and column."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sekisho.errors import FileProblems, Problem, RequestError

if TYPE_CHECKING:
    import yara_x

GLOBALS: Mapping[str, str] = {"filename": "", "filepath": "", "extension": ""}
"""Variables that published rules expect beside the content, and that are set for each file."""
MOST_FILES = 20_000
MAX_FILE = 16 << 20
MAX_ALL = 256 << 20
MOST_PROBLEMS = 200
_SUFFIXES = (".yar", ".yara")
_MEND = "mend it, or move the file out of the folder"


def compile_folder(folder: Path) -> yara_x.Rules:
    """The rules of all `.yar` and `.yara` files below a folder; links to folders are not followed.

    Raises FileProblems with every error of every file, RequestError for a folder that is not there or empty.
    """
    # Loading it costs a tenth of a second, which no other command should pay.
    import yara_x

    if not folder.is_dir():
        raise RequestError(f"{folder} is no folder of YARA rules", "set fleet.yara to one")
    compiler = yara_x.Compiler(relaxed_re_syntax=True, includes_enabled=False)
    for name, value in GLOBALS.items():
        compiler.define_global(name, value)
    problems: list[Problem] = []
    count = 0
    for name, text in _sources(folder, problems):
        count += 1
        compiler.new_namespace(name)
        try:
            compiler.add_source(text, origin=name)
        except yara_x.CompileError:
            # All errors are with the compiler, this file's among them.
            continue
    problems += [_problem(folder, one) for one in compiler.errors()]
    if problems:
        raise FileProblems(problems[:MOST_PROBLEMS])
    if not count:
        raise RequestError(f"{folder} holds no YARA rules", "files whose names end in .yar or .yara")
    return compiler.build()


def _sources(folder: Path, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    left, count = MAX_ALL, 0
    for place, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            if not file.lower().endswith(_SUFFIXES):
                continue
            path = Path(place) / file
            name = path.relative_to(folder).as_posix()
            count += 1
            try:
                with path.open("rb") as stream:
                    raw = stream.read(MAX_FILE + 1)
            except OSError as error:
                problems.append(
                    Problem(str(path), 0, 0, "yara/unreadable", error.strerror or "unreadable", _MEND)
                )
                continue
            left -= len(raw)
            if count > MOST_FILES or len(raw) > MAX_FILE or left < 0:
                problems.append(Problem(str(path), 0, 0, "yara/size", "is more than is taken", _MEND))
                return
            try:
                yield name, raw.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                line = raw.count(b"\n", 0, error.start) + 1
                problems.append(
                    Problem(str(path), line, 0, "yara/encoding", "is not UTF-8", "save it as UTF-8")
                )


def _problem(folder: Path, error: Mapping[str, Any]) -> Problem:
    labels = error.get("labels") or [{}]
    first = labels[0]
    said = first.get("text") or ""
    message = error.get("title") or "is no rule"
    return Problem(
        str(folder / str(first.get("code_origin") or "")),
        int(error.get("line") or first.get("line") or 0),
        int(error.get("column") or first.get("column") or 0),
        "yara/rule",
        f"{message}: {said}" if said and said not in message else str(message),
        _MEND,
    )
