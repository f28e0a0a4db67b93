from hypothesis import given
from hypothesis import strategies as st

from sekisho.watch.wording import cut_octets, lines, one_line


def test_marks_that_turn_or_break_a_line_are_gone() -> None:
    assert one_line("a\r\nb\tc\u2028d\u202ee\x1b[31mf\x00", 100) == "a b c de[31mf"


def test_several_lines_stay_and_their_number_is_bounded() -> None:
    assert lines("one\r\n\r\ntwo\x07", 100) == "one\n\ntwo"
    assert lines("x\n" * 1000, 5000).count("\n") == 39


@given(st.text(), st.integers(0, 40))
def test_no_limit_is_passed_and_no_character_halved(text: str, limit: int) -> None:
    assert len(one_line(text, limit)) <= limit
    assert len(lines(text, limit)) <= limit
    clean = one_line(text, 10_000)
    assert len(cut_octets(clean, limit).encode()) <= limit
    assert cut_octets(clean, 100_000) == clean
