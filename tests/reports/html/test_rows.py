from __future__ import annotations

from sekisho.model.findings import AuditDocument, Bytes
from sekisho.reports.html.rows import evidence, row
from sekisho.reports.units import Times


def test_what_to_read_and_what_to_sort_by(audit: AuditDocument) -> None:
    found = row(audit.findings[0], Times())
    assert (found.severity_order, found.verdict_order) == (0, 0)
    assert (found.src_site, found.src, found.dst) == ("th-plant", "fs01", "dc1")
    assert (found.since, found.since_kind) == ("2020-06-01 00:00", "or before")
    assert row(audit.findings[-1], Times()).src_site == "no site"


def test_evidence_has_everything(audit: AuditDocument) -> None:
    finding = audit.findings[0].model_copy(
        update={
            "payload_out": 5_901_055,
            "bytes_out": Bytes(low=10, high=99, why="sampled 1 in 100"),
            "kind": "changed",
            "nearest_rule": None,
        }
    )
    terms = dict(evidence(finding, Times()))
    assert terms["Out, initiator to responder"] == (
        "between 10 and 99 bytes on the wire",
        "5,901,055 bytes of payload",
        "sampled 1 in 100",
    )
    assert terms["Nearest rule"] == ("No rule comes near this connection.",)
    assert terms["Kind"] == ("changed",)
    assert terms["Activity"][0] == "2020-06-01 00:00:00.000000 to 2020-06-01 03:00:00.000000 UTC"
    assert terms["Decision"] == ("open",)
    assert "criticality high" in terms["Source"]
