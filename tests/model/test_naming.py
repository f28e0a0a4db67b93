from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.naming import NamesDocument

AT = datetime(2024, 3, 1, tzinfo=UTC)


def test_the_document_reads_back_what_it_writes() -> None:
    sighting = {
        "kind": "dns_answer",
        "value": "203.0.113.7",
        "beside": "a.example",
        "times": 2,
        "first_seen": AT,
        "last_seen": AT,
        "clients": ["10.1.9.1"],
        "client_count": 1,
        "servers": [],
        "server_count": 0,
        "sensors": ["a"],
        "evidence": {"path": "dns.log", "sha256": "0" * 64, "row": 3},
    }
    document = NamesDocument.model_validate(
        {
            "asked": "203.0.113.7",
            "is_address": True,
            "window": {"from": None, "to": None},
            "recorded": True,
            "total": 1,
            "sightings": [sighting],
        }
    )
    text = document.model_dump_json(by_alias=True)
    assert '"schema":"sekisho.names/1"' in text
    assert '"first_seen":"2024-03-01T00:00:00.000000Z"' in text
    assert NamesDocument.model_validate_json(text) == document
