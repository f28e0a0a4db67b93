from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from sekisho.intel.base import Aside
from sekisho.intel.entries import Entry
from sekisho.intel.folders.advisories import AdvisoryFolder


def read(folder: Path) -> dict[str, Entry]:
    return {one.place: one for one in AdvisoryFolder().read(folder) if isinstance(one, Entry)}


def test_csaf_stix_and_text(tmp_path: Path) -> None:
    (tmp_path / "csaf.json").write_text(
        json.dumps(
            {
                "document": {
                    "title": "Gateway",
                    "publisher": {"name": "CERT"},
                    "tracking": {"id": "CERT-1", "current_release_date": "2025-02-01T00:00:00Z"},
                    "notes": [{"text": "by T1190"}],
                },
                "product_tree": {
                    "branches": [
                        {
                            "category": "vendor",
                            "name": "Acme",
                            "branches": [{"category": "product_name", "name": "Gate"}],
                        }
                    ]
                },
                "vulnerabilities": [{"cve": "CVE-2025-0001"}, {"cve": 7}],
            }
        )
    )
    reference = {"source_name": "mitre-attack", "external_id": "T1133"}
    (tmp_path / "stix.json").write_text(
        json.dumps(
            {
                "type": "bundle",
                "objects": [
                    {"type": "report", "id": "report--1", "name": "R", "published": "2025-03-01"},
                    {"type": "attack-pattern", "external_references": [reference]},
                    {"type": "vulnerability", "name": "CVE-2025-0002"},
                ],
            }
        )
    )
    (tmp_path / "text.md").write_text(
        "\n# People come in by VPN\n\n2025-04-01: T1133, T1021.001 and cve-2025-0003; not T12 nor XT1021.\n"
    )
    found = read(tmp_path)
    assert (found["csaf.json"].id, found["csaf.json"].techniques) == ("CERT-1", ("T1190",))
    assert found["csaf.json"].vulnerabilities == ("CVE-2025-0001",)
    assert found["csaf.json"].products == ("Acme Gate",)
    assert found["stix.json"].techniques == ("T1133",)
    assert found["stix.json"].at == datetime(2025, 3, 1, tzinfo=UTC)
    text = found["text.md"]
    assert (text.title, text.techniques) == ("People come in by VPN", ("T1133", "T1021.001"))
    assert text.vulnerabilities == ("CVE-2025-0003",)
    assert text.at == datetime(2025, 4, 1, tzinfo=UTC)


def test_what_is_no_advisory_is_set_aside(tmp_path: Path) -> None:
    for name, text in {
        "a.json": "{",
        "b.json": "[" * 100_000,
        "c.json": '{"x": 1}',
        "d.txt": "nothing of note",
        "e.json": '{"document": {"tracking": 3, "publisher": []}, "vulnerabilities": {}}',
    }.items():
        (tmp_path / name).write_text(text)
    found = list(AdvisoryFolder().read(tmp_path))
    assert [one.why for one in found if isinstance(one, Aside)] == [
        "malformed",
        "malformed",
        "not_usable",
        "not_usable",
        "not_usable",
    ]
