from __future__ import annotations

from sekisho.errors import Problem
from sekisho.reports.documents import problems_document


def test_problems_stand_in_the_order_of_files_and_lines() -> None:
    later = Problem("policy.yaml", 9, 3, "rule/no-owner", "no owner", "add `owner:`", "warning")
    first = Problem("policy.yaml", 2, 1, "yaml/tab", "a tab", "use spaces")
    document = problems_document([later, first], "the policy")
    assert [(p.line, p.level, p.mend) for p in document.problems] == [
        (2, "error", "use spaces"),
        (9, "warning", "add `owner:`"),
    ]
    assert document.model_dump(by_alias=True)["schema"] == "sekisho.problems/1"
