from __future__ import annotations

from tests.reports.incident_cases import nothing, ordinary
from tests.reports.incident_parts import AT, incident

from sekisho.model.hops import Evidence
from sekisho.reports.html import dossier_tables as tables
from sekisho.reports.naming import Names
from sekisho.reports.steps import steps
from sekisho.reports.units import Times


def test_what_evidence_says() -> None:
    document = ordinary()
    found = tables.evidence_tables(document, steps(document), Names(document, Times()))
    assert [row[2] for row in found["paths"].rows] == ["1 → 2 → 3 → 4", "1 → 2"]
    assert [row[2] for row in found["scope"].rows] == ["● confirmed"] * 2 + ["○ suspected"] * 2
    assert found["scope"].rows[0][3] == ("2020-06-04 10:00 UTC (17:00 +07:00 at th-plant) or before")
    assert found["accounts"].rows[0][3:] == (
        "th-app02 → jp-files01",
        "CORP\\anong at jp-files01",
    )
    assert found["removed"].rows[0][2] == "jp-files01 by rdp"
    assert found["left"].rows[0][:3] == (
        *("jp-files01 (10.1.10.96)", "198.51.100.77 (a file service), outside"),
        "4.1-4.6 GB",
    )
    assert found["left"].rows[0][4].startswith("https, T1567.002 Exfiltration Over Web Service")  # type: ignore[union-attr]
    assert [row[1:3] for row in found["asked"].rows] == [
        ("■ yes", "2 d 12 h, not for 5 h"),
        ("✓ no evidence of it", "2 d 12 h, not for 5 h"),
        ("▨ nobody could have seen it", "2 d 12 h, not for 5 h"),
    ]
    assert found["unseen"].rows[0][3] == "5 h"
    times = found["timeline"].rows
    assert times[0][1] == "2020-06-04 17:00 +07:00 th-plant"
    assert times[0][3] == "flows: logs/th-edge/conn.log, row 412 (th-edge)"
    assert [row[0] for row in times] == sorted(row[0] for row in times)  # type: ignore[type-var]


def test_empty_tables_say_what_that_is_worth() -> None:
    found = tables.evidence_tables(nothing(), (), Names(nothing(), Times()))
    assert "logons could be asked" in found["accounts"].empty
    assert all(not sheet.rows and sheet.empty for sheet in found.values())
    assert "no sensor was looked at" in found["unseen"].empty
    assert tables.inquiry(None).empty == "No site was asked yet."
    assert tables.files(None).rows == []


def test_the_work_and_the_history_of_notes() -> None:
    one = incident()
    done, open_ = tables.tasks(one, Times()).rows
    assert done[4] == "done 2020-06-05 22:00: Imaged, hash in CASE-77"
    assert open_[4] == "overdue"
    (note,) = tables.notebook(one, Times()).rows
    assert (note[1], note[2]) == ("Rebuilt in June", "aiko")
    assert note[4] == "“Rebuilt in May” (ken, 2020-06-05 16:00)"
    assert tables.files(one).rows[0][0] == "gone: no file is where it was"
    asked = tables.inquiry(ordinary().inquiry)
    assert asked.title == "Inquiry: 4 sites, 1 not asked, 1 asked, 1 overdue, 1 affected"
    assert asked.rows[0] == (
        "jp-hq",
        "affected",
        "it-jp",
        "2020-06-06 19:00 +09:00",
        "Yes, in proxy logs",
    )


def test_evidence_is_a_record_a_roll_up_or_says_what_it_is() -> None:
    assert tables.evidence_text(Evidence(path="a.log", row=4, sensor="th")) == "a.log, row 4 (th)"
    assert tables.evidence_text(Evidence(path="a.log")) == "a.log"
    assert tables.evidence_text(Evidence(day=AT)) == "roll-up of 2020-06-04"
    assert tables.evidence_text(Evidence(text="ledger entry 7")) == "ledger entry 7"
    assert tables.evidence_text(Evidence()) == ""
