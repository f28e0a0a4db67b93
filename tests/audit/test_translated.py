"""A sensor behind a gateway that translates: its records are judged and compared by the ends that are meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.explain import explain
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace
from sekisho.model.findings import AuditDocument

NOW = datetime(2020, 6, 8, tzinfo=UTC)
JUNE_4 = datetime(2020, 6, 4, tzinfo=UTC)
ENTRY = "nat:\n  app02: {sensor: jp-edge, original: 10.40.9.9, translated: 172.31.0.9%s}\n"


@pytest.fixture
def judged(raw_company: Path) -> Callable[[str], AuditDocument]:
    """jp-edge sees th-app02 (10.40.9.9) as 172.31.0.9; sites.yaml ends with what is given."""
    log = raw_company / "logs" / "jp-edge" / "conn.log"
    log.write_text(log.read_text().replace("\t10.40.9.9\t", "\t172.31.0.9\t"))
    sites = raw_company / "sites.yaml"
    before = sites.read_text()

    def run(nat: str) -> AuditDocument:
        sites.write_text(before + nat)
        workspace = Workspace(raw_company)
        ingest(workspace, [raw_company / "logs"], sensor=None, reader=None, now=NOW)
        return run_audit(workspace, begin=None, end=None, now=NOW, by="anong").document

    return run


def smb(document: AuditDocument) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return sorted(
        (f.src.address, f.verdict, f.seen_at, (f.kind, *f.also))
        for f in document.findings
        if f.port == 445 and f.dst.address == "10.1.10.96"
    )


def test_without_the_table_both_views_stand_apart(judged: Callable[[str], AuditDocument]) -> None:
    found = smb(judged(""))
    assert found == [
        ("10.40.9.9", "unauthorized", "source_only", ("verdict", "one_sided")),
        ("172.31.0.9", "unmapped", "single", ("verdict",)),
    ]


def test_with_it_they_are_one_connection(judged: Callable[[str], AuditDocument]) -> None:
    judged("")
    document = judged(ENTRY % "")
    assert smb(document) == [("10.40.9.9", "unauthorized", "both", ("verdict",))]
    assert document.reconciliation is not None
    (pair,) = document.reconciliation.pairs
    assert pair.both == pair.connection_days
    assert not [note for note in document.notes if "translated" in note]


def test_what_the_table_does_not_settle_says_so(judged: Callable[[str], AuditDocument]) -> None:
    document = judged(ENTRY % ", ports: 50001-50002")
    assert ("172.31.0.9", "unmapped", "single", ("verdict",)) in smb(document)
    assert ("10.40.9.9", "unauthorized", "both", ("verdict",)) in smb(document)
    (note,) = (note for note in document.notes if "translated address" in note)
    assert "172.31.0.9" in note
    checks = {
        (f.src.address, check.text.partition(":")[0])
        for f in document.findings
        for check in f.checks
        if check.id == "nat_unresolved"
    }
    assert checks == {("172.31.0.9", "172.31.0.9 stands for 10.40.9.9")}
    assert document.reconciliation is not None
    (pair,) = document.reconciliation.pairs
    assert pair.explained["nat"] == 1
    assert pair.one_sided == 0


def test_an_entry_holds_in_its_time(judged: Callable[[str], AuditDocument]) -> None:
    document = judged(ENTRY % ", from: 2020-06-05")
    (translated,) = (
        f
        for f in document.findings
        if f.src.address == "172.31.0.9" and f.port == 445 and f.established
    )
    assert translated.last_seen < datetime(2020, 6, 5, tzinfo=UTC)


def test_records_are_shown_as_they_were_logged(
    raw_company: Path, judged: Callable[[str], AuditDocument]
) -> None:
    document = judged(ENTRY % "")
    (finding,) = (f for f in document.findings if f.port == 445 and f.established)
    shown = explain(Workspace(raw_company), finding.id, now=NOW, by="anong", limit=100)
    assert {(flow.sensor, flow.src) for flow in shown.flows} == {
        ("th-edge", "10.40.9.9"),
        ("jp-edge", "172.31.0.9"),
    }
