"""The mapping file of a generic source, read with located errors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from sekisho.errors import FileProblems, Problem, RequestError
from sekisho.inventory.documents import read_document
from sekisho.inventory.files import read_bytes


def load_mapping(root: Path, name: str) -> Mapping[str, Any]:
    """The mapping file `name` of a sensor, relative to the workspace `root`, as plain values.

    Raises RequestError where it lies outside the workspace or cannot be read, FileProblems where it is
    no YAML map. Whether its keys are right is for the reader to say.
    """
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise RequestError(f"mapping {name!r} lies outside the workspace", "move it beside sites.yaml")
    document, problems = read_document(name, read_bytes(path))
    if problems:
        raise FileProblems(problems)
    if document.root is None or document.root.kind != "map":
        mend = "write `columns: {start: firstSwitched, ...}`"
        raise FileProblems([Problem(name, 0, 0, "mapping/shape", "is not a map", mend)])
    return cast(Mapping[str, Any], document.root.plain())
