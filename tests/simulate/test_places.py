"""The company is what the reference incident needs: many sites, many countries, an acquired realm."""

from __future__ import annotations

from ipaddress import ip_network
from itertools import combinations
from zoneinfo import ZoneInfo

from sekisho.simulate.places import PLACES, ROLES, SERVERS


def test_many_sites_in_many_countries():
    assert len(PLACES) >= 13
    assert len({p.country for p in PLACES}) >= 8
    assert {"JP", "TH", "PH", "ID", "US"} <= {p.country for p in PLACES}
    assert all(ZoneInfo(p.timezone) for p in PLACES)


def test_space_overlaps_only_between_realms():
    overlaps = 0
    for one, other in combinations(PLACES, 2):
        same = ip_network(f"{one.v4}.0.0/16").overlaps(ip_network(f"{other.v4}.0.0/16"))
        assert not (same and one.realm == other.realm)
        overlaps += same
    assert overlaps == 2


def test_server_groups_do_not_share_addresses():
    taken = [n for first, count in ROLES.values() for n in range(first, first + count)]
    assert len(taken) == len(set(taken))
    assert all(role in ROLES for roles in SERVERS.values() for role in roles)
