"""Templates in force."""

from __future__ import annotations

from sekisho.sources.netflow.announced import Announcements
from sekisho.sources.netflow.templates import FieldSpec, Template, Withdrawal


def template(number: int, *sizes: int, scopes: int = 0) -> Template:
    return Template.of(number, tuple(FieldSpec(0, 1, size) for size in sizes), scopes)


def test_a_template_that_is_said_again_changes_nothing() -> None:
    known = Announcements()
    known.take(0, 5, template(256, 4))
    known.begin()
    assert known.take(0, 9, template(256, 4)) == ""
    assert known.changed() == ()
    assert [place for place, _ in known.versions((0, 256))] == [-1]


def test_within_a_batch_the_older_one_is_known_by_place() -> None:
    known = Announcements()
    first, second = template(256, 4), template(256, 8)
    known.take(0, 5, first)
    known.begin()
    known.take(0, 9, second)
    assert known.versions((0, 256)) == [(-1, first), (9, second)]
    known.begin()
    assert known.versions((0, 256)) == [(-1, second)]


def test_withdrawn_templates_are_gone_one_or_all_of_a_sort() -> None:
    known = Announcements()
    for number in (256, 257):
        known.take(0, 0, template(number, 4))
    known.take(0, 0, template(258, 4, 4, scopes=1))
    known.take(1, 0, template(256, 4))
    known.take(0, 1, Withdrawal(256))
    assert [known.knows((0, number)) for number in (256, 257, 258)] == [False, True, True]
    known.take(0, 2, Withdrawal(2))
    assert [known.knows((0, number)) for number in (257, 258)] == [False, True]
    known.take(0, 3, Withdrawal(3))
    assert not known.knows((0, 258))
    assert known.knows((1, 256))
    known.take(0, 4, Withdrawal(999))


def test_a_flood_is_bounded_and_says_so() -> None:
    known = Announcements(fields_limit=6, session_limit=2)
    assert known.take(0, 0, template(256, 1, 1)) == ""
    assert known.take(0, 0, template(257, 1, 1)) == ""
    assert "its exporter has 2" in known.take(0, 0, template(258, 1))
    assert known.take(1, 0, template(256, 1)) == ""
    assert "6 fields" in known.take(1, 0, template(257, 1, 1))
    known.take(0, 0, Withdrawal(256))
    assert known.take(0, 0, template(258, 1)) == ""


def test_a_flood_of_one_exporter_leaves_room_for_others() -> None:
    known = Announcements(fields_limit=8, each_limit=4)
    assert known.take(0, 0, template(256, 1, 1), "a") == ""
    assert known.take(1, 0, template(256, 1, 1), "a") == ""
    assert "its exporter's have 4 fields" in known.take(2, 0, template(256, 1), "a")
    assert known.take(3, 0, template(256, 1, 1, 1), "b") == ""
    known.take(1, 0, Withdrawal(256))
    assert known.take(2, 0, template(256, 1), "a") == ""
