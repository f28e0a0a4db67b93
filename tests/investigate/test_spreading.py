"""What joins an incident, step by step; whole chains are in test_run."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.investigate.factors.base import Step, Weight
from sekisho.investigate.seeds import SeedRequest
from sekisho.investigate.spreading import Spreading
from sekisho.investigate.steps import Known, Scored
from sekisho.investigate.talks import Talks
from sekisho.model.verdicts import Rank

START = datetime(2024, 3, 4, tzinfo=UTC)
SeedOf = Callable[[str, str, int], SeedRequest]


def test_a_failed_or_late_rule_changes_nothing_by_itself(company: Any, seed_of: SeedOf) -> None:
    company.flow(50, "10.2.0.40", "10.3.0.50", 3389)
    company.flow(51, "10.3.0.50", "10.4.0.60", 445, state="S0")
    found = company.open().look(seed_of("10.2.0.40", "10.3.0.50", 3389))
    assert [(hop.src, hop.dst) for hop in found.hops] == [("10.2.0.40", "10.3.0.50")]


def test_another_intruder_of_the_same_host_needs_more_than_the_rule_it_lacks(
    company: Any, seed_of: SeedOf
) -> None:
    company.flow(50, "10.2.0.40", "10.3.0.50", 3389)
    company.flow(90, "10.4.0.91", "10.3.0.50", 9100)
    found = company.open().look(seed_of("10.2.0.40", "10.3.0.50", 3389))
    assert [hop.src for hop in found.hops] == ["10.2.0.40"]


def test_a_party_that_several_hosts_in_it_call_is_theirs(company: Any, seed_of: SeedOf) -> None:
    company.flow(50, "10.2.0.40", "10.3.0.50", 3389)
    for host, start in (("10.2.0.40", 45), ("10.3.0.50", 50.5)):
        for beat in range(60):
            company.flow(start + beat / 2, host, "203.0.113.5", 443, minutes=1, out=900, back=500)
    found = company.open().look(seed_of("10.2.0.40", "10.3.0.50", 3389))
    calls = [hop for hop in found.hops if hop.dst == "203.0.113.5"]
    assert [hop.kind for hop in calls] == ["reverse", "reverse"]
    assert all("shared" in {factor.id for factor in hop.why} for hop in calls)


def test_a_permitted_connection_after_which_its_destination_breaks_the_rules_is_a_step(
    company: Any, seed_of: SeedOf
) -> None:
    # c's host may use the common files; the file server then goes on where it may not.
    company.flow(60, "10.4.0.91", "10.3.0.50", 3389)
    company.flow(70, "10.3.0.50", "10.1.0.7", 445)
    company.flow(78, "10.1.0.7", "10.4.0.60", 22)
    found = company.open().look(seed_of("10.4.0.91", "10.3.0.50", 3389))
    assert [(hop.src, hop.dst) for hop in found.hops] == [
        ("10.4.0.91", "10.3.0.50"),
        ("10.3.0.50", "10.1.0.7"),
        ("10.1.0.7", "10.4.0.60"),
    ]
    assert "onward" in {factor.id for factor in found.hops[1].why}


def test_a_permitted_connection_is_followed_backwards_to_where_its_source_was_broken_into(
    company: Any, seed_of: SeedOf
) -> None:
    company.flow(60, "10.4.0.91", "10.3.0.50", 3389)
    company.flow(70, "10.3.0.50", "10.1.0.7", 445)
    company.flow(78, "10.1.0.7", "10.4.0.60", 22)
    found = company.open().look(seed_of("10.1.0.7", "10.4.0.60", 22))
    assert [(hop.src, hop.dst) for hop in found.hops] == [
        ("10.4.0.91", "10.3.0.50"),
        ("10.3.0.50", "10.1.0.7"),
        ("10.1.0.7", "10.4.0.60"),
    ]
    assert {"onward", "bridge"} <= {factor.id for factor in found.hops[1].why}
    assert found.entry is not None
    assert found.entry.address == "10.4.0.91"


def test_a_permitted_session_that_carried_far_more_than_ever_is_when_it_was_misused(
    company: Any, seed_of: SeedOf
) -> None:
    company.flow(60, "10.4.0.91", "10.3.0.3", 3389)
    company.flow(70.1, "10.3.0.3", "10.1.0.7", 445, back=90_000_000)
    company.flow(78, "10.1.0.7", "10.4.0.60", 22)
    found = company.open().look(seed_of("10.4.0.91", "10.3.0.3", 3389))
    over = next(hop for hop in found.hops if hop.dst == "10.1.0.7")
    assert over.at == START + timedelta(hours=70, minutes=6)
    assert "bulk" in {factor.id for factor in over.why}
    assert [hop.dst for hop in found.hops] == ["10.3.0.3", "10.1.0.7", "10.4.0.60"]


def test_what_no_longer_hangs_together_with_the_seed_is_let_go(woven: Any, at_hour: Any) -> None:
    rows = [
        ("10.1.0.1", "10.2.0.1", 22, Rank.UNAUTHORIZED, 50, 1),
        ("10.2.0.1", "10.3.0.1", 22, Rank.UNAUTHORIZED, 60, 1),
        ("10.4.0.1", "10.4.0.2", 22, Rank.UNAUTHORIZED, 61, 1),
    ]
    made = woven(rows)
    first = {n: at_hour(row[4]) for n, row in enumerate(rows)}
    every = list(range(len(rows)))
    known = Known(made, Talks(), first)
    spread = Spreading(known, lambda hosts: dict.fromkeys(hosts, every))
    # The third came by what has left again meanwhile.
    step = Step(2, "connect", int(made.src[2]), int(made.dst[2]))
    known.steps[2] = Scored(step, first[2], (Weight("all", 3.0, ""),))
    assert set(spread.run([0], [])) == {0, 1}
