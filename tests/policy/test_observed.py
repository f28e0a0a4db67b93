from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from sekisho.policy.observed import Observed, by_key, whole

START = datetime(2024, 3, 1, tzinfo=UTC)
FIRST = Observed(
    "",
    ip_address("10.40.0.9"),
    "",
    ip_address("10.1.0.1"),
    6,
    445,
    3,
    2,
    START,
    START,
    1,
    ("a:1", "a:2"),
)


def test_pieces_of_one_connection_add_up() -> None:
    day = timedelta(days=1)
    later = replace(FIRST, flows=5, established=0, first_seen=START + day, last_seen=START + 2 * day)
    found = whole([replace(later, days_active=2, witness=("a:2", "b:9")), FIRST])
    assert (found.flows, found.established, found.days_active) == (8, 2, 3)
    assert (found.first_seen, found.last_seen) == (START, START + 2 * day)
    assert found.witness == ("a:2", "b:9", "a:1")


def test_connections_are_sorted_as_addresses_are_and_realms_kept_apart() -> None:
    nine, ten = FIRST, replace(FIRST, src=ip_address("10.40.0.10"))
    elsewhere = replace(FIRST, dst_realm="acquired")
    found = by_key([ten, elsewhere, nine, replace(nine, witness=("0",))])
    assert [(str(key[0][1]), key[1][0], len(pieces)) for key, pieces in found.items()] == [
        ("10.40.0.9", "", 2),
        ("10.40.0.9", "acquired", 1),
        ("10.40.0.10", "", 1),
    ]
    assert str(nine) == "10.40.0.9 -> 10.1.0.1 : tcp/445"
