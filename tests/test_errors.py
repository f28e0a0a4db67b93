from __future__ import annotations

from sekisho.errors import FileProblems, PartlyRead, Problem, Refused, RequestError, SekishoError


def test_a_problem_says_where_and_how_to_mend_it() -> None:
    problem = Problem(
        "sites.yaml", 3, 9, "site/prefix", "10.1.0.5/16 has host bits", "write 10.1.0.0/16"
    )
    assert str(problem) == (
        "sites.yaml:3:9: error: 10.1.0.5/16 has host bits [site/prefix]\n  help: write 10.1.0.0/16"
    )
    assert str(Problem("policy.yaml", 0, 0, "policy/empty", "is empty")).startswith(
        "policy.yaml: error"
    )


def test_problems_come_in_the_order_of_the_file() -> None:
    late = Problem("sites.yaml", 12, 1, "b", "second")
    early = Problem("sites.yaml", 2, 1, "a", "first")
    assert FileProblems([late, early]).problems == (early, late)


def test_each_kind_ends_with_its_own_status() -> None:
    statuses = [e.exit_status for e in (RequestError, PartlyRead, Refused, SekishoError)]
    assert statuses == [2, 3, 4, 70]
