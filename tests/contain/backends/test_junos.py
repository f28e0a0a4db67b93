from __future__ import annotations

from dataclasses import replace

import pytest
from tests.contain.backends.junos_text import reads
from tests.contain.backends.packets import agrees, plan

from sekisho.contain.backends.registry import BACKENDS
from sekisho.model.restrictions import Restriction

PLATFORMS = ["juniper", "juniper-evo", "juniper-srx"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_text_and_model_pass_the_same_packets(platform: str) -> None:
    agrees(platform, reads)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_without_restrictions_everything_passes(platform: str) -> None:
    _, order = plan(platform, [Restriction(("site:th",))])
    text = BACKENDS[platform].render(replace(order, held=())).text
    assert "discard" not in text
    assert text.count("then accept;") == 2


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_of_an_srx_but_filters_is_touched(platform: str) -> None:
    text = plan(platform, [Restriction(("site:th",))])[0].told[0].rendered.text  # type: ignore[union-attr]
    assert [line for line in text.splitlines() if line[:1] not in " }/"] == ["firewall {"] * 2
    assert "policies" not in text
