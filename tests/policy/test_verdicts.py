from __future__ import annotations

import pytest

from sekisho.inventory.register import Inventory
from sekisho.model.verdicts import Rank
from sekisho.policy.classes import AddressClass
from sekisho.policy.verdicts import unjudged

JP, TH, US = (AddressClass("site", name) for name in ("jp", "th", "us"))
LOCAL, PRIVATE = AddressClass("local"), AddressClass("private")
GLOBAL, ZONE = AddressClass("global", globally_routable=True), AddressClass("zone", zones=("cloud",))


@pytest.mark.parametrize(
    ("src", "dst", "rank"),
    [
        (JP, TH, None),
        (JP, JP, Rank.INTRA_SITE),
        (TH, TH, None),
        (JP, LOCAL, Rank.INTRA_SITE),
        (LOCAL, LOCAL, Rank.INTRA_SITE),
        (LOCAL, GLOBAL, Rank.UNMAPPED),
        (LOCAL, PRIVATE, Rank.UNMAPPED),
        (JP, PRIVATE, Rank.UNMAPPED),
        (GLOBAL, PRIVATE, Rank.UNMAPPED),
        (GLOBAL, ZONE, Rank.UNMAPPED),
        (JP, GLOBAL, Rank.EXTERNAL),
        (JP, ZONE, Rank.EXTERNAL),
        (US, GLOBAL, None),
        (US, ZONE, None),
    ],
)
def test_what_the_rules_do_not_decide(
    world: Inventory, src: AddressClass, dst: AddressClass, rank: Rank | None
) -> None:
    assert unjudged(src, dst, world, frozenset({"th"})) == rank
    assert unjudged(dst, src, world, frozenset({"th"})) == rank
