from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.contain.conftest import ground_of
from tests.restore.conftest import NOW, SINCE, SITES

from sekisho.inventory.files import parse_inventory
from sekisho.model.restrictions import Restriction
from sekisho.restore.recontaining import Sighting, again, must_run, new_on
from sekisho.restore.stages import Register

INVENTORY = parse_inventory({"sites.yaml": SITES})
REGISTER = Register(INVENTORY, ground_of().policy, NOW)
TH_JP, TH_US = frozenset({"th", "jp"}), frozenset({"th", "us"})


def seen(pair: frozenset[str], at: datetime = NOW, verdict: str = "unauthorized") -> Sighting:
    return Sighting("F-1", verdict, pair, at, "F-1 a -> b")


@pytest.mark.parametrize(
    ("sighting", "news"),
    [
        (seen(TH_JP), True),
        (seen(TH_JP, verdict="lapsed"), True),
        (seen(TH_JP, verdict="attempted"), False),
        (seen(TH_US), False),
        (seen(TH_JP, SINCE), False),
    ],
)
def test_what_is_new_on_a_lifted_link(sighting: Sighting, news: bool) -> None:
    assert bool(list(new_on([sighting], frozenset({TH_JP}), SINCE, {}))) is news
    assert list(new_on([sighting], frozenset({TH_JP}), SINCE, {"F-1": NOW})) == []


def test_a_site_must_run_while_it_says_so() -> None:
    assert must_run(INVENTORY, NOW) == {"us"}
    assert must_run(INVENTORY, NOW + timedelta(days=60)) == frozenset()


def test_only_the_link_is_cut_and_never_one_that_must_run() -> None:
    found = again(Restriction(("site:th",)), [seen(TH_JP), seen(TH_US)], REGISTER)
    assert found.restriction == Restriction(("link:th <-> jp",))
    assert (found.links, found.spared) == ("jp <-> th", ("us",))
    alone = again(Restriction(("site:th",)), [seen(TH_US)], REGISTER)
    assert (alone.restriction, alone.links, alone.spared) == (None, "th <-> us", ("us",))


def test_a_host_is_cut_off_from_everything_so_also_from_what_must_run() -> None:
    host = Restriction(("host:10.40.9.7",))
    assert again(host, [seen(TH_JP)], REGISTER).restriction is None
    later = Register(INVENTORY, REGISTER.policy, NOW + timedelta(days=60))
    assert again(host, [seen(TH_JP)], later).restriction == host
