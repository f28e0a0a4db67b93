from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.model.naming import NamesDocument
from sekisho.reports.base import Options
from sekisho.reports.registry import render

AT = datetime(2024, 3, 1, 9, tzinfo=UTC)


def document(*sightings: dict[str, Any], **changes: Any) -> NamesDocument:
    known = {
        "kind": "dns_answer",
        "value": "203.0.113.7",
        "beside": "update.example",
        "times": 2,
        "first_seen": AT,
        "last_seen": AT + timedelta(days=1),
        "clients": [f"10.1.9.{n}" for n in range(5)],
        "client_count": 140,
        "servers": ["10.1.0.53"],
        "server_count": 1,
        "sensors": ["a"],
        "evidence": {"path": "dns.log", "sha256": "0" * 64, "row": 3},
    }
    values = {
        "asked": "203.0.113.7",
        "is_address": True,
        "window": {"from": None, "to": None},
        "recorded": True,
        "total": len(sightings),
        "sightings": [known | one for one in sightings],
    }
    return NamesDocument.model_validate(values | changes)


def text(shown: NamesDocument, form: str = "table") -> str:
    stream = io.StringIO()
    render(shown, form, stream, Options())
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def test_what_it_was_called_when_and_by_whom() -> None:
    assert text(document({}, {"kind": "sni", "value": "update.example", "beside": None}, total=9)) == (
        "203.0.113.7: 9 sightings, 2024-03-01 09:00 to 2024-03-02 09:00 UTC.\n"
        "\n"
        "update.example → 203.0.113.7\n"
        "  2024-03-01 09:00 to 2024-03-02 09:00 UTC, 2 times\n"
        "  by 10.1.9.0, 10.1.9.1, 10.1.9.2 and 137 more; at 10.1.0.53; first in dns.log:3\n"
        "\n"
        "TLS name update.example\n"
        "  2024-03-01 09:00 to 2024-03-02 09:00 UTC, 2 times\n"
        "  by 10.1.9.0, 10.1.9.1, 10.1.9.2 and 137 more; at 10.1.0.53; first in dns.log:3\n"
        "\n"
        "- and 7 more: --limit gives them"
    )


def test_nothing_found_and_nothing_recorded() -> None:
    assert text(document()) == "203.0.113.7 is in no name on record for this time."
    assert text(document(recorded=False, notes=["so it is"])) == "No names are on record for this time."


def test_hostile_names_command_no_terminal_and_fit() -> None:
    shown = text(document({"beside": "\x1b[2J" + "a" * 200}))
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_row_has_every_field() -> None:
    head, row = text(document({}), "csv").splitlines()
    assert head.startswith("kind,value,beside,times")
    assert "10.1.9.0 10.1.9.1" in row
    assert row.endswith("0" * 64)
