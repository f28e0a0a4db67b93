"""A company whose plant was cut off on 2 June 2020, but for one rule, and has been quiet since."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.containing.planning import plan
from sekisho.app.decisions import open_decisions
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace
from sekisho.model.restrictions import Restriction

JUNE_1 = 1_590_969_600
CUT = datetime(2020, 6, 2, 6, tzinfo=UTC)
LATER = datetime(2020, 6, 7, 1, tzinfo=UTC)
"""An hour into the day after the logs end: 3, 4, 5 and 6 June are whole."""
GATEWAYS = """\
gateways:
  th-gw:
    platform: nftables
    address: 10.40.0.1
    deliver: render
    links: ["th-plant <-> *"]
    management: "th-plant/* -> 10.40.0.1 : tcp/22"
"""
RESTORE = """\
gates:
  quiet: {days: 4, coverage: 95}
"""
Log = Callable[..., str]


@pytest.fixture
def cut(raw_company: Path, zeek_header: str, zeek_conn: Log, tmp_path: Path) -> Workspace:
    """P-1 holds th-plant but for the orders; both edges recorded those, every hour of six days."""
    root = raw_company
    for sensor in ("th-edge", "jp-edge"):
        write(root, sensor, "conn.log", zeek_header, orders(zeek_conn, sensor))
    (root / "gateways.yaml").write_text(GATEWAYS)
    (root / "restore.yaml").write_text(RESTORE)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "aiko")], check=True
    )
    key = (tmp_path / "aiko.pub").read_text().strip()
    with (root / "sekisho.toml").open("a") as settings:
        settings.write(f'[people.aiko]\nkeys = ["{key}"]\nroles = ["approver"]\n')
    workspace = Workspace(root)
    ingest(workspace, [root / "logs"], sensor=None, reader=None, now=LATER)
    plan(workspace, Restriction(("site:th-plant",), allow=("TH-HQ-EDI",)), now=CUT, by="aiko")
    told(workspace, "P-1", CUT)
    return workspace


def orders(conn: Log, sensor: str, hours: int = 144) -> list[str]:
    """An order an hour, by the rule that stays open."""
    return [
        conn(
            JUNE_1 + n * 3600 + 60.25, f"C{sensor[:2]}{n}", "10.40.2.10", 40_000 + n, "10.1.20.5", 8443
        )
        for n in range(hours)
    ]


def write(root: Path, sensor: str, name: str, header: str, lines: list[str]) -> Path:
    """A log of one sensor."""
    path = root / "logs" / sensor / name
    path.write_text(header + "".join(lines))
    return path


def told(workspace: Workspace, plan_id: str, at: datetime, to: str = "elsewhere") -> None:
    """Somebody else told the gateways, and it is written down."""
    states = {"elsewhere": "applied_elsewhere", "lifted": "lifted"}
    with open_decisions(workspace) as decisions:
        body = {"plan": plan_id, "state": states[to], "text": "by the carrier"}
        body |= {"results": {"th-gw": {"state": to, "why": "CHG-1"}}}
        decisions.decide("plan.elsewhere", body, at=at, by="ken")


def intrude(workspace: Workspace, header: str, conn: Log, at: datetime, *, state: str = "SF") -> None:
    """SMB from the plant to the head office, seen at both ends."""
    for n, sensor in enumerate(("th-edge", "jp-edge")):
        lines = [
            conn(
                at.timestamp() + n / 100,
                f"X{sensor}",
                "10.40.9.9",
                50_001,
                "10.1.10.96",
                445,
                state=state,
            )
        ]
        path = write(workspace.root, sensor, f"more-{at:%d%H}.log", header, lines)
        ingest(workspace, [path], sensor=sensor, reader=None, now=at + timedelta(hours=1))


def recertified(workspace: Workspace, at: datetime) -> None:
    """Both owners confirm both rules between the two sites."""
    from sekisho.app.recertifying import recertify

    for site, owner in (("th-plant", "it-th"), ("jp-hq", "it-jp")):
        recertify(workspace, ["TH-HQ-EDI"], site, owner, now=at, by="aiko")
