"""What the evidence holds of a flow that is to be exempt."""

from __future__ import annotations

from datetime import datetime, timedelta

from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.audit.evidence import coverage_of, rows_of
from sekisho.contain.cutting import Cutting
from sekisho.contain.exemptions import Opened
from sekisho.model.addresses import text_of
from sekisho.model.plans import SeenFlow
from sekisho.model.services import service_label
from sekisho.policy.ports import covers, key, spans_of


def seen_in_a_year(workspace: Workspace, opened: Opened, now: datetime) -> tuple[SeenFlow, ...]:
    """What of it the evidence of a year holds, as far as the plans cut it: the rest is open anyway."""
    if not workspace.lake.is_dir():
        return ()
    spans = spans_of(opened.path.services)
    with open_lake(workspace, create=False) as lake:
        _, last = coverage_of(lake, opened.atlas.inventory, now=now).extent()
        if last is None:
            return ()
        end = min(now, last)
        with lake.stage(end - timedelta(days=365), end) as stage:
            cutting = Cutting(opened.flow, opened.standing, opened.atlas)
            rows = rows_of(stage.judge(cutting).violations)
    cuts = [Cutting(one, opened.standing, opened.atlas) for one in opened.cut]
    return tuple(
        SeenFlow(
            src=text_of(row["src_hi"], row["src_lo"]),
            dst=text_of(row["dst_hi"], row["dst_lo"]),
            service=service_label(row["protocol"], row["port"]),
            flows=row["flows"],
            last_seen=row["last_seen"],
        )
        for row in rows
        if covers(spans, key(row["protocol"], row["port"]))
        and any(
            one.cut(row["src_class"], row["dst_class"], row["protocol"], row["port"]) for one in cuts
        )
    )
