from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sekisho.fleet.contested import contested, doubted, impostors, together
from sekisho.fleet.identity import uuid_key
from sekisho.model.nodes import Node, Refusal
from sekisho.model.terminals import Sighting

AT = datetime(2026, 3, 1, tzinfo=UTC)
U1 = "4c4c4544-0042-3510-8052-b4c04f564433"


def node(
    number: int,
    name: str,
    first: float,
    last: float,
    *,
    uuid: str = U1,
    serial: str = "",
    enrolled: float | None = None,
) -> Node:
    """Enrolled and heard so many hours after AT."""
    hours = [AT + timedelta(hours=h) for h in (first, first if enrolled is None else enrolled, last)]
    who = Sighting(name, uuid=uuid, serial=serial)
    return Node(number, who, name, "5", "s", hours[0], hours[1], 1, hours[2], "10.1.0.5")


def test_a_machine_with_a_new_name_is_not_two_and_one_that_is_still_there_is() -> None:
    old, new = node(1, "old", 0, 5), node(2, "new", 5, 9)
    assert not together(old, new)
    assert contested([old, new]) == {}
    # Back under its old name after the new one was last heard: renamed twice.
    assert not together(node(1, "old", 0, 12, enrolled=10), new)
    still = node(1, "old", 0, 9)
    assert together(still, new)
    assert together(new, still)
    assert contested([still, new]) == {("uuid", uuid_key(U1)): frozenset({"old", "new"})}


def test_other_machines_under_the_same_key_are_left_alone() -> None:
    gone = node(3, "gone", -9, -5)
    assert contested([gone, node(1, "a", 0, 9), node(2, "b", 1, 9)]) == {
        ("uuid", uuid_key(U1)): frozenset({"a", "b"})
    }
    junk = "ffffffff-ffff-ffff-ffff-ffffffffffff"
    assert contested([node(1, "a", 0, 9, uuid=junk), node(2, "b", 0, 9, uuid=junk)]) == {}
    shared = [node(n, f"pc{n}", 0, 9, uuid="", serial="5CG1234567") for n in (1, 2)]
    assert set(contested(shared)) == {("serial", "5cg1234567")}


def test_ten_thousand_names_under_one_uuid_are_not_compared_one_by_one() -> None:
    many = [node(n, f"pc{n}", n, n) for n in range(10_000)]
    assert len(contested(many)["uuid", uuid_key(U1)]) == 10_000


def test_two_names_with_a_thousand_nodes_each_are_not_compared_one_by_one() -> None:
    # None was there with another: compared, they would be found to be one machine after the other.
    many = [node(n, f"pc{n % 2}", n, n) for n in range(2_000)]
    assert set(contested(many)) == {("uuid", uuid_key(U1))}
    assert contested(many[:400]) == {}


def test_who_calls_itself_anew_at_each_start_hides_no_second_machine() -> None:
    starts = [node(n, "pc1", n, n + 0.9) for n in range(150)]
    assert doubted(starts, ()) is None
    found = doubted([*starts, node(200, "pc1", 149, 149.5)], ())
    assert found is not None
    assert found[1] == "pc1 (node 149) and pc1 (node 200) were there at one time"


def test_it_is_in_doubt_who_answers_where_two_are_there_or_a_replaced_key_is_used() -> None:
    one, other = node(1, "pc1", 0, 9), node(2, "pc1", 1, 8, uuid="")
    assert doubted([one], ()) is None
    found = doubted([one, other], ())
    assert found == (AT + timedelta(hours=8), "pc1 (node 1) and pc1 (node 2) were there at one time")
    later = AT + timedelta(hours=10)
    used = Refusal(1, "old_key", 3, AT, later)
    told = doubted([one], [Refusal(1, "not_json", 1, AT, later), used])
    assert told == (later, "a key of it was used after another had replaced it")


def test_who_bears_the_name_alone_is_nobody_while_the_machine_is_there() -> None:
    machine, claims = node(1, "pc1", 0, 9), node(2, "pc1", 1, 8, uuid="")
    assert impostors([machine, claims], U1) == {2}
    # The list does not say which UUID is right, or the machine came later and under its UUID.
    assert impostors([machine, claims], "") == frozenset()
    assert impostors([node(1, "pc1", 8, 9), node(2, "pc1", 1, 7, uuid="")], U1) == frozenset()


def test_thousands_that_bear_the_name_alone_are_not_compared_one_by_one() -> None:
    many = [node(n, "pc1", n, n, uuid=U1 if n % 2 else "") for n in range(1_000)]
    assert len(impostors(many, U1)) == 500
    assert impostors(many[:500], U1) == frozenset()
