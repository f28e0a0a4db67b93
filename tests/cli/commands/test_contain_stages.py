from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.cli.commands.contain_stages import staging_of
from sekisho.errors import RequestError
from sekisho.model.restrictions import Staging

GATEWAYS = """\
gateways:
  th-gw: {platform: nftables, address: 10.40.0.1, links: ["th-plant <-> *"]}
  jp-gw: {platform: nftables, address: 10.1.0.1, links: ["jp-hq <-> *"]}
"""


@pytest.fixture
def run(raw_company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    (raw_company / "gateways.yaml").write_text(GATEWAYS)
    return lambda *words: sekisho("--workspace", raw_company, "contain", *words)


def test_options_as_stages() -> None:
    assert staging_of(None, "10m", "30m", 0, 0) is None
    assert staging_of(["th; jp", "rest"], "90", "1h", 1, 2) == Staging(
        (("th", "jp"), ("rest",)), 90, 3600, 1, 2
    )
    with pytest.raises(RequestError, match="no length of time"):
        staging_of(["th"], "soon", "1h", 0, 0)


def test_a_plan_in_stages_is_told_in_them_alone(run: Callable[..., Any]) -> None:
    words = (
        "--sever",
        "all",
        "--keep-tier",
        "essential",
        "--stage",
        "th-plant",
        "--accept-broken",
        "2",
    )
    drafted = json.loads(run("plan", *words, "--format", "json").out)
    assert [one["gateways"] for one in drafted["staging"]["stages"]] == [["th-gw"], ["jp-gw"]]
    assert drafted["staging"]["accept_broken"] == 2
    shown = run("preview", "1").out
    assert "Told one after the other" in shown
    assert "at most 2 stopped" in " ".join(shown.split())
    for more in (("--site", "th-plant"), ("--break-glass", "now")):
        refused = run("apply", "1", *more)
        assert refused.status == 4
        assert "told in stages" in refused.err
    refused = run("apply", "1")
    assert (refused.status, "not approved" in refused.err) == (4, True)


def test_stages_that_cannot_be_are_said(run: Callable[..., Any]) -> None:
    for words in (
        ("--stage", "mars"),
        ("--stage", "rest", "--stage", "jp-hq"),
        ("--stage", "us-plant"),
    ):
        assert run("plan", "--sever", "all", *words).status == 2
    assert run("plan", "--sever", "all", "--stage", "jp-hq", "--soak", "0").status == 2
