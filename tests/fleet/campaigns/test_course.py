from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sekisho.fleet.campaigns.course import course, first_of
from sekisho.model.campaigns import CampaignAction, CampaignEvent, Tally
from sekisho.model.terminals import Campaign

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(days=2)
CAMPAIGN = Campaign("march", ("services",), BEGIN, seq=4, until=BEGIN + timedelta(days=14))


def turn(seq: int, action: CampaignAction, campaign: int = 4, **body: int) -> CampaignEvent:
    at = BEGIN + timedelta(hours=seq)
    return CampaignEvent(seq, campaign, action, "ken", at, f"why {seq}", body)


def test_a_campaign_begins_running_in_its_first_stage() -> None:
    found = course(CAMPAIGN, [], NOW)
    assert (found.state, found.stage, found.since) == ("running", 0, BEGIN)


def test_turns_are_folded_in_the_ledgers_order_however_they_come() -> None:
    turns = [turn(5, "widen"), turn(6, "pause"), turn(7, "resume", failed=3, done=9), turn(8, "widen")]
    expected = course(CAMPAIGN, turns, NOW)
    assert (expected.state, expected.stage) == ("running", 2)
    assert expected.accepted == Tally(done=9, failed=3)
    for seed in range(5):
        shuffled = [*turns, *turns, turn(9, "end", campaign=3)]
        random.Random(seed).shuffle(shuffled)
        assert course(CAMPAIGN, shuffled, NOW) == expected


def test_it_is_paused_ends_and_expires() -> None:
    assert course(CAMPAIGN, [turn(5, "pause")], NOW).state == "paused"
    ended = [turn(5, "end"), turn(6, "resume"), turn(7, "widen")]
    assert course(CAMPAIGN, ended, NOW).state == "ended"
    assert course(CAMPAIGN, ended, NOW).stage == 0
    assert course(CAMPAIGN, [turn(5, "pause")], BEGIN + timedelta(days=14)).state == "expired"
    assert course(CAMPAIGN, ended, BEGIN + timedelta(days=20)).state == "ended"


def test_what_is_decided_later_does_not_count_yet() -> None:
    assert course(CAMPAIGN, [turn(5, "pause")], BEGIN + timedelta(hours=1)).state == "running"


def test_no_stage_follows_the_last() -> None:
    assert course(CAMPAIGN, [turn(n, "widen") for n in range(5, 12)], NOW).stage == 2


def test_who_joins_the_scope_comes_first_and_changes_nothing_else() -> None:
    paused = turn(5, "pause")
    joined = CampaignEvent(6, 4, "scope", "aya", BEGIN, "INC-3 grew", first=("pc9", "10.1.0.9"))
    other = CampaignEvent(7, 3, "scope", "aya", BEGIN, "another", first=("pc1",))
    assert course(CAMPAIGN, [paused, joined, other], NOW) == course(CAMPAIGN, [paused], NOW)
    asked = replace(CAMPAIGN, first=("pc3",))
    assert first_of(asked, [paused, joined, other]) == {"pc3", "pc9", "10.1.0.9"}
