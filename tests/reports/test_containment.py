from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.containment import ContainmentDocument, Crossed, ReadBack, Watching
from sekisho.model.findings import End
from sekisho.reports.containment import containment_report

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_the_answer_comes_first_and_what_it_rests_on_after() -> None:
    crossed = Crossed(
        finding="F-1", came="escaped", src=End(address="10.40.9.9"), dst=End(address="10.1.10.96"),
        protocol="tcp", port=445, service="smb", gateways=("th-gw",), since=AT, flows=2, established=1,
        first=AT, last=AT,
    )  # fmt: skip
    gateway = ReadBack(
        name="th-gw", deliver="ssh", state="applied", reached=True, holds=True, dropped=7,
        logged=("sekisho P-1 IN=a",),
    )  # fmt: skip
    document = ContainmentDocument(
        plan="P-1", hash="00", state="applied", contained="no", why=("1 escaped",), at=AT, since=AT,
        escaped=(crossed,), attempts=1, gateways=(gateway, gateway.model_copy(update={"drift": True})),
        sensors=(Watching(sensor="th-edge", site="th", state="watched", last=AT),),
    )  # fmt: skip
    report = containment_report(document)
    assert report.headline == (
        "P-1 is NOT contained since 2026-11-25T12:00Z: 1 escaped, 1 attempt dropped."
    )
    rows = {sheet.name: list(sheet.rows) for sheet in report.sheets}
    assert rows["crossed"] == [("escaped", "F-1", "10.40.9.9 -> 10.1.10.96 smb", 2, 1, AT, "th-gw")]
    assert [row[2:4] for row in rows["gateway"]] == [("yes", 7), ("changed by others", 7)]
    assert rows["logged"][0] == ("th-gw", "sekisho P-1 IN=a")
    assert report.notes == ("1 escaped",)
    unknown = document.model_copy(update={"contained": "not_known"})
    assert "is not known to be contained" in containment_report(unknown).headline


def test_not_looked_for_not_recorded_and_not_found_are_three_answers() -> None:
    watching = Watching(sensor="th-edge", site="th", state="interrupted", last=AT)
    document = ContainmentDocument(
        plan="P-1", hash="00", state="confirmed", contained="not_known", why=(), at=AT, since=AT,
        sensors=(watching,),
    )  # fmt: skip

    def said(one: ContainmentDocument) -> dict[str, str]:
        return {sheet.name: sheet.empty for sheet in containment_report(one).sheets}

    assert said(document)["crossed"] == "Nothing severed is in what was recorded since."
    silent = document.model_copy(
        update={"sensors": (watching.model_copy(update={"state": "nothing"}),)}
    )
    assert said(silent)["crossed"] == "Nothing was recorded since that could show it."
    draft = document.model_copy(update={"since": None, "sensors": (), "contained": "no"})
    assert containment_report(draft).headline == "P-1 is NOT contained: nothing was looked for."
    assert {said(draft)[name] for name in ("crossed", "sensor", "unwatched", "severed")} == {
        "Not looked for."
    }
