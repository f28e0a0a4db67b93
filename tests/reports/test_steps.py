from __future__ import annotations

from tests.reports.incident_cases import large, nothing, ordinary, relayed
from tests.reports.incident_parts import AT, hop

from sekisho.reports.steps import service_of, steps


def test_each_step_once_in_order_of_time_with_its_paths() -> None:
    found = steps(ordinary())
    assert [step.number for step in found] == [1, 2, 3, 4]
    assert [step.paths for step in found] == [(1, 2), (1, 2), (1,), (1,)]
    assert [step.hop.at for step in found] == sorted(step.hop.at for step in found)
    assert steps(nothing()) == ()


def test_control_of_a_reverse_step_runs_against_its_session() -> None:
    back, on = steps(ordinary())[:2]
    assert (back.origin, back.target) == (("", "203.0.113.9"), ("", "10.40.9.9"))
    assert (back.origin_site, back.target_site) == (None, "th-plant")
    assert (on.origin, on.target) == (("", "10.40.9.9"), ("", "10.1.10.96"))
    assert (on.origin_site, on.target_site) == ("th-plant", "jp-hq")


def test_paths_that_overlap_do_not_double_their_steps() -> None:
    document = large()
    hops = {(h.src, h.dst, h.at, h.kind) for path in document.paths for h in path.hops}
    assert len(steps(document)) == len(hops) < sum(len(path.hops) for path in document.paths)


def test_a_service_without_a_name_is_its_port() -> None:
    one = hop(("10.0.0.1", "a"), ("10.0.0.2", "b"), at=AT)
    assert service_of(one) == "smb"
    assert service_of(one.model_copy(update={"service": None})) == "tcp/445"
    assert service_of(one.model_copy(update={"service": "", "port": 0, "protocol": "icmp"})) == "icmp"


def test_relays_are_named_where_they_passed_a_step_on_or_hide_who_took_it() -> None:
    hidden, passed = steps(relayed())
    assert hidden.behind(hidden.origin) == "somebody behind proxy-1, "
    assert hidden.behind(hidden.target) == hidden.through == ""
    assert passed.behind(passed.origin) == ""
    assert passed.through == "jump-1 (10.1.0.9)"
