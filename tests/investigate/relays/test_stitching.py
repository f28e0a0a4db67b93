"""Chains that go through a jump host, a proxy and a gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sekisho.investigate.run import Investigation
from sekisho.investigate.seeds import SeedRequest

SeedOf = Callable[[str, str, int], SeedRequest]
Told = Callable[[Investigation], list[tuple[str, str, int, str]]]
ENTRY, JUMP, TARGET, LAST, OTHER = "10.2.0.40", "10.1.0.8", "10.3.0.50", "10.4.0.60", "10.2.0.90"
PROXY, OUTSIDE = "10.1.0.5", "203.0.113.9"
RELAY = f"jump: {{kind: jump, addresses: {JUMP}, serves: [b, c, d]}}"


def by_jump(company: Any, relay: str = RELAY) -> None:
    """From the entry through the jump host to the target, and from there on."""
    company.relays = (relay,)
    company.flow(60.0, ENTRY, JUMP, 22, minutes=30, out=80_000, back=90_000)
    company.flow(60.1, JUMP, TARGET, 22, minutes=20, out=70_000, back=75_000)
    company.flow(66.0, TARGET, LAST, 445)


def unlike(company: Any) -> None:
    """The jump host's session carries other bytes than any into it."""
    company.rows = [
        (*row[:5], 5_000, 400_000, row[7]) if row[1] == JUMP and row[2] == TARGET else row
        for row in company.rows
    ]


def test_a_step_through_a_jump_host_is_its_clients(company: Any, seed_of: SeedOf, told: Told) -> None:
    by_jump(company)
    found = company.open().look(seed_of(TARGET, LAST, 445))
    assert told(found) == [(ENTRY, TARGET, 22, "connect"), (TARGET, LAST, 445, "connect")]
    (through,) = found.hops[0].through
    assert (through.relay, through.kind, through.address, through.port) == ("jump", "jump", JUMP, 22)
    assert through.share >= 0.9
    assert {one.sensor for one in through.evidence} == {"a-edge", "b-edge"}
    assert {one.sensor for one in found.hops[0].evidence} == {"a-edge", "b-edge", "c-edge"}
    assert found.hops[0].sessions == 1
    assert found.hops[0].bytes_out is not None
    assert found.hops[0].bytes_out.low < 80_000
    assert JUMP not in {asset.address for asset in found.scope.assets}
    assert found.entry is not None
    assert found.entry.address == ENTRY
    assert "through jump" in found.timeline[0].text


def test_without_the_declaration_the_jump_host_is_the_end_of_it(
    company: Any, seed_of: SeedOf, told: Told
) -> None:
    by_jump(company)
    company.relays = ()
    found = company.open().look(seed_of(TARGET, LAST, 445))
    assert (ENTRY, TARGET, 22, "connect") not in told(found)


def test_of_two_clients_in_session_neither_is_told(company: Any, seed_of: SeedOf, told: Told) -> None:
    by_jump(company)
    company.flow(59.9, OTHER, JUMP, 22, minutes=40, out=60_000, back=95_000)
    unlike(company)
    found = company.open().look(seed_of(TARGET, LAST, 445))
    first = found.hops[0]
    assert told(found) == [(JUMP, TARGET, 22, "connect"), (TARGET, LAST, 445, "connect")]
    assert first.hidden_behind is not None
    hidden = first.hidden_behind
    assert {one.address for one in hidden.candidates} == {ENTRY, OTHER}
    assert [one.rank for one in hidden.candidates] == [1, 2]
    assert sum(one.share for one in hidden.candidates) <= 1.0
    assert first.unobservable is not None
    assert {asset.address for asset in found.scope.assets} == {TARGET, LAST}
    assert any("hidden" in note and ENTRY in note for note in found.notes)
    assert found.entry is not None
    assert found.entry.address == TARGET


def test_a_client_that_is_in_it_already_goes_before_the_others(
    company: Any, seed_of: SeedOf, told: Told
) -> None:
    by_jump(company)
    company.flow(59.9, OTHER, JUMP, 22, minutes=40, out=60_000, back=95_000)
    unlike(company)
    company.flow(58.0, ENTRY, "10.3.0.70", 3389)
    found = company.open().look(seed_of(ENTRY, "10.3.0.70", 3389), seed_of(TARGET, LAST, 445))
    assert (ENTRY, TARGET, 22, "connect") in told(found)
    assert not any(hop.hidden_behind for hop in found.hops)
    stitched = next(hop for hop in found.hops if hop.through)
    assert stitched.through[0].share < 0.9
    assert "client" in {factor.id for factor in stitched.why}


def test_a_relay_that_acts_by_itself_is_a_step(company: Any, seed_of: SeedOf, told: Told) -> None:
    company.relays = (RELAY,)
    company.flow(60.0, ENTRY, JUMP, 445, minutes=2)
    company.flow(63.0, JUMP, TARGET, 445, minutes=20)
    company.flow(66.0, TARGET, LAST, 445)
    found = company.open().look(seed_of(TARGET, LAST, 445))
    assert (JUMP, TARGET, 445, "connect") in told(found)
    acted = next(hop for hop in found.hops if hop.src == JUMP)
    assert not acted.through
    assert acted.hidden_behind is None
    assert "acts" in {factor.id for factor in acted.why}
    assert JUMP in {asset.address for asset in found.scope.assets}


def test_a_side_that_no_sensor_sees_hides_the_initiator(
    company: Any, seed_of: SeedOf, told: Told
) -> None:
    company.relays = (f"jump: {{kind: jump, addresses: {JUMP}}}",)
    company.flow(60.1, JUMP, TARGET, 445, minutes=20)
    company.flow(66.0, TARGET, LAST, 445)
    found = company.open().look(seed_of(TARGET, LAST, 445))
    first = found.hops[0]
    assert (first.src, first.dst) == (JUMP, TARGET)
    assert first.hidden_behind is not None
    assert first.hidden_behind.candidates == ()
    assert "inside a" in first.hidden_behind.why
    assert JUMP not in {asset.address for asset in found.scope.assets}


def test_control_that_comes_back_through_a_proxy_is_its_clients(
    company: Any, told: Told, seed_of: SeedOf
) -> None:
    company.relays = (f"web: {{kind: proxy, addresses: {PROXY}}}",)
    for beat in range(120):
        at = 50 + beat / 4
        company.flow(at, ENTRY, PROXY, 8080, minutes=1, out=1_900, back=1_500)
        company.flow(at + 0.0001, PROXY, OUTSIDE, 443, minutes=1, out=1_850, back=1_450)
        # Others browse all day.
        for n in range(3):
            company.flow(at + n / 50, f"10.2.0.{100 + n}", PROXY, 8080, out=30_000, back=700_000)
            company.flow(at + n / 50 + 1e-4, PROXY, "198.51.100.7", 443, out=29_000, back=690_000)
    company.flow(62.0, ENTRY, TARGET, 3389)
    opened = company.open()
    found = opened.look(seed_of(ENTRY, TARGET, 3389))
    assert told(found) == [(ENTRY, OUTSIDE, 443, "reverse"), (ENTRY, TARGET, 3389, "connect")]
    assert [one.relay for one in found.hops[0].through] == ["web"]
    assert found.entry is not None
    assert (found.entry.address, found.entry.through) == (ENTRY, OUTSIDE)
    seeded = opened.look(SeedRequest("indicator", OUTSIDE))
    assert told(seeded) == told(found)


def test_a_gateways_side_of_a_connection_is_the_same_connection(
    company: Any, seed_of: SeedOf, told: Told
) -> None:
    gate = "10.2.0.254"
    company.relays = (f"gate: {{kind: nat, addresses: {gate}, serves: b}}",)
    company.flow(60.0, ENTRY, TARGET, 3389, minutes=10, out=50_000, back=900_000)
    company.flow(60.0002, gate, TARGET, 3389, minutes=10, out=50_000, back=900_000)
    company.flow(66.0, TARGET, LAST, 445)
    found = company.open().look(seed_of(TARGET, LAST, 445))
    assert told(found) == [(ENTRY, TARGET, 3389, "connect"), (TARGET, LAST, 445, "connect")]


def test_behind_a_gateway_whose_inside_nobody_sees_somebody_is_hidden(
    company: Any, seed_of: SeedOf, told: Told
) -> None:
    gate = "10.2.0.254"
    company.relays = (f"gate: {{kind: nat, addresses: {gate}, serves: b}}",)
    company.flow(60.0, gate, TARGET, 3389, minutes=10, out=50_000, back=900_000)
    company.flow(66.0, TARGET, LAST, 445)
    found = company.open().look(seed_of(TARGET, LAST, 445))
    assert told(found) == [(gate, TARGET, 3389, "connect"), (TARGET, LAST, 445, "connect")]
    assert found.hops[0].hidden_behind is not None
    assert {asset.address for asset in found.scope.assets} == {TARGET, LAST}


def test_a_relay_that_is_the_seed_is_in_question_itself(company: Any, told: Told) -> None:
    by_jump(company)
    found = company.open().look(SeedRequest("host", JUMP))
    assert (JUMP, TARGET, 22, "connect") in told(found)
