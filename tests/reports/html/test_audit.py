from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from sekisho.model.findings import (
    AuditDocument,
    Cause,
    Check,
    CoverageItem,
    End,
    Finding,
    Life,
    NearestRule,
    Onset,
    Totals,
)
from sekisho.reports.html.audit import render_audit, state_of
from sekisho.reports.inventory import InventorySummary, SiteSummary

Parse = Callable[[str], Any]
Build = Callable[..., AuditDocument]
EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}</style>--><!--\u202e\x00"
EMPTY = Totals(
    flows=0,
    connections=0,
    authorized=0,
    unauthorized=0,
    lapsed=0,
    attempted=0,
    intra_site=0,
    external=0,
    unmapped=0,
)


@pytest.fixture
def page(audit: AuditDocument, inventory_summary: InventorySummary, now: datetime) -> str:
    return render_audit(audit, title="June 2020", now=now, inventory_summary=inventory_summary)


@pytest.fixture
def hostile(audit: AuditDocument) -> AuditDocument:
    """Every string that comes from input is an attack."""

    def worse(finding: Finding) -> Finding:
        end = End(
            address="10.0.0.1",
            realm=EVIL,
            asset=EVIL,
            site=EVIL,
            country=EVIL,
            groups=(EVIL,),
            criticality=EVIL,
        )
        return finding.model_copy(
            update={
                "id": EVIL,
                "src": end,
                "dst": end,
                "service": EVIL,
                "protocol": EVIL,
                "sensors": (EVIL,),
                "nearest_rule": NearestRule(id=EVIL, why_not=EVIL),
                "checks": (Check(id=EVIL, text=EVIL),),
                "cause": EVIL,
                "onset": Onset(at=finding.onset.at, kind="on_or_before", why=EVIL),
                "life": Life(status="accepted", who=EVIL, why=EVIL, assignee=EVIL, reopened=EVIL),
                "bytes_out": finding.bytes_out.model_copy(update={"why": EVIL}),
            }
        )

    return audit.model_copy(
        update={
            "findings": tuple(worse(finding) for finding in audit.findings),
            "causes": (Cause(id=EVIL, kind="scanner", text=EVIL, findings=6, severity="high"),),
            "coverage": tuple(
                c.model_copy(update={"sensor": EVIL, "why": EVIL}) for c in audit.coverage
            ),
            "links": tuple(link.model_copy(update={"src_site": EVIL}) for link in audit.links),
            "notes": (EVIL,),
            "inventory": EVIL,
            "policy": audit.policy.model_copy(update={"sha256": EVIL}),
        }
    )


def test_every_element_is_closed_and_every_id_is_one(page: str, parse: Parse) -> None:
    read = parse(page)
    assert read.wrong == []
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_nothing_is_fetched(page: str, parse: Parse) -> None:
    read = parse(page)
    for tag, attributes in read.elements:
        assert not {"src", "srcset", "action", "data", "poster", "background", "xlink:href"} & set(
            attributes
        ), tag
        assert (attributes.get("href") or "#").startswith("#")
    assert not {"link", "img", "iframe", "object", "embed", "base", "form-action"} & {
        t for t, _ in read.elements
    }
    styles = "".join(read.inside["style"])
    assert re.findall(r"url\(([^)]*)\)", styles) == ["#hatch"]
    assert "@import" not in styles
    assert "http" not in "".join(read.inside["script"])


def test_the_policy_lets_in_only_our_style_and_scripts(page: str, parse: Parse) -> None:
    read = parse(page)
    (policy,) = [
        m["content"] for m in read.of("meta") if m.get("http-equiv") == "Content-Security-Policy"
    ]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == "'none'"

    def digests(tag: str) -> list[str]:
        bodies = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        return [
            f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'"
            for body in bodies
        ]

    assert directives["style-src"].split() == digests("style")
    assert directives["script-src"].split() == digests("script")
    assert len(digests("script")) == 2
    for tag, attributes in read.elements:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag


def test_input_is_never_markup(hostile: AuditDocument, audit: AuditDocument, parse: Parse) -> None:
    inventory = InventorySummary({EVIL: SiteSummary(EVIL, EVIL)}, {EVIL: EVIL})
    text = render_audit(hostile, title=EVIL, now=None, inventory_summary=inventory)
    read = parse(text)
    plain = parse(render_audit(audit, title="x", now=None))
    assert read.wrong == []
    assert {tag for tag, _ in read.elements} <= {tag for tag, _ in plain.elements}
    assert len(read.of("script")) == 2
    for tag, attributes in read.elements:
        assert not [name for name in attributes if name.startswith("on")], tag
    assert "\u202e" not in text
    assert "\x00" not in text
    assert "49" not in "".join(read.inside["dd"])
    assert "<script>alert(1)</script>" in read.text, "what was attacked with is shown as text"


def test_without_scripts_every_finding_and_its_evidence_is_there(
    page: str, audit: AuditDocument, parse: Parse
) -> None:
    read = parse(page)
    shown = {attributes.get("id") for attributes in read.of("tbody")}
    assert {finding.id for finding in audit.findings} <= shown
    for words in (
        "TH-HQ-EDI: service tcp/445 is not in tcp/8443",
        "between 482,110 and 510,070 bytes on the wire",
        "jp-zeek, th-edge; seen at both ends",
        "The first connection of this service between the two sites [novel]",
        "accepted by tanaka",
    ):
        assert words in page, words


def test_a_square_says_in_words_what_it_shows_in_colour(page: str, parse: Parse) -> None:
    labels = [attributes.get("aria-label", "") for attributes in parse(page).of("a")]
    assert "th-plant to jp-hq: 2 findings, worst critical, unauthorized" in labels
    assert "us-sales to ph-office: no connection seen" in page
    assert "us-sales to no site: no sensor of either site recorded anything" in page


def test_on_or_before_is_drawn_unlike_observed(page: str, parse: Parse) -> None:
    classes = [(attributes.get("class") or "").split() for _, attributes in parse(page).elements]
    assert sum("before" in names for names in classes) >= 2
    assert sum("at" in names for names in classes) >= 5
    assert "began on or before 2020-06-01 00:00 UTC" in page


def test_the_four_answers(
    audit: AuditDocument,
    build_audit: Build,
    full_coverage: tuple[CoverageItem, ...],
    gaps: tuple[CoverageItem, ...],
) -> None:
    blind = tuple(item.model_copy(update={"state": "no_data"}) for item in full_coverage)
    documents = {
        "found": audit,
        "clear": build_audit((), full_coverage),
        "partly": build_audit((), gaps),
        "blind": build_audit((), blind, totals=EMPTY, links=()),
    }
    assert {name: state_of(document) for name, document in documents.items()} == {
        n: n for n in documents
    }
    pages = {n: render_audit(d, title="x", now=None) for n, d in documents.items()}
    assert "Every connection between sites that the sensors saw was authorized" in pages["clear"]
    assert "cannot be known from these logs" in pages["partly"]
    assert "no evidence that nothing happened" in pages["blind"]
    for name, text in pages.items():
        assert f'class="answer answer-{name}"' in text
        assert ('id="table"' in text) == (name == "found")


def test_an_audit_of_nothing_at_all_is_a_page(build_audit: Build, parse: Parse) -> None:
    nothing = build_audit((), (), totals=EMPTY, links=(), notes=(), inventory=None)
    read = parse(render_audit(nothing, title="x", now=None))
    assert read.wrong == []
    assert "Nothing was recorded in this period" in read.text


def test_many_findings_are_all_in_the_page(many: Callable[[int], AuditDocument], parse: Parse) -> None:
    text = render_audit(many(400), title="x", now=None)
    assert text.count('<tr class="row">') == 400
    assert len(text) < 1_200_000, "about 2 kB a finding, so that ten thousand stay below 25 MB"


def test_the_page_is_the_same_every_time(page: str, golden: Callable[[str, str], None]) -> None:
    body = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", page, flags=re.DOTALL)
    golden("audit.html", re.sub(r"sha256-[^']+", "sha256-", body))
