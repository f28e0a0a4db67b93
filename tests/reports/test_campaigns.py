from __future__ import annotations

import io
from datetime import UTC, datetime

from sekisho.model.fleet import (
    CampaignDocument,
    CampaignItem,
    CampaignsDocument,
    StageItem,
    TroubleItem,
    TurnItem,
)
from sekisho.reports.base import Report
from sekisho.reports.campaigns import campaign_report, campaigns_report, going, percent
from sekisho.reports.registry import render

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PAUSED = CampaignItem.model_validate(
    {
        "name": "march",
        "from": NOW,
        "checks": ("services", "rdp"),
        "queries": ("up",),
        "sites": ("th-plant",),
        "incident": "INC-3",
        "state": "paused",
        "stage": 2,
        "stages": (
            StageItem(share=0.01, asked=300, done=298, failed=2),
            StageItem(share=0.1, asked=2000, done=1500, failed=200, denylisted=180, heavy=7),
            StageItem(share=1.0),
        ),
        "turned": "200 terminals failed",
        "turned_by": "sekisho",
        "since": NOW,
    }
)


def text(report: Report, form: str = "table") -> str:
    out = io.StringIO()
    render(report, form, out)
    return out.getvalue()


def test_a_paused_campaign_says_why_and_how_to_go_on() -> None:
    trouble = TroubleItem(
        hostname="<script>", question="rdp", fate="denylisted", at=NOW, reason="\x1b[2J"
    )
    document = CampaignDocument(
        campaign=PAUSED,
        waits="paused: 200 terminals failed; `sekisho fleet campaign resume`",
        turns=(TurnItem(action="pause", at=NOW, by="sekisho", why="200 terminals failed"),),
        troubled=(trouble,),
    )
    found = text(campaign_report(document))
    assert "march: paused, reaches 10 %; 2,300 asked, 1,798 done, 202 failed (180 denylisted)." in (
        " ".join(found.split())
    )
    assert "campaign resume" in found
    assert "\x1b" not in found
    assert all(len(line) <= 80 for line in found.splitlines())
    assert "<script>" not in text(campaign_report(document), "html")


def test_campaigns_are_listed() -> None:
    assert "1 campaign, 0 running." in text(campaigns_report(CampaignsDocument(campaigns=(PAUSED,))))
    assert "None was begun." in text(campaigns_report(CampaignsDocument(campaigns=())))


def test_the_fleet_says_where_its_campaign_stands() -> None:
    (note,) = going(PAUSED)
    assert note.startswith("campaign paused by sekisho: 200 terminals failed; reaches 10 %")
    none = CampaignItem.model_validate({"name": None, "from": None, "checks": ()})
    assert going(none) == ()
    assert going(none.model_copy(update={"state": "running", "stages": (StageItem(share=1),)})) == ()


def test_shares_are_per_cent() -> None:
    assert [percent(s) for s in (0.01, 0.125, 1.0, 0.0005)] == ["1 %", "12.5 %", "all", "0.05 %"]
