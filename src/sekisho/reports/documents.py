"""Published lists that are no audit of their own: findings, and problems of files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from sekisho.errors import Problem
from sekisho.model.findings import Document, Finding


class FindingsDocument(Document):
    """`sekisho finding list` and `show`: findings with what people decided about them."""

    schema_: Literal["sekisho.findings/1"] = Field(default="sekisho.findings/1", alias="schema")
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    """What the audit behind them could not see: "no findings" may mean that nothing was recorded."""


class ProblemItem(Document):
    """One thing wrong in a file a person wrote; places count from 1, and 0 is the whole file."""

    file: str
    line: int
    column: int
    code: str
    level: Literal["error", "warning"]
    message: str
    mend: str = ""


class ProblemsDocument(Document):
    """`sekisho policy lint`: every problem of the files, errors and warnings."""

    schema_: Literal["sekisho.problems/1"] = Field(default="sekisho.problems/1", alias="schema")
    subject: str = "files"
    problems: tuple[ProblemItem, ...]


def problems_document(problems: Iterable[Problem], subject: str = "files") -> ProblemsDocument:
    """The document of problems, in the order of files and lines. `subject` names what was examined."""
    return ProblemsDocument(
        subject=subject,
        problems=tuple(
            ProblemItem(
                file=p.file,
                line=p.line,
                column=p.column,
                code=p.code,
                level=p.level,
                message=p.message,
                mend=p.mend,
            )
            for p in sorted(problems)
        ),
    )
