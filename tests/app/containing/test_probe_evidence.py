from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address

from tests.app.containing.test_probing import DAY, EDI, seen

from sekisho.app.containing.gathering import in_force_or_not
from sekisho.app.containing.grounds import ground
from sekisho.app.containing.probe_evidence import place_of, services
from sekisho.app.decisions import open_decisions
from sekisho.app.ingest import ingest
from sekisho.app.workspace import Workspace
from sekisho.contain.probing.choosing import Service
from sekisho.model.probes import Trial

__all__ = ["seen"]


def found(workspace: Workspace, days: float = 0) -> dict[Trial, Service]:
    with open_decisions(workspace) as decisions:
        force, hold = in_force_or_not(
            decisions.state.plans(), "P-1", ground(workspace, decisions, now=DAY, by="aiko")
        )
    assert hold is not None
    listed = services(workspace, force, hold, DAY + timedelta(days=days), None)
    return {one.trial: one for one in listed}


def test_what_answered_in_both_directions_and_can_be_tried(seen: Workspace) -> None:
    orders = found(seen)[Trial("tls", "10.1.20.5", 8443)]
    assert (orders.place, orders.end) == ("jp-hq", ("", ip_address("10.1.20.5")))
    assert ("", ip_address(EDI)) in orders.clients
    assert all(trial.port not in (445, 1433, 22) for trial in found(seen)), "nothing can try those"


def test_what_answered_long_ago_is_not_tried(seen: Workspace) -> None:
    assert found(seen, 30) == {}


def test_places_are_named_as_directions_name_them(seen: Workspace) -> None:
    with open_decisions(seen) as decisions:
        force, _ = in_force_or_not(
            decisions.state.plans(), "P-1", ground(seen, decisions, now=DAY, by="aiko")
        )
    assert place_of(force, ip_address(EDI)) == "th-plant"
    assert place_of(force, ip_address("8.8.8.8")) == "internet"
    assert place_of(force, ip_address("172.16.0.1")) == ""


def test_what_sensors_recognised_is_tried_whatever_its_port(
    seen: Workspace, zeek_header: str, zeek_conn: Callable[..., str]
) -> None:
    at = DAY - timedelta(hours=3)
    spoken = {4444: "ssl", 4445: "http", 4446: "smb", 4447: "ssl,http"}
    lines = [
        zeek_conn(at.timestamp(), f"C{port}", EDI, 50_000, "10.1.20.5", port).replace(
            "tcp\t-", f"tcp\t{word}"
        )
        for port, word in spoken.items()
    ]
    path = seen.root / "more.log"
    path.write_text(zeek_header + "".join(lines))
    ingest(seen, [path], sensor="th-edge", reader=None, now=DAY)
    kinds = {trial.port: trial.kind for trial in found(seen)}
    assert [kinds.get(port) for port in (4444, 4445, 4446, 4447)] == ["tls", "http", None, "tls"]
