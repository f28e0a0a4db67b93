"""The company of three sites with flows to hosts outside, and names beside them."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace

JUNE_1 = 1_590_969_600
DAY = 86_400
DNS = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\n"
)


@pytest.fixture
def hunted(
    workspace: Workspace, now: datetime, zeek_header: str, zeek_conn: Callable[..., str]
) -> Workspace:
    """10.40.9.9 talks with 45.9.148.3 on 4 June, 2001:db8:40::9 with 2a0b:f4c2::9 on 5 June and 10.40.3.3 asks
    its name server for c2.evil.example."""
    folder = workspace.root / "logs" / "th-edge"
    flows = [
        zeek_conn(JUNE_1 + 3 * DAY + 50, "Cevil01", "10.40.9.9", 55_000, "45.9.148.3", 443),
        zeek_conn(JUNE_1 + 3 * DAY + 950, "Cevil02", "10.40.9.9", 55_001, "45.9.148.3", 443),
        zeek_conn(JUNE_1 + 4 * DAY + 50, "Cevil03", "2001:db8:40::9", 55_002, "2a0b:f4c2::9", 443),
        zeek_conn(JUNE_1 + 4 * DAY + 60, "Cevil04", "10.40.3.3", 55_003, "10.40.0.53", 53),
        zeek_conn(JUNE_1 + 4 * DAY + 70, "Cevil05", "10.40.9.9", 55_004, "8.8.8.8", 443),
    ]
    (folder / "outside.log").write_text(zeek_header + "".join(flows))
    at = JUNE_1 + 4 * DAY + 60
    (folder / "dns.log").write_text(
        f"{DNS}{at}\tCevil04\t10.40.3.3\t55003\t10.40.0.53\t53\ttcp\tc2.evil.example\n"
        f"{at + 9}\tCgone01\t10.40.3.4\t55003\t10.40.0.53\t53\tudp\tgone.example\n"
    )
    files = [folder / "outside.log", folder / "dns.log"]
    ingest(workspace, files, sensor="th-edge", reader=None, now=now)
    return workspace


@pytest.fixture
def feed() -> Callable[..., None]:
    """Write intel.yaml of one list with these values, believed by 90."""

    def write(workspace: Workspace, *values: str, more: str = "") -> None:
        (workspace.root / "values.txt").write_text("\n".join(values) + "\n")
        (workspace.root / "intel.yaml").write_text(
            f"feeds:\n  mine: {{kind: list, path: values.txt, licence: CC0, confidence: 90{more}}}\n"
        )

    return write


@pytest.fixture
def aged() -> Callable[..., None]:
    """Make a file as old as said."""

    def age(path: Path, at: datetime) -> None:
        os.utime(path, (at.timestamp(), at.timestamp()))

    return age
