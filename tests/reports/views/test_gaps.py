from __future__ import annotations

import io
from datetime import timedelta

from tests.reports.method_cases import BAD, NOW, methods

from sekisho.model.methods import MethodsDocument, Recorded, SiteStanding, SourceItem
from sekisho.reports.base import Options
from sekisho.reports.registry import render
from sekisho.reports.views.gaps import blind_sites, missing_sources


def lacking() -> MethodsDocument:
    """Of two sources one was recorded once at one site; at a third site nothing is missing."""
    first, second = methods(gaps=True).techniques
    both = (
        SourceItem(id="flow", title=BAD, why="x", by="attack"),
        SourceItem(id="dns", title="Names", why="x", by="attack"),
    )
    sites = (
        SiteStanding(site="jp-hq", standing="seen", seen_by=("flow",), missing=("dns",)),
        SiteStanding(site="th-plant", standing="lapsed", last=NOW, missing=("flow", "dns")),
        SiteStanding(site="us-plant", standing="nothing_recorded", missing=("flow", "dns")),
    )
    recorded = (
        Recorded(source="flow", site="th-plant", standing="lapsed", last=NOW - timedelta(days=9)),
        Recorded(source="flow", site="us-plant", standing="nothing_recorded"),
    )
    only = second.model_copy(
        update={
            "sources": both[:1],
            "sites": (SiteStanding(site="us-plant", standing="nothing_recorded", missing=("flow",)),),
        }
    )
    techniques = (first.model_copy(update={"sources": both, "sites": sites}), only)
    return methods(gaps=True).model_copy(update={"techniques": techniques, "recorded": recorded})


def written(document: MethodsDocument, limit: int | None) -> str:
    out = io.StringIO()
    render(document, "table", out, Options(limit=limit))
    return out.getvalue()


def test_first_comes_what_would_show_most_where_nothing_is_seen() -> None:
    assert missing_sources(lacking()).rows == [
        (BAD, 2, "us-plant", "th-plant", NOW - timedelta(days=9)),
        ("Names", 1, "th-plant, us-plant", None, None),
    ]
    assert blind_sites(lacking()).rows == [("us-plant", 2, 2, 0), ("th-plant", 1, 0, 1)]


def test_sites_that_lack_the_same_are_one_row_and_what_never_lapsed_has_no_column() -> None:
    document = lacking().model_copy(update={"recorded": ()})
    sheet = missing_sources(document)
    assert [column.key for column in sheet.columns] == ["source", "techniques", "never"]
    alike = document.model_copy(update={"techniques": document.techniques[:1]})
    every = alike.techniques[0].model_copy(
        update={
            "sites": tuple(
                SiteStanding(site=name, standing="lapsed", missing=("flow",)) for name in document.sites
            )
        }
    )
    same = alike.model_copy(update={"techniques": (every,)})
    assert blind_sites(same).rows == [("all 3 sites", 1, 0, 1)]


def test_a_screen_has_few_lines_and_all_has_each_technique() -> None:
    few, every = written(lacking(), 1), written(lacking(), None)
    assert "recorded at us-plant" not in " ".join(few.split())
    assert "recorded at us-plant" in " ".join(every.split())
    assert "Names" in every
    assert "--all" in few
    assert "1 technique: T1537" in " ".join(few.split())
    for text in (few, every):
        assert "\x1b[31m" not in text
        assert max(map(len, text.splitlines())) <= 80


def test_without_gaps_nothing_is_missing() -> None:
    none = methods(gaps=True).model_copy(update={"techniques": ()})
    assert "Nothing is missing." in written(none, 8)
