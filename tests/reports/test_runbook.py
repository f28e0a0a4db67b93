from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from sekisho.contain.platforms import PLATFORMS
from sekisho.model.plans import PlanDocument, PlanGateway
from sekisho.reports.runbook import _HOW, Runbook, runbook

ABOUT = Runbook(
    plan=PlanDocument.model_validate(
        {
            "id": "P-1",
            "hash": "ab" * 32,
            "state": "approved",
            "at": datetime(2026, 1, 1, tzinfo=UTC),
            "by": "aiko",
            "sever": ("site:th",),
            "reason": "found | on\x1b[2J audit",
            "policy_sha256": "",
            "inventory_sha256": "",
            "gateways_sha256": "",
            "warnings": ("look",),
        }
    ),
    gateway=PlanGateway(name="th-gw", platform="nftables", address="10.0.0.1", deliver="render"),
    owner="the carrier, +66 2 123 4567",
    links=("th <-> *",),
    windows=("Sat 01:00-05:00",),
    files=("apply.nft", "rollback.nft"),
    hashes=("11", "22"),
    notes=("offloaded flows pass by",),
    made=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
)


def test_a_page_that_can_be_followed_at_night() -> None:
    page = runbook(ABOUT)
    for line in (
        "# P-1 at th-gw",
        "| Who changes it | the carrier, +66 2 123 4567 |",
        "   `apply.nft` 11,",
        "2. `nft -c -f apply.nft`",
        "3. `nft -f apply.nft`",
        "   `nft -f rollback.nft`",
        "   `sekisho contain elsewhere P-1 --gateway th-gw --why TICKET`",
        "- offloaded flows pass by",
        "- look",
    ):
        assert line in page.splitlines(), line


def test_words_of_people_do_no_harm() -> None:
    page = runbook(ABOUT)
    assert "\x1b" not in page
    assert "found \\| on" in page
    plan = ABOUT.plan.model_copy(update={"reason": "<script>x</script>", "warnings": ("[a](b)",)})
    page = runbook(replace(ABOUT, plan=plan, owner="<b>", notes=("<img src=x>",)))
    assert not re.search(r"(?<!\\)<(script|b|img)", page)
    assert "\\[a\\](b)" in page


def test_a_list_that_is_attached_nowhere_cuts_nothing() -> None:
    """Steps are numbered on, and what attaches it stands before anybody says that it was done."""
    for platform, said in (
        ("cisco-ios", "`ip access-group sekisho-4 out`"),
        ("cisco-asa", "`access-group sekisho out interface NAME`"),
        ("juniper", "filter output sekisho-4"),
    ):
        gateway = ABOUT.gateway.model_copy(update={"platform": platform})
        page = runbook(replace(ABOUT, gateway=gateway))
        assert page.index(said) < page.index("contain elsewhere")
        assert re.findall(r"^(\d)\. ", page, re.MULTILINE) == list("1234567")
    assert "attached" not in runbook(ABOUT), "nftables hooks itself in"


def test_a_platform_without_commands_is_told_in_words() -> None:
    other = replace(ABOUT, gateway=ABOUT.gateway.model_copy(update={"platform": "paloalto"}), owner="")
    page = runbook(other)
    assert "2. Check apply.nft as the platform does." in page.splitlines()
    assert "not said in gateways.yaml" in page


def test_commands_are_of_platforms_that_there_are() -> None:
    assert set(_HOW) <= set(PLATFORMS)
    for platform in _HOW:
        gateway = ABOUT.gateway.model_copy(update={"platform": platform})
        page = runbook(replace(ABOUT, gateway=gateway, files=("apply.x", "rollback.x")))
        assert "{" not in page
        assert page.count("rollback.x") == 2, "its hash, and how to go back"
        assert "as the platform does" not in page
