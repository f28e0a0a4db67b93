from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sekisho.model.incidents import InvestigationDocument
from sekisho.model.plans import PlanDocument
from sekisho.model.sites import Site
from sekisho.notify.clocks import clocks
from sekisho.notify.facts import Sheet
from sekisho.notify.papers import BY_PEOPLE, Draft
from sekisho.notify.reading import shipped
from sekisho.notify.statements import management_brief, public_statement

AT = datetime(2026, 1, 3, tzinfo=UTC)
SITES = {"th-plant": Site("th-plant", "Rayong", "TH", "Asia/Bangkok", "it-th", ())}
DOCUMENT: dict[str, Any] = {
    "id": "INC-1",
    "seeds": [],
    "window": {"from": "2019-09-01T00:00:00Z", "to": "2020-07-01T00:00:00Z"},
    "entry": {"address": "10.40.2.10", "site": "th-plant", "share": 0.8},
    "onset": {"at": "2019-09-05T03:00:00Z", "kind": "on_or_before"},
    "scope": {
        "sites": ["th-plant"],
        "assets": [
            {"address": "10.40.2.10", "role": "confirmed", "since": "2019-09-05T03:00:00Z"},
            {"address": "10.40.2.11", "role": "suspected", "since": "2019-09-06T03:00:00Z"},
        ],
    },
    "exfiltration": [
        {
            "src": "10.40.2.10",
            "dst": "203.0.113.9",
            "external": True,
            "bytes": {"low": 1000, "high": 1500},
            "from": "2020-02-01T00:00:00Z",
            "to": "2020-02-02T00:00:00Z",
            "src_site": "th-plant",
            "evidence": [{"path": "conn.log", "sha256": "ab", "row": 7, "sensor": "th-edge"}],
        }
    ],
    "unobservable": [
        {
            "sensor": "th-edge",
            "from": "2019-09-01T00:00:00Z",
            "to": "2019-09-05T00:00:00Z",
            "why": "no data",
        }
    ],
}
EMPTY = {"id": "INC-1", "seeds": [], "entry": None, "onset": None}


def plan(state: str, *acts: str) -> PlanDocument:
    history = [{"entry": n, "at": AT, "by": "ken", "kind": act} for n, act in enumerate(acts, 1)]
    return PlanDocument.model_validate(
        {
            "id": "P-1",
            "hash": "ab",
            "state": state,
            "at": AT,
            "by": "ken",
            "sever": ["th-plant <-> *"],
            "policy_sha256": "",
            "inventory_sha256": "",
            "gateways_sha256": "",
            "history": history,
        }
    )


def said(draft: Draft) -> dict[str, list[str]]:
    return {one.heading: [line.marked for line in one.statements] for one in draft.sections}


def brief(sheet: Sheet, document: dict[str, Any]) -> Draft:
    read = InvestigationDocument.model_validate(document)
    told = clocks(shipped(), sheet, (), AT)
    return management_brief(read, sheet, SITES, told, (), zone="Asia/Tokyo", at=AT)


def test_every_number_has_its_evidence(sheet: Callable[..., Sheet]) -> None:
    read = InvestigationDocument.model_validate(DOCUMENT)
    known = sheet("people=1200", "people.TH=200", "aware=2026-01-01T00:00Z", "bytes_out=900")
    for draft in (
        public_statement(read, known, SITES, (), zone="Asia/Tokyo", at=AT),
        brief(known, DOCUMENT),
    ):
        lines = [line for section in draft.sections for line in section.statements]
        for line in lines:
            counted = re.search(r"[0-9]", line.text) and "Unknown" not in line.text
            assert not counted or line.evidence, line.text
            assert all(0 < number <= len(draft.evidence) for number in line.evidence)
        assert "conn.log, row 7, sensor th-edge, SHA-256 ab" in draft.evidence
    public = said(public_statement(read, known, SITES, (), zone="Asia/Tokyo", at=AT))
    assert public["範囲 (what was reached)"][:2] == [
        "Assets reached: 1 confirmed, 1 suspected at 1 site [2]",
        "Countries of these sites: TH [2]",
    ]
    left = "Left th-plant for outside since 2020-02-01 09:00+09:00: 1,000 to 1,500 bytes"
    assert any(line.startswith(left) for line in public["流出 (what left)"])
    assert public["原因 (cause)"] == [BY_PEOPLE]


def test_the_brief_says_what_is_due_and_what_decides(sheet: Callable[..., Sheet]) -> None:
    known = sheet(
        "aware=2026-01-01T00:00Z", "countries=TH,JP", "personal_data=yes", "people=1", "people=5000"
    )
    text = said(brief(known, DOCUMENT))
    assert text["要約 (in short)"][0].startswith("Since when: on or before 2019-09-05 12:00+09:00")
    due = text["期限 (what is due)"]
    assert any(
        line.startswith("Thailand, Personal Data Protection Act, authority: needs") for line in due
    )
    decide = text["決定事項 (what has to be decided)"]
    assert any(" (risk): Unknown; " in line for line in decide)
    assert any(line.startswith("the stage `people` was delivered: Unknown; ") for line in decide)
    assert any(line.startswith("Contradiction, to be resolved: people: 1") for line in decide)
    assert text["見えない範囲 (what nobody could see)"][0].startswith(
        "th-edge, 2019-09-01 09:00+09:00 to"
    )


def test_what_is_not_known_is_unknown(sheet: Callable[..., Sheet]) -> None:
    draft = brief(sheet(), EMPTY)
    short = said(draft)["要約 (in short)"]
    assert short[:3] == ["Since when: Unknown", "Where it began: Unknown", "Assets reached: Unknown"]
    assert short[3].startswith("Left for outside: Unknown")
    assert said(draft)["期限 (what is due)"] == ["No clock runs; whether anything is due: Unknown"]
    assert draft.digest == brief(sheet(), EMPTY).digest


def test_what_was_cut_is_told_with_what_became_of_it(sheet: Callable[..., Sheet]) -> None:
    read = InvestigationDocument.model_validate(DOCUMENT)
    plans = (
        plan("confirmed", "draft", "apply", "confirm"),
        plan("lifted", "apply", "lift"),
        plan("previewed", "preview"),
        plan("failed", "apply"),
    )
    draft = public_statement(read, sheet(), SITES, plans, zone="Asia/Tokyo", at=AT)
    *cut, rest = said(draft)["対応 (what is being done)"]
    began = "Restricted since 2026-01-03 09:00+09:00: th-plant <-> *; now"
    assert [line.rpartition(" [")[0] for line in cut] == [f"{began} in force", f"{began} lifted"]
    assert rest == BY_PEOPLE
    assert "plan P-1 by ken, SHA-256 ab" in draft.evidence
