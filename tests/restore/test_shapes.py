from __future__ import annotations

from sekisho.restore.shapes import RestoreFile


def test_what_is_left_out_is_empty() -> None:
    assert RestoreFile.model_validate({"gates": None, "links": None}) == RestoreFile()
    shape = RestoreFile.model_validate({"gates": {"quiet": {"days": 3}}})
    assert shape.gates.quiet is not None
    assert (shape.gates.quiet.days, shape.gates.quiet.coverage) == (3, None)
