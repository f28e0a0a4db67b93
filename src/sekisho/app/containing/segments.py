"""Write the register for one gateway into a folder, as what that enforces."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sekisho.app.containing.grounds import ground
from sekisho.app.containing.rendering import Written, write_out
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.platforms import PLATFORMS
from sekisho.contain.segmenting import segment
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean

NOTE = "it holds the rules that permit something now: render it again when one begins, ends or changes"


def render_policy(
    workspace: Workspace, gateway: str, platform: str | None, out: Path, *, now: datetime, by: str
) -> Written:
    """One file, named after the gateway. `platform` is the gateway's own if none is said.

    Raises RequestError for names that nobody knows, Refused where the register would cut how the gateway
    is managed, CannotExpress where the platform has no words for it.
    """
    with open_decisions(workspace) as decisions:
        on = ground(workspace, decisions, now=now, by=by)
    known = on.points.gateways
    if gateway not in known:
        raise RequestError(
            f"gateways.yaml has no gateway `{gateway[:60]}`", did_you_mean(gateway, known)
        )
    if platform is not None and platform not in PLATFORMS:
        raise RequestError(f"`{platform[:60]}` is no platform", did_you_mean(platform, PLATFORMS))
    one = known[gateway]
    order, rendered = segment(replace(one, platform=platform or one.platform), on)
    files = write_out(out, [rendered], stem=order.name)
    kept = len(order.held[0].severed.kept)
    return Written(f"{kept} rules", on.policy.sha256, files, (*rendered.notes, NOTE))
