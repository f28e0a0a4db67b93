from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from tests.reports.incident_cases import large, nothing, ordinary, relayed
from tests.reports.incident_parts import HOSTILE

from sekisho.model.incidents import InvestigationDocument
from sekisho.reports.base import Options
from sekisho.reports.registry import render

NOW = datetime(2020, 7, 1, 9, 30, tzinfo=UTC)
VOID = {"meta", "circle", "rect", "path", "line", "br", "input"}


class Reader(HTMLParser):
    """Elements, attributes and text; an element that is never closed, or closed twice, is remembered."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page(document: InvestigationDocument, options: Options | None = None) -> str:
    stream = io.StringIO()
    render(document, "html", stream, options or Options(now=NOW))
    return stream.getvalue()


@pytest.mark.parametrize("document", [nothing(), ordinary(), large()])
def test_it_is_whole_lets_nothing_in_and_runs_nothing(document: InvestigationDocument) -> None:
    read = Reader(page(document))
    assert read.wrong == []
    assert [tag for tag in read.open if tag != "p"] == []
    policy = next(a["content"] for t, a in read.elements if t == "meta" and "http-equiv" in a)
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert not any(tag in ("script", "iframe", "object", "img", "link") for tag, _ in read.elements)
    for tag, attributes in read.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        target = attributes.get("href") or ""
        assert target == "" or target.startswith("#")
    ids = [a["id"] for _, a in read.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert "url(http" not in page(document)


def test_everything_that_is_known_is_on_it() -> None:
    text = " ".join("".join(Reader(page(ordinary())).texts).split())
    for said in (
        "Most likely th-app02 (10.40.9.9) at th-plant",
        "2020-06-04 12:00 UTC (21:00 +09:00 at jp-hq)",
        "T1021.002 Remote Services: SMB/Windows Admin Shares",
        "control of the host is explained already",
        "logs/th-edge/conn.log, row 412 (th-edge)",
        "40 times the bytes of its ordinary days",
        "jp-edge recorded nothing for 5 h before it",
        "198.51.100.77 (a file service), outside",
        "it keeps designs; customers (about 30,000 people, aerospace)",
        "2.0 GB came from jp-dc01 before",
        "▨ nobody could have seen it",
        "CORP\\anong at jp-files01",
        "its log covers the hour and has no logon from there",
        "2020-06-04 17:00 +07:00 th-plant",
        "Imaged, hash in CASE-77",
        "“Rebuilt in May” (ken, 2020-06-05 16:00)",
        "Yes, in proxy logs",
        "d" * 64,
        "14 entries, 6 of this incident",
        "up to entry 10",
        "b" * 64,
        "raw flows of 1 June were pruned",
        "TLP:AMBER",
        "made 2020-07-01 09:30",
    ):
        assert said in text, said


def test_certainty_and_direction_are_said_in_words_too() -> None:
    text = page(ordinary())
    assert text.count("● confirmed</b>") == 2
    assert text.count("○ suspected</b>") == 2
    assert text.count("<b>↩ against the direction of the session</b>") == 1
    assert 'class="step step-suspected"' in text


def test_nothing_found_is_not_nothing_recorded() -> None:
    text = page(nothing())
    assert "▨ Nothing found in what was recorded" in text
    assert "which is not nothing found" in text
    assert "nothing to draw" in text
    assert 'class="map"' not in text


def test_hostile_names_are_text() -> None:
    text = page(large())
    assert "<script" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    shown = "".join(Reader(text).texts)
    assert HOSTILE.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e") in shown


def test_the_marking_comes_from_a_fixed_set_and_stands_on_every_sheet_of_paper() -> None:
    text = page(ordinary(), Options(now=NOW, tlp="red"))
    assert '<body class="dossier tlp-red">' in text
    assert re.search(r'@page red \{ @top-right \{ content: "TLP:RED"', text)
    assert "counter(page)" in text


def test_the_same_document_gives_the_same_page() -> None:
    assert page(large()) == page(large())


def test_relays_and_who_may_stand_behind_them() -> None:
    text = " ".join("".join(Reader(page(relayed())).texts).split())
    assert "somebody behind proxy-1, 10.40.0.8 at th-plant" in text
    assert "its log is not here; perhaps 10.40.9.1 at th-plant (40%, it was open)" in text
    assert "(8%, it was open), 2 more" in text
    assert "jump-1 (jump, 10.1.0.9 tcp/22), entered 2020-06-04 10:00, 90% sure" in text
