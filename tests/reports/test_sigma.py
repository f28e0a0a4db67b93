from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.sigma import (
    SigmaConnection,
    SigmaDocument,
    SigmaEnd,
    SigmaEvidence,
    SigmaFinding,
    SigmaListed,
    SigmaRecord,
    SigmaRefusal,
    SigmaRuleItem,
    SigmaRulesDocument,
    SigmaTerminal,
    SigmaUnrecorded,
)
from sekisho.reports.sigma import rules_report, sigma_report

AT = datetime(2026, 3, 1, tzinfo=UTC)
RULE = SigmaRuleItem(
    id="1",
    title="Evil",
    level="informational",
    logsource="windows/process_creation",
    author="Somebody",
    license="DRL 1.1",
    path="a/evil.yml",
    line=1,
)
EVIDENCE = SigmaEvidence(
    file="Security.evtx",
    within="PC1.zip",
    sha256="ab",
    row=3,
    channel="Security",
    event_id=4688,
    record=77,
    at=AT,
)
DOCUMENT = SigmaDocument(
    folder="/rules",
    level="low",
    rules=6,
    asked=1,
    refused=1,
    unrecorded=2,
    passed_over=2,
    filters=0,
    events=1000,
    files=1,
    unread=4,
    answered=False,
    findings=(
        SigmaFinding(
            rule=RULE,
            hostname="pc-1",
            terminal=None,
            site=None,
            events=1,
            first=AT,
            last=AT,
            evidence=(EVIDENCE,),
        ),
    ),
    terminals=(
        SigmaTerminal(hostname="pc-1", terminal=None, outcome="findings", events=1000, last=AT),
    ),
    refusals=(SigmaRefusal(rule=RULE, standing="refused", why="asks for more"),),
    not_recorded=(SigmaUnrecorded(logsource="linux/auditd", rules=2, why="not kept"),),
)


def test_findings_their_evidence_and_whose_rules_they_are() -> None:
    report = sigma_report(DOCUMENT)
    assert report.headline == "1 rule asked of 1,000 events of 1 machine: 1 finding on 1 machine."
    by_name = {sheet.name: list(sheet.rows) for sheet in report.sheets}
    assert by_name["finding"] == [("info", "pc-1", "Evil", 1, AT)]
    assert by_name["evidence"] == [("pc-1", "Evil", AT, "Security 77", "PC1.zip")]
    assert by_name["rule"] == [("Evil", "1", "Somebody", "DRL 1.1")]
    assert by_name["not_recorded"] == [("linux/auditd", 2, "not kept")]
    assert by_name["refused"] == [("a/evil.yml", "asks for more", "Evil")]
    assert by_name["machine"][0][:3] == ("pc-1", "findings", 1000)


def test_findings_in_connections_name_both_ends() -> None:
    end = SigmaEnd(address="10.1.0.5", site="jp-hq", hostname="srv5", terminal="T-1")
    line = SigmaRecord(file="dns.log", sha256="ab", sensor="zeek", row=7, at=AT)
    found = SigmaConnection(
        rule=RULE,
        log="dns",
        src=SigmaEnd(address=None),
        dst=end,
        port=53,
        sensors=("zeek",),
        records=2,
        first=AT,
        last=AT,
        evidence=(line,),
    )
    report = sigma_report(DOCUMENT.model_copy(update={"connections": (found,)}))
    sheets = {sheet.name: sheet.rows for sheet in report.sheets}
    assert sheets["connection"] == [("info", "?", "srv5 (10.1.0.5, jp-hq) port 53", "Evil", 2, AT)]
    assert sheets["record"] == [("Evil", "dns", "zeek", AT, 7, "dns.log")]
    assert report.headline.endswith("1 in connections.")
    assert "connection" not in {sheet.name for sheet in sigma_report(DOCUMENT).sheets}


def test_what_was_not_asked_is_said() -> None:
    notes = " ".join(sigma_report(DOCUMENT).notes)
    assert "2 rules: nobody recorded what they look at" in notes
    assert "1 rule: refused" in notes
    assert "2 rules passed over" in notes
    assert "4 records of logs could not be read" in notes
    assert "states do not follow" in notes


def test_rules_with_what_they_need() -> None:
    listed = SigmaListed(rule=RULE, standing="not_recorded", terminals=0, why="nobody")
    report = rules_report(SigmaRulesDocument(folder="/rules", rules=(listed,), machines=3))
    assert report.headline == "1 rule; events of 3 machines."
    assert report.sheets[0].rows[0][3:7] == ("not_recorded", 0, None, "nobody")
    assert "not looked for" in report.notes[0]
    sensed = listed.model_copy(update={"sensors": True, "standing": "asked"})
    report = rules_report(SigmaRulesDocument(folder="/rules", rules=(sensed,), machines=3))
    assert report.sheets[0].rows[0][5] == "recorded"
