"""The list of questions is the code's, and all of it is asked of every engine."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from sekisho.store import questions
from sekisho.store.engines.registry import ENGINES
from sekisho.store.questions.registry import CANNOT, EMBEDDED, QUESTIONS

OTHERS = {"counted", "difference", "rows", "shaped", "standing", "together"}
"""Parts of questions."""


def test_every_function_that_gives_a_table_is_a_question_or_a_part_of_one() -> None:
    found = {
        node.name
        for path in Path(questions.__path__[0]).glob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if node.returns is not None and ast.unparse(node.returns) == "ir.Table"
    }
    assert found == QUESTIONS.keys() | OTHERS


def test_every_question_is_put_to_every_engine(
    answers: Callable[[str], list[tuple[pa.Table, pa.Table]]],
) -> None:
    assert [name for name in QUESTIONS if not answers(name)] == []


def test_what_an_engine_cannot_do_has_a_reason() -> None:
    assert all(engine in ENGINES and name in QUESTIONS for engine, name in CANNOT)
    assert all([*CANNOT.values(), *EMBEDDED.values()])
