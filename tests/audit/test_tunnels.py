from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.app.audit import run_audit
from sekisho.app.coverage import coverage
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace
from sekisho.model.findings import AuditDocument

NOW = datetime(2020, 6, 8, tzinfo=UTC)
HEAD = "start,end,src,src_port,dst,dst_port,protocol,bytes_out,bytes_in,packets_out,packets_in,state\n"
ESP = "2020-06-03T10:00:00Z,2020-06-03T11:00:00Z,10.40.0.1,0,10.1.0.1,0,50,9000000,8000000,9000,9000,\n"
WIREGUARD = "2020-06-03T10:00:00Z,2020-06-03T11:00:00Z,10.60.0.1,51820,10.1.0.1,51820,17,700,700,9,9,\n"


@pytest.fixture
def tunnelled(raw_company: Path) -> Workspace:
    """An ESP tunnel from th-plant, and what may be WireGuard from us-plant."""
    sites = raw_company / "sites.yaml"
    sites.write_text(sites.read_text() + "  hub: {site: jp-hq, kind: generic, sees: [transit]}\n")
    (raw_company / "logs" / "hub").mkdir()
    (raw_company / "logs" / "hub" / "flows.csv").write_text(HEAD + ESP + WIREGUARD)
    workspace = Workspace(raw_company)
    ingest(workspace, [raw_company / "logs"], sensor=None, reader=None, now=NOW)
    return workspace


def audited(workspace: Workspace) -> AuditDocument:
    return run_audit(workspace, begin=None, end=None, now=NOW, by="anong").document


def test_an_audit_names_them_and_counts_what_they_carry_once(tunnelled: Workspace) -> None:
    document = audited(tunnelled)
    links = {(link.src_site, link.dst_site): link for link in document.links}
    (esp,) = links["th-plant", "jp-hq"].opaque
    assert (esp.kind, esp.counted, esp.bytes_out.low) == ("ESP", False, 9_000_000)
    assert links["th-plant", "jp-hq"].bytes_out.high < 9_000_000
    (guess,) = links["us-plant", "jp-hq"].opaque
    assert (guess.kind, guess.guess, guess.counted) == ("WireGuard", True, True)
    assert links["us-plant", "jp-hq"].bytes_out.low == 700
    assert {f.opaque for f in document.findings if f.opaque} == {"ESP", "WireGuard"}
    assert sum("went through" in note for note in document.notes) == 2


def test_coverage_says_that_nobody_looks_into_them(tunnelled: Workspace) -> None:
    notes = coverage(tunnelled, begin=None, end=None, now=NOW).notes
    assert "th-plant -> jp-hq: ESP from 2020-06-03 to 2020-06-03" in " ".join(notes)
    assert "us-plant -> jp-hq: WireGuard (by its port: a guess)" in " ".join(notes)
    later = datetime(2020, 6, 5, tzinfo=UTC)
    assert not coverage(tunnelled, begin=later, end=None, now=NOW).notes
    (one,) = coverage(tunnelled, begin=None, end=None, now=NOW, sites=["us-plant"]).notes
    assert one.startswith("us-plant")
