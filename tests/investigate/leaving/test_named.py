"""What logs name of what was taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace

START = datetime(2024, 3, 4, tzinfo=UTC)
ENTRY, SECOND, DROP = "10.2.0.40", "10.3.0.50", "45.77.10.99"
AT = 80.0


def take(company: Any, site: str, log: str, *rows: dict[str, Any]) -> None:
    """One more Zeek log of a site's sensor."""
    path = company.root / f"{site}-{log}.log"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    now = START + timedelta(days=60)
    ingest(Workspace(company.root), [path], sensor=f"{site}-edge", reader=None, now=now)


def uid(company: Any, site: str, at: float) -> str:
    """What the site's sensor called the conversation that began at that hour."""
    return f"C{site}{next(n for n, row in enumerate(sorted(company.rows)) if row[0] == at)}"


def ends(company: Any, at: float, src: str, dst: str, port: int) -> dict[str, Any]:
    number = next(n for n, row in enumerate(sorted(company.rows)) if row[0] == at)
    ts = START.timestamp() + at * 3600
    return {
        "ts": ts + 1, "id.orig_h": src, "id.orig_p": 40_000 + number % 20_000, "id.resp_h": dst,
        "id.resp_p": port,
    }  # fmt: skip


def test_servers_and_shares_stand_beside_the_flows(
    company: Any, seed_of: Callable[[str, str, int], Any]
) -> None:
    company.flow(AT, ENTRY, SECOND, 3389, minutes=25)
    company.flow(AT + 3, ENTRY, SECOND, 445, out=90_000, back=60_000_000)
    company.flow(AT + 6, ENTRY, DROP, 443, minutes=30, out=70_000_000, back=90_000)
    opened = company.open()
    take(
        company, "b", "ssl",
        ends(company, AT + 6, ENTRY, DROP, 443)
        | {"uid": uid(company, "b", AT + 6), "version": "TLSv12", "server_name": "eu.mega.nz",
           "established": True, "resumed": False, "cipher": "TLS_AES_128_GCM_SHA256"},
    )  # fmt: skip
    take(
        company, "b", "smb_files",
        ends(company, AT + 3, ENTRY, SECOND, 445)
        | {"uid": uid(company, "b", AT + 3), "action": "SMB::FILE_OPEN", "path": "\\\\10.3.0.50\\designs",
           "name": "wing.dwg"},
    )  # fmt: skip
    found = opened.look(seed_of(ENTRY, SECOND, 3389))
    gathered, sent = found.exfiltration
    assert (sent.party, sent.technique) == ("MEGA", "T1567.002")
    assert "cloud" in {factor.id for factor in sent.why}
    assert [one.text for one in sent.evidence if one.text] == ["asked for as eu.mega.nz"]
    (share,) = [one for one in gathered.evidence if one.text]
    assert share.text is not None
    assert "wing.dwg" in share.text
    assert (share.row, share.sensor) == (1, "b-edge")
