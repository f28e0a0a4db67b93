from __future__ import annotations

from sekisho.notify.papers import Draft, Section, Statement
from sekisho.reports.html.draft import draft_page

HOSTILE = "<script>alert(1)</script>\u202e"


def test_a_page_escapes_what_people_wrote_and_says_what_it_is() -> None:
    page = draft_page(
        Draft(
            title="Japan",
            head=(("Incident", HOSTILE),),
            sections=(Section("Nature", (Statement("x: 5", (1,)), Statement(f"y: {HOSTILE}"))),),
            evidence=(f"people=5; source: {HOSTILE}",),
        )
    )
    assert "<script" not in page
    assert "\u202e" not in page
    assert page.count("&lt;script&gt;") == 3
    assert '<a href="#e1">[1]</a>' in page
    assert '<li id="e1">' in page
    assert '<li class="unknown">y: ' in page
    assert "<footer>DRAFT. This is no legal advice" in page
    assert "default-src &#39;none&#39;" in page
