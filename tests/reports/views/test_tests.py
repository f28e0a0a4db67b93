from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from sekisho.policy import testing
from sekisho.reports.base import Options
from sekisho.reports.registry import render


def result(text: str, line: int, witness: str | None = None, rule: str | None = None) -> object:
    return testing.TestResult(
        test=text,
        holds=witness is None,
        witness=witness,
        rule=rule,
        at=datetime(2020, 6, 4, tzinfo=UTC),
        file="policy.yaml",
        line=line,
        column=5,
    )


GOOD = result("allow: th/edi -> jp/edi : tcp/8443", 20)
BAD = result("deny: th/* -> jp/* : tcp/445", 21, "10.40.0.0 -> 10.1.0.0 tcp/445 [bold]", rule="TH-WIDE")


def shown(*tests: object, to: str = "table") -> str:
    stream = io.StringIO()
    document = testing.TestsDocument.model_validate(
        {"tests": tests, "failed": sum(not t.holds for t in tests)}  # type: ignore[attr-defined]
    )
    render(document, to, stream, Options())
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def test_what_holds_and_what_refutes_the_rest() -> None:
    assert shown(GOOD, BAD) == (
        "1 of 2 tests failed.\n"
        "\n"
        "FAILS  policy.yaml:21  deny: th/* -> jp/* : tcp/445\n"
        "       refuted by 10.40.0.0 -> 10.1.0.0 tcp/445 [bold], permitted by TH-WIDE\n"
        "holds  policy.yaml:20  allow: th/edi -> jp/edi : tcp/8443"
    )


def test_all_hold() -> None:
    assert shown(GOOD).startswith("The only test holds.")

    assert shown(GOOD, GOOD).startswith("All 2 tests hold.")


def test_a_register_without_tests_is_told_how_to_have_some() -> None:
    assert "`tests:`" in shown()


def test_failed_ones_come_first_in_a_file() -> None:
    rows = list(csv.DictReader(io.StringIO(shown(GOOD, BAD, to="csv"))))
    assert [(row["holds"], row["line"]) for row in rows] == [("NO", "21"), ("yes", "20")]
