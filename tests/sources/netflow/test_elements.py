"""Fields and their roles."""

from sekisho.sources.netflow.elements import ELEMENTS, REVERSE_PEN, Kind, fits, role_of


def test_other_enterprises_are_passed_over() -> None:
    assert role_of(0, 8) == ("src4", Kind.ADDRESS4)
    assert role_of(9, 8) is None
    assert role_of(-1, 8) is None
    assert role_of(0, 5) is None


def test_the_reverse_enterprise_counts_the_other_way() -> None:
    assert role_of(REVERSE_PEN, 1) == ("bytes_reverse", Kind.NUMBER)
    assert role_of(REVERSE_PEN, 8) is None
    assert role_of(REVERSE_PEN, 9999) is None


def test_numbers_may_be_of_reduced_size_and_addresses_may_not() -> None:
    assert [size for size in range(12) if fits(Kind.NUMBER, size)] == list(range(1, 9))
    assert [size for size in range(20) if fits(Kind.ADDRESS4, size)] == [4]
    assert [size for size in range(20) if fits(Kind.ADDRESS6, size)] == [16]
    assert [size for size in range(20) if fits(Kind.FLOAT, size)] == [4, 8]


def test_no_role_is_read_in_two_ways() -> None:
    kinds: dict[str, Kind] = {}
    for role, kind in ELEMENTS.values():
        assert kinds.setdefault(role, kind) is kind
