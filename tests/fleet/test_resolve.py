from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.fleet.identity import uuid_key
from sekisho.fleet.resolve import Resolved, resolve
from sekisho.model.terminals import Sighted, Sighting, TerminalDecision

AT = datetime(2026, 3, 1, tzinfo=UTC)
U1, U2 = "4c4c4544-0042-3510-8052-b4c04f564433", "9a1c4544-0042-3510-8052-b4c04f567777"


def seen(
    hostname: str,
    day: int = 0,
    *,
    file: str = "f",
    uuid: str = "",
    serial: str = "",
    guid: str = "",
    site: str = "",
) -> Sighted:
    one = Sighting(hostname, uuid=uuid, serial=serial, guid=guid, site=site)
    at = AT + timedelta(days=day)
    return Sighted(one, one.id, f"{file}{day}", 1, at, at)


def by_site(sighting: Sighting) -> str | None:
    return sighting.site or None


def names(found: Resolved) -> list[tuple[str, ...]]:
    return sorted(tuple(sorted(t.names)) for t in found.terminals)


def test_a_renamed_and_reimaged_machine_is_one() -> None:
    found = resolve([seen("old", uuid=U1), seen("new", 9, uuid=U1.upper().lower(), guid="g2")], by_site)
    (one,) = found.terminals
    assert (one.hostname, one.names, one.id) == ("new", ("new", "old"), seen("old", uuid=U1).id)
    assert [j.why for j in one.joined] == ["same by the hardware UUID"]


def test_one_name_with_two_uuids_is_two_and_both_say_so() -> None:
    found = resolve([seen("pc1", uuid=U1), seen("pc1", 1, uuid=U2)], by_site)
    assert len(found.terminals) == 2
    assert all("name of T-" in t.alike[0] for t in found.terminals)


def test_what_knows_less_finds_what_knows_more() -> None:
    found = resolve([seen("pc1", site="a"), seen("pc1", 1, uuid=U1, serial="5CG123")], by_site)
    assert len(found.terminals) == 1
    assert found.terminals[0].serial == "5CG123"


def test_one_name_at_two_sites_is_two() -> None:
    found = resolve([seen("pc1", site="a"), seen("pc1", site="b"), seen("pc1.x", 1, site="b")], by_site)
    assert names(found) == [("pc1",), ("pc1", "pc1.x")]


def test_domains_that_differ_are_two() -> None:
    assert len(resolve([seen("pc1.a.example"), seen("pc1.b.example")], by_site).terminals) == 2


def test_vendors_uuid_that_a_file_gives_many_is_no_identity() -> None:
    rows = [seen(f"pc{n}", uuid=U1) for n in range(5)]
    assert len(resolve(rows, by_site).terminals) == 5
    assert len(resolve(rows[:2], by_site).terminals) == 1


def test_a_person_merges() -> None:
    one, two = seen("pc1", uuid=U1), seen("pc1", 1, uuid=U2)
    merge = TerminalDecision(1, one.id, "merge", "ken", AT, "board replaced", None, {"other": two.id})
    (found,) = resolve([one, two], by_site, [merge, merge]).terminals
    assert found.joined[0].why == "merged by ken: board replaced"
    assert set(found.ids) == {one.id, two.id}


def test_who_is_meant() -> None:
    found = resolve([seen("pc1.corp", uuid=U1), seen("pc2", uuid=U2)], by_site)
    assert [t.hostname for t in found.find("PC1")] == ["pc1.corp"]
    assert [t.hostname for t in found.find("pc1.other")] == []
    assert [t.hostname for t in found.find(U2)] == ["pc2"]
    assert [t.hostname for t in found.find("T-" + found.terminals[0].id[:12])] == ["pc1.corp"]


def test_a_collection_goes_to_one_or_to_none() -> None:
    found = resolve(
        [seen("pc1", site="a", uuid=U1), seen("pc1", site="b", uuid=U2), seen("pc3")], by_site
    )
    home = found.match(Sighting("whatever", uuid=U2))
    assert home is not None
    assert home.site == "b"
    assert found.match(Sighting("pc1")) is None
    assert found.match(Sighting("pc9")) is None
    # Another machine may give itself a name that is known; its UUID says that it is not that one.
    assert found.match(Sighting("pc1", uuid="1a2b4544-0042-3510-8052-b4c04f561234")) is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            seen,
            st.sampled_from(["a", "b", "c.x", "a.y"]),
            st.integers(0, 3),
            uuid=st.sampled_from(["", "", U1, U2]),
            serial=st.sampled_from(["", "5CG123", "5CG999"]),
            guid=st.sampled_from(["", "g1"]),
            site=st.sampled_from(["", "s1", "s2"]),
        ),
        max_size=12,
        unique_by=lambda s: s.id,
    ),
    st.randoms(use_true_random=False),
)
def test_any_order_and_repeats_give_the_same_terminals(
    rows: list[Sighted], chance: random.Random
) -> None:
    first = resolve(rows, by_site)
    again = rows + rows[:3]
    chance.shuffle(again)
    assert resolve(again, by_site).terminals == first.terminals
    assert sorted(i for t in first.terminals for i in t.ids) == sorted(s.id for s in rows)


def test_under_a_contested_uuid_only_who_bears_the_name_is_the_machine() -> None:
    contested = {("uuid", uuid_key(U1)): frozenset({"pc1", "attacker"})}
    found = resolve([seen("pc1", uuid=U1)], by_site, (), contested)
    (one,) = found.terminals
    assert found.match(Sighting("PC1.corp.example", uuid=U1)) is one
    assert found.match(Sighting("attacker", uuid=U1)) is None
    assert resolve([seen("pc1", uuid=U1)], by_site).match(Sighting("attacker", uuid=U1)) is not None


def test_clones_that_the_register_names_are_two_once_both_are_there() -> None:
    rows = [seen("a", uuid=U1), seen("b", uuid=U1)]
    assert names(resolve(rows, by_site)) == [("a", "b")]
    both = {("uuid", uuid_key(U1)): frozenset({"a", "b"})}
    found = resolve(rows, by_site, (), both)
    assert names(found) == [("a",), ("b",)]
    assert {t.hostname for name in "ab" if (t := found.match(Sighting(name, uuid=U1)))} == {"a", "b"}
    # One of the register's two names, and an intruder: the machine had a new name, and stays one.
    other = {("uuid", uuid_key(U1)): frozenset({"b", "attacker"})}
    assert names(resolve(rows, by_site, (), other)) == [("a", "b")]


def test_only_who_is_at_no_site_is_placed_and_found_so_by_every_way() -> None:
    found = resolve([seen("pc1", uuid=U1), seen("pc2", site="a")], by_site)
    one, two = found.terminals
    found.placed({one.id: "b", two.id: "b", "nobody": "b"})
    assert [t.site for t in found.terminals] == ["b", "a"]
    assert found.find("pc1")[0].site == "b"
    assert found.by_id[one.id].site == "b"
    match = found.match(Sighting("pc1", uuid=U1))
    assert match is not None
    assert match.site == "b"
