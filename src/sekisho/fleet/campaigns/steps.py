"""What a campaign does next by its own rules: wider, or paused. docs/reference/campaigns.md publishes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sekisho.fleet.campaigns.course import Course
from sekisho.model.campaigns import NONE, Limits, Tally
from sekisho.model.terminals import Campaign

ENOUGH = 0.9
"""Of the terminals of a stage that are there, so many must be done before the next."""
PATIENCE = timedelta(days=1)
"""A stage none of whose terminals is there is waited for so long."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is done, and why, for the ledger."""

    action: Literal["widen", "pause"]
    why: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Terminals of one stage: all that are enrolled, and those that are there (heard from lately)."""

    enrolled: int = 0
    there: int = 0


def step(
    campaign: Campaign,
    course: Course,
    tallies: Mapping[int, Tally],
    reach: Mapping[int, Reach],
    now: datetime,
) -> Step | None:
    """The one step that is due, None for none. `tallies` and `reach` are by stage."""
    if course.state != "running":
        return None
    everyone = sum(tallies.values(), NONE)
    if why := exceeded(campaign.limits, everyone, course.accepted):
        return Step("pause", why)
    if course.stage + 1 >= len(campaign.ramp):
        return None
    stages = range(course.stage + 1)
    done = sum(tallies.get(n, NONE).done for n in stages)
    asked = sum(tallies.get(n, NONE).asked for n in stages)
    there = sum(reach.get(n, Reach()).there for n in stages)
    enrolled = sum(reach.get(n, Reach()).enrolled for n in stages)
    share = f"{campaign.ramp[course.stage]:.3g}".rstrip(".")
    if not enrolled:
        # Without terminals at all there is nothing to widen to either.
        others = sum(r.enrolled for n, r in reach.items() if n > course.stage)
        return Step("widen", f"nobody is in the stage of {share}") if others else None
    # One that was asked and went away is not there any more, and is waited for by nobody.
    if done and done >= ENOUGH * max(there, 1):
        failed = everyone.failed - course.accepted.failed
        return Step("widen", f"{done} of {asked} asked are done, {failed} failed")
    if not there and course.since is not None and now - course.since >= PATIENCE:
        return Step("widen", f"none of {enrolled} in the stage of {share} was there for a day")
    return None


def waits(campaign: Campaign, course: Course) -> str | None:
    """What a campaign waits for, in words; None where it waits for nothing."""
    if course.state == "paused":
        return f"paused: {course.why}; `sekisho fleet campaign resume`"
    if course.state != "running" or course.stage + 1 >= len(campaign.ramp):
        return None
    share, following = campaign.ramp[course.stage], campaign.ramp[course.stage + 1]
    return (
        f"waits for {ENOUGH:.0%} of those there of the first {share:.3g} of terminals, before"
        f" {'all' if following == 1 else f'{following:.3g} of them'} are asked"
    )


def exceeded(limits: Limits, tally: Tally, accepted: Tally = NONE) -> str:
    """Why a campaign must be paused; '' where nothing is beyond the limits. One terminal alone, which may be an
    intruder's, cannot pause a campaign: `at_least` so many must have failed."""
    returned = max(tally.done - accepted.done, 1)
    failed, heavy = tally.failed - accepted.failed, tally.heavy - accepted.heavy
    if failed >= limits.at_least and failed > limits.share * returned:
        denied = tally.denylisted - accepted.denylisted
        more = f", {denied} of them denylisted" if denied > 0 else ""
        return f"{failed} terminals failed{more}: more than {limits.share:.3g} of {returned} done"
    if heavy >= limits.at_least and heavy > limits.share * returned:
        return (
            f"{heavy} terminals used more than {limits.wall_ms} ms, {limits.cpu_ms} ms of CPU or"
            f" {limits.memory >> 20} MiB: more than {limits.share:.3g} of {returned} done"
        )
    return ""
