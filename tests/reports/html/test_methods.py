from __future__ import annotations

from tests.reports.method_cases import methods

from sekisho.reports.base import Options
from sekisho.reports.html.methods import MOST_SITES, render_methods
from sekisho.reports.views.methods import MethodsView


def page(**changes: object) -> str:
    document = methods().model_copy(update=changes)
    return render_methods(document, "What is seen", MethodsView(), Options())


def test_the_picture_tells_each_state_in_words_and_by_a_sign() -> None:
    text = page()
    for label in (
        "T1021.002 at jp-hq: seen, and something looks for it by flow",
        "T1021.002 at th-plant: recorded once, not lately",
        "T1021.002 at us-plant: nothing recorded that could show it",
    ):
        assert label in text
    assert "lateral movement" in text
    assert "known, not run here" in text
    assert "https://attack.mitre.org/techniques/T1021/002" in text


def test_text_of_others_is_no_markup() -> None:
    text = page()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "\x1b" not in text
    assert "© MITRE" in text


def test_of_many_sites_those_that_read_are_drawn_and_the_others_named() -> None:
    sites = tuple(f"site-{number}" for number in range(MOST_SITES + 2))
    text = page(sites=sites)
    assert f"Not drawn: site-{MOST_SITES}, site-{MOST_SITES + 1}" in text
