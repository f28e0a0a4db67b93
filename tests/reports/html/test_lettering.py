from hypothesis import given
from hypothesis import strategies as st

from sekisho.reports.html.lettering import fit, width


def test_both_ends_of_a_long_name_stay() -> None:
    assert fit("th-app02", 200, 13) == "th-app02"
    shown = fit("a-host-with-a-long-name-07.example", 120, 12.5)
    assert shown.startswith("a-host")
    assert shown.endswith("example")
    assert "…" in shown
    assert fit("abc", 1, 13) == "…"


def test_what_hides_or_reverses_is_spelled_out_and_wide_letters_count_twice() -> None:
    assert fit("a\u202eb", 400, 13) == "a\\u202eb"
    assert width("工場", 10) == 20 > width("ab", 10)


@given(st.text(max_size=600), st.floats(20, 300))
def test_it_always_fits(text: str, room: float) -> None:
    assert width(fit(text, room, 12.5), 12.5) <= room
