from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contain.backends.packets import plan

from sekisho.contain.backends.registry import BACKENDS
from sekisho.contain.platforms import PLATFORMS
from sekisho.model.restrictions import Restriction

GOLDEN = Path(__file__).parent / "golden"
LINK = Restriction(("link:th <-> jp",), keep_tier="essential")
CASES = {
    "link": [LINK],
    "two-plans": [replace(LINK, allow=("FILES",)), Restriction(("site:th",), allow=("EDI", "REMOTE"))],
    "all": [Restriction(("all",), allow=("REMOTE", "EDI"))],
    "host": [Restriction(("host:edi-th",))],
    "site": [Restriction(("site:th",))],
    "icmp": [Restriction(("link:th <-> jp",), allow=("PING",))],
}


def golden(name: str, text: str) -> None:
    """Compare with golden/NAME; `make update-golden` writes it instead."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert path.is_file(), f"{name} is missing; make update-golden writes it"
    assert text == path.read_text(), f"{name} differs; make update-golden, then review"


def test_every_platform_has_its_words() -> None:
    assert set(BACKENDS) == set(PLATFORMS)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_each_platform_is_told(platform: str, case: str) -> None:
    proposal, _ = plan(platform, CASES[case])
    told = proposal.told[0]
    if told.rendered is None:
        golden(f"{platform}/{case}.refused", told.why + "\n")
    else:
        golden(f"{platform}/{case}{told.rendered.suffix}", told.rendered.text)
        for suffix, text in told.rendered.others:
            golden(f"{platform}/{case}{suffix}", text)
