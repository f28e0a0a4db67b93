from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.audit.collapse import CAUSES, collapse
from sekisho.model.findings import Finding
from sekisho.model.verdicts import SEVERITIES

START = datetime(2024, 3, 1, tzinfo=UTC)
Make = Callable[..., Finding]


def scan(make: Make, targets: int = 12) -> list[Finding]:
    return [
        make(dst=f"10.2.0.{n}", port=22, verdict="attempted", established=0, severity="info")
        for n in range(targets)
    ]


def test_a_finding_is_in_one_cause_at_most_and_kinds_come_in_order(make_finding: Make) -> None:
    rows = [
        *scan(make_finding),
        make_finding(src="10.1.0.9", port=22),
        make_finding(src="10.1.0.8", port=22),
    ]
    named, causes = collapse(rows)
    assert {c.kind: c.findings for c in causes} == {"scanner": 12, "missing_rule": 2}
    assert [f.id for f in named] == [f.id for f in rows]
    assert {f.cause for f in named} == {c.id for c in causes}


def test_an_answered_session_never_hides_in_a_scan(make_finding: Make) -> None:
    broken_in = [
        make_finding(dst="10.2.0.99", port=445, severity="critical"),
        make_finding(dst="10.2.0.98", port=445, severity="critical"),
    ]
    named, causes = collapse([*scan(make_finding, 40), *broken_in])
    assert [c.kind for c in causes] == ["scanner"]
    assert [f.id for f in named if f.cause is None] == [f.id for f in broken_in]


def test_the_kinds_have_names_of_their_own() -> None:
    assert len({finder.kind for finder in CAUSES}) == len(CAUSES)


@given(st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_causes_hold_whatever_the_order_and_hide_no_severity(
    make_finding: Make, data: st.DataObject
) -> None:
    drawn = data.draw(
        st.lists(
            st.tuples(
                st.integers(0, 2),
                st.integers(0, 5),
                st.sampled_from([22, 445, 80]),
                st.sampled_from(SEVERITIES),
                st.sampled_from(["unauthorized", "attempted", "lapsed", "unmapped"]),
            ),
            unique_by=lambda row: row[:3],
            max_size=50,
        )
    )
    rows = [
        make_finding(
            src=f"10.1.0.{src}",
            dst={"address": f"10.2.0.{dst}", "site": None if verdict == "unmapped" else "th"},
            port=port,
            severity=severity,
            verdict=verdict,
            established=0 if verdict == "attempted" else 3,
        )
        for src, dst, port, severity, verdict in drawn
    ]
    named, causes = collapse(rows)
    for cause in causes:
        members = [f for f in named if f.cause == cause.id]
        assert len(members) == cause.findings
        assert cause.severity == min((f.severity for f in members), key=SEVERITIES.index)
        if cause.kind == "scanner":
            assert not any(f.established for f in members)
    assert {f.cause for f in named} - {None} == {c.id for c in causes}
    shuffled, again = collapse(data.draw(st.permutations(rows)))
    assert again == causes
    assert {f.id: f.cause for f in shuffled} == {f.id: f.cause for f in named}
