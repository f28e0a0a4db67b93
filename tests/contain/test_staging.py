from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.contain.proposal import Proposal, plain
from sekisho.contain.staging import Stage, read_stages
from sekisho.errors import RequestError
from sekisho.model.restrictions import Restriction, Staging

Plan = Callable[..., Proposal]
GATEWAYS = b"""
gateways:
  th-gw: {platform: nftables, address: 10.40.0.1, links: ["th <-> *"]}
  jp-gw: {platform: nftables, address: 10.1.0.1, links: ["jp <-> *"]}
  us-gw: {platform: nftables, address: 10.60.0.1, links: ["us <-> *"]}
"""


def stages(planned: Plan, *sites: str, **limits: int) -> tuple[Stage, ...]:
    staging = Staging(read_stages(sites), **limits)
    return planned("all", gateways=GATEWAYS, staging=staging).stages


def test_each_gateway_is_told_once_in_the_order_of_the_sites(planned: Plan) -> None:
    assert stages(planned, "us", "jp; th") == (
        Stage(1, ("us",), ("us-gw",)),
        Stage(2, ("jp", "th"), ("th-gw", "jp-gw")),
    )


def test_what_no_stage_names_is_told_last(planned: Plan) -> None:
    last = Stage(2, ("rest",), ("th-gw", "us-gw"))
    assert stages(planned, "jp")[1] == last
    assert stages(planned, "jp", "rest")[1] == last
    assert len(stages(planned, "jp", "th", "us", "rest")) == 3


def test_a_site_without_a_gateway_to_tell_is_said(planned: Plan) -> None:
    with pytest.raises(RequestError, match="the stage jp has no gateway to tell"):
        stages(planned, "jp; th", "jp")
    with pytest.raises(RequestError, match="there is no site `mars`"):
        stages(planned, "mars")


@pytest.mark.parametrize("words", [("rest", "jp"), ("jp; rest",), (" ; ",), ("jp",) * 201])
def test_words_that_are_no_stages(words: tuple[str, ...]) -> None:
    with pytest.raises(RequestError):
        read_stages(words)


@pytest.mark.parametrize("limits", [{"soak": 0}, {"patience": -1}, {"soak": 10**7}, {"broken": -1}])
def test_limits_that_make_no_sense(planned: Plan, limits: dict[str, int]) -> None:
    with pytest.raises(RequestError):
        stages(planned, "jp", **limits)


def test_order_and_limits_are_part_of_what_is_approved(planned: Plan) -> None:
    def hash_of(staging: Staging | None) -> str:
        return planned("all", gateways=GATEWAYS, staging=staging).hash

    one = Staging((("jp",), ("th",)))
    others = [None, Staging((("th",), ("jp",))), Staging(one.stages, broken=1), Staging(one.stages, 60)]
    assert len({hash_of(staging) for staging in (one, *others)}) == 5
    assert hash_of(Staging((("jp",), ("th",)))) == hash_of(one)
    assert "staging" not in plain(Restriction(("all",))), "plans of before keep their hash"
