from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from sekisho.model.fleet import (
    CampaignItem,
    CountryStanding,
    FleetDocument,
    FleetReportDocument,
    FoundItem,
    ImportDocument,
    IntakeItem,
    Progress,
    SiteStanding,
    TerminalDocument,
    TerminalItem,
)
from sekisho.model.terminals import STATES
from sekisho.reports.base import Report
from sekisho.reports.fleet import fleet_book, fleet_report, import_report, terminal_report
from sekisho.reports.registry import render

COUNTS = dict.fromkeys(STATES, 0) | {"checked_findings": 2, "offline": 3, "excluded": 1}
AT = datetime(2026, 3, 1, tzinfo=UTC)
ONE = TerminalItem(
    id="T-1", hostname="<b>pc1", site=None, address=None, os=None, state="offline", why="gone"
)


def text(report: Report, form: str = "table") -> str:
    out = io.StringIO()
    render(report, form, out)
    return out.getvalue()


def test_states_and_sites() -> None:
    document = FleetDocument(
        terminals=6,
        states=COUNTS,
        campaign=CampaignItem.model_validate({"name": "march", "from": None, "checks": ()}),
        sites=(SiteStanding(site=None, terminals=6, checked=2, states=COUNTS),),
        listed=(ONE,),
    )
    shown = text(fleet_report(document))
    assert "6 terminals, 2 checked (campaign march)." in shown
    assert "(in no site)" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "<b>pc1" not in text(fleet_report(document), "html")
    assert fleet_report(document).sheets[2].rows[0][5] == 3


def test_csv_of_the_report_accounts_for_each_terminal() -> None:
    other = ONE.model_copy(
        update={"id": "T-2", "hostname": "pc2", "site": "th", "open": ("rdp", "laps"), "why": "=1+1"}
    )
    found = FoundItem(
        terminal="T-2", hostname="pc2", site="th", check="startup", at=AT, finding="run, and more"
    )
    document = FleetReportDocument(
        terminals=2,
        states=COUNTS,
        campaign=CampaignItem.model_validate({"name": "march", "from": None, "checks": ()}),
        countries=(),
        sites=(SiteStanding(site="th", country="TH", terminals=1, checked=0, states=COUNTS),),
        findings=(found,),
        left=(ONE,),
        excluded=(),
        trend=(),
        progress=Progress(answered=0, left=2),
        every=(ONE, other),
    )
    header, *rows = list(csv.reader(io.StringIO(text(fleet_book(document), "csv"))))
    assert [dict(zip(header, row, strict=True))["terminal"] for row in rows] == ["T-1", "T-2"]
    second = dict(zip(header, rows[1], strict=True))
    assert (second["country"], second["findings"], second["open"]) == (
        "TH",
        "startup: run, and more",
        "rdp, laps",
    )
    assert second["why"] == "'=1+1"


def test_gaps_are_told() -> None:
    shown = text(
        terminal_report(
            TerminalDocument(
                terminal=ONE, gaps=("services: nothing answers it", "rdp: nothing answers it")
            )
        )
    )
    assert "in no site" in shown
    assert "gap: nothing answers it: services, rdp" in shown
    assert "It never answered." in shown
    junk = TerminalDocument(terminal=ONE, uuid="ffffffff-ffff-ffff-ffff-ffffffffffff")
    assert "identifies nothing" in text(terminal_report(junk))


def test_an_import() -> None:
    file = IntakeItem(file="inv.csv", kind="csv", sha256="ab", read=3, aside=0, again=True)
    shown = text(import_report(ImportDocument(files=(file,), terminals=3, new=0, merged=1)))
    assert "3 terminals, 0 new; 1 row taken" in shown
    assert "taken in before" in shown


def test_the_report() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    found = FoundItem(
        terminal="T-1", hostname="pc1", site="jp-hq", check="services", at=at, finding="<script>x"
    )
    document = FleetReportDocument(
        terminals=6,
        states=COUNTS,
        campaign=CampaignItem.model_validate({"name": "march", "from": at, "checks": ()}),
        countries=(CountryStanding(country="JP", terminals=6, checked=2, states=COUNTS),),
        sites=(SiteStanding(site="jp-hq", country="JP", terminals=6, checked=2, states=COUNTS),),
        findings=(found,),
        left=(ONE,),
        excluded=(),
        trend=(),
        progress=Progress(answered=2, left=3, rate=1.5, done_at=at, slowest=("jp-hq: 2 of 5",)),
    )
    shown = text(fleet_book(document))
    assert "6 terminals: 2 checked, 3 left, 0 excluded (campaign march)." in shown
    assert "1.5 an hour in the last day" in shown
    assert "least checked: jp-hq: 2 of 5" in shown
    assert "<script>" not in text(fleet_book(document), "html")


def test_who_is_in_no_inventory_is_counted_and_not_cut_off_in_silence() -> None:
    names = tuple(f"evil-{n}" for n in range(1000))
    document = ImportDocument(
        files=(), terminals=3, new=0, merged=0, strangers=names, strangers_in_all=12_345
    )
    shown = " ".join(text(import_report(document)).split())
    assert "12,345 machines that answered are in no inventory, or could be several: evil-0," in shown
    assert "evil-19 and 12,325 more" in shown
    one = ImportDocument(files=(), terminals=3, new=0, merged=0, strangers=("odd",), strangers_in_all=1)
    assert "1 machine that answered is in no inventory, or could be several: odd" in " ".join(
        text(import_report(one)).split()
    )
