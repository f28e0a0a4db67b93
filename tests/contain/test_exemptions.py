from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest
from tests.contain.conftest import NOW

from sekisho.contain.exemptions import Exemption, exempts, open_up, read_path
from sekisho.contain.proposal import Ground
from sekisho.errors import RequestError
from sekisho.model.restrictions import Restriction

WANTED = Exemption("X-1", "th/edi -> jp/edi :  tcp/22", NOW + timedelta(hours=2), "restore")


def held(ground: Ground, **in_force: Restriction) -> Ground:
    return replace(ground, in_force=in_force)


def test_which_plans_it_pierces_and_where(ground: Ground) -> None:
    on = held(
        ground,
        P1=Restriction(("site:th",)),
        P2=Restriction(("link:jp <-> us",)),
        P3=Restriction(("host:edi-th",), direction="in"),
    )
    opened = open_up(WANTED, on)
    assert opened.path.text == "th/edi -> jp/edi : tcp/22"
    assert opened.pierced == ("P1",)
    assert opened.gateways == ("th-gw", "jp-gw")
    assert opened.flow.cut_of(("", ip_address("10.40.2.10")), ("", ip_address("10.1.20.1")), 6, 22)
    assert not opened.flow.cut_of(("", ip_address("10.1.20.1")), ("", ip_address("10.40.2.10")), 6, 22)


def test_the_hash_is_over_all_that_it_opens(ground: Ground) -> None:
    on = held(ground, P1=Restriction(("site:th",)))
    first = open_up(WANTED, on).hash
    assert open_up(replace(WANTED, name="X-9"), on).hash == first
    others = [
        open_up(replace(WANTED, until=NOW + timedelta(hours=3)), on),
        open_up(replace(WANTED, sentence="th/edi -> jp/edi : tcp/23"), on),
        open_up(replace(WANTED, reason="other"), on),
        open_up(WANTED, held(ground, P1=Restriction(("all",)))),
    ]
    assert len({first, *(one.hash for one in others)}) == 5


def test_what_nothing_cuts_needs_none(ground: Ground) -> None:
    for on in (ground, held(ground, P1=Restriction(("site:th",), allow=("OPS",)))):
        wanted = replace(WANTED, sentence="jp/edi -> th/edi : tcp/22")
        with pytest.raises(RequestError, match="nothing in force cuts"):
            open_up(wanted, on)


def test_a_sentence_that_means_nothing(ground: Ground) -> None:
    with pytest.raises(RequestError, match="no group `nobody`"):
        read_path("th/nobody -> jp/edi : tcp/22", ground.inventory, {})


def test_as_gateways_are_told(ground: Ground) -> None:
    (one,) = exempts([WANTED], ground)
    assert one.sources.holds("", ip_address("10.40.2.10"))
    assert one.spans == ((6 << 16 | 22, 6 << 16 | 22),)
    assert exempts([], ground) == ()
