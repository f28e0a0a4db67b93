"""What is permitted and began to behave otherwise, in a whole audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sekisho.app.ingest import Ingest
from sekisho.audit.run import audit
from sekisho.inventory.register import Inventory
from sekisho.model.findings import AuditDocument, Finding
from sekisho.model.sites import Sensor
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake

DAY, HOUR = 86_400, 3_600
JUNE_1 = datetime(2020, 6, 1, tzinfo=UTC)
NOW = datetime(2020, 7, 2, tzinfo=UTC)
CLIENT, SERVER, CALM, OUTSIDE = "10.40.2.10", "10.1.20.5", "10.1.20.6", "28.1.2.3"


@pytest.fixture(scope="module")
def month(
    tmp_path_factory: pytest.TempPathFactory, zeek_header: str, zeek_conn: Callable[..., str]
) -> Iterator[Lake]:
    """Thirty days of two permitted connections, each used at nine and ten. One moves a lot on the 21st, is
    used at three at night on the 24th, and its server asks somebody outside from the 26th on."""
    root = tmp_path_factory.mktemp("changed")
    rows = []
    for day in range(30):
        for hour in (9, 10):
            at = day * DAY + hour * HOUR
            rows.append((at, CLIENT, SERVER, 8443, 40_000_000 if (day, hour) == (20, 9) else 100_000))
            rows.append((at, CLIENT, CALM, 8443, 100_000))
        if day >= 25:
            rows.append((day * DAY + 11 * HOUR, SERVER, OUTSIDE, 443, 500))
    rows.append((23 * DAY + 3 * HOUR, CLIENT, SERVER, 8443, 5_000))
    lines = [
        zeek_conn(JUNE_1.timestamp() + at, f"C{n:05d}", src, 20_000 + n, dst, port, size=size)
        for n, (at, src, dst, port, size) in enumerate(sorted(rows))
    ]
    (root / "conn.log").write_text(zeek_header + "".join(lines))
    with Lake.open(root / "lake", create=True) as lake:
        sensors = {"jp-edge": Sensor(name="jp-edge", site="jp-hq")}
        Ingest(lake, root, sensors, now=NOW).run([root / "conn.log"], sensor="jp-edge")
        yield lake


def judged(
    lake: Lake, inventory: Inventory, compiled: CompiledPolicy, begin: datetime | None = None
) -> dict[tuple[str, str], Finding]:
    document: AuditDocument = audit(lake, inventory, compiled, begin=begin, end=None, now=NOW)
    return {(f.src.address, f.dst.address): f for f in document.findings}


def test_volume_hours_and_a_server_that_initiates(
    month: Lake, inventory: Inventory, compiled: CompiledPolicy
) -> None:
    found = judged(month, inventory, compiled)
    assert found.keys() == {(CLIENT, SERVER), (SERVER, OUTSIDE)}, "the calm one is none"
    link = found[CLIENT, SERVER]
    assert (link.kind, link.verdict, link.severity) == ("changed", "authorized", "low")
    assert link.onset.at == JUNE_1 + timedelta(days=20)
    texts = {check.id: check.text for check in link.checks}
    assert texts["volume"].startswith(
        "usual 602 kB a day (median of 20 days, highest 602 kB), on 2020-06-21"
    )
    assert texts["volume"].endswith("120 MB")
    assert texts["hours"].startswith("used between 3:00 and 4:00 on 2020-06-24 (UTC)")
    server = found[SERVER, OUTSIDE]
    assert (server.kind, server.verdict, server.severity) == ("changed", "external", "low")
    (check,) = server.checks
    assert check.text == (
        f"{SERVER} had only answered since 2020-06-01 (25 days, 1 client of other sites or outside) and"
        " began to initiate on 2020-06-26 11:00 UTC"
    )


def test_a_window_is_judged_by_what_was_before_it(
    month: Lake, inventory: Inventory, compiled: CompiledPolicy
) -> None:
    last_week = judged(month, inventory, compiled, JUNE_1 + timedelta(days=22))
    assert [check.id for check in last_week[CLIENT, SERVER].checks] == ["hours"]
    assert (SERVER, OUTSIDE) in last_week
    assert judged(month, inventory, compiled, JUNE_1 + timedelta(days=27)) == {}


def test_two_weeks_of_evidence_at_least(
    lake: Lake, inventory: Inventory, compiled: CompiledPolicy
) -> None:
    document = audit(
        lake, inventory, compiled, begin=None, end=None, now=datetime(2020, 6, 8, tzinfo=UTC)
    )
    assert all("changed" not in (f.kind, *f.also) for f in document.findings)
