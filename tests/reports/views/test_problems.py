from __future__ import annotations

import io

from sekisho.errors import Problem
from sekisho.reports.base import Options
from sekisho.reports.documents import ProblemsDocument, problems_document
from sekisho.reports.registry import render


def text(document: ProblemsDocument) -> str:
    stream = io.StringIO()
    render(document, "table", stream, Options())
    return stream.getvalue()


def test_each_problem_has_a_place_a_code_and_a_mend() -> None:
    problems = [
        Problem(
            "policy.yaml", 4, 3, "rule/no-owner", "rule A has no owner", "add `owner: TEAM`", "warning"
        ),
        Problem("sites.yaml", 0, 0, "file/missing", "there is no such file"),
    ]
    assert text(problems_document(problems, "the policy")) == (
        "policy.yaml:4:3: warning: rule A has no owner [rule/no-owner]\n"
        "  help: add `owner: TEAM`                                                       \n"
        "sites.yaml: error: there is no such file [file/missing]\n"
        "\n"
        "1 error and 1 warning in the policy.\n"
    )


def test_no_problem_is_said() -> None:
    assert text(problems_document([], "policy.yaml")) == "No problems in policy.yaml.\n"
