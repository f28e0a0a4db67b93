from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest
from tests.contain.conftest import NOW

from sekisho.contain.exemptions import Exemption, check_flow, exempts, open_up, read_path
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


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("* -> * : tcp/22", "`\\*` is more than one flow: who begins it"),
        ("th/edi, * -> jp/edi : tcp/22", "`\\*` is more than one flow: who begins it"),
        ("th/edi -> * : tcp/22", "`\\*` is more than one flow: what it reaches"),
        ("th/edi -> internet : tcp/443", "`internet` is more than one flow: what it reaches"),
        ("internet -> th/edi : tcp/22", "`internet` is more than one flow: who begins it"),
        ("th/edi -> jp/edi : any", "services are more than one flow"),
        ("th/edi -> jp/edi : tcp/22, tcp/1-65535", "services are more than one flow"),
        ("th/edi -> jp/edi : tcp/1-9000, udp/1-9000", "services are more than one flow"),
    ],
)
def test_what_is_as_wide_as_a_restriction_is_no_exemption_from_it(
    ground: Ground, sentence: str, message: str
) -> None:
    on = held(ground, P1=Restriction(("all",)))
    with pytest.raises(RequestError, match=message) as refused:
        open_up(replace(WANTED, sentence=sentence), on)
    assert "contain plan --allow" in (refused.value.mend or "")


@pytest.mark.parametrize(
    "sentence",
    [
        "th/* -> jp/edi : smb",
        "th/edi -> zone:vendor : tcp/49152-65535",
        "th/edi -> jp/edi : icmp",
        "10.40.2.10 -> 10.1.20.1 : tcp/22, udp/53",
    ],
)
def test_a_flow_has_both_its_ends_named_and_a_service(ground: Ground, sentence: str) -> None:
    check_flow(read_path(sentence, ground.inventory, ground.policy.services))
