"""Documents about techniques, with text of others in them."""

from __future__ import annotations

from datetime import UTC, datetime

from sekisho.model.methods import (
    Exercise,
    LooksItem,
    MethodsDocument,
    Recorded,
    SiteStanding,
    SourceItem,
    TechniqueItem,
    Version,
)

NOW = datetime(2020, 6, 11, tzinfo=UTC)
BAD = "<script>alert(1)</script>\x1b[31m"


def methods(*, gaps: bool = False) -> MethodsDocument:
    return MethodsDocument(
        made=NOW,
        attack=Version(
            domain="enterprise-attack", version="18.1", date=NOW, source="x", notice="© MITRE"
        ),
        gaps_only=gaps,
        sites=("jp-hq", "th-plant", "us-plant"),
        whole=95,
        techniques=(
            TechniqueItem(
                id="T1021.002",
                name="Remote Services: SMB/Windows Admin Shares",
                tactics=("lateral-movement",),
                sources=(SourceItem(id="flow", title="Flows", why=BAD, by="attack"),),
                looked_for_by=(
                    LooksItem(id="connection-smb", title="SMB", where="audit", why="x"),
                    LooksItem(id="r", title=BAD, where="sigma", why="x", runs=False),
                ),
                rules=1,
                sites=(
                    SiteStanding(site="jp-hq", standing="seen", seen_by=("flow",), looked_for=True),
                    SiteStanding(site="th-plant", standing="lapsed", last=NOW, missing=("flow",)),
                    SiteStanding(site="us-plant", standing="nothing_recorded", missing=("flow",)),
                ),
                exercised=Exercise(at=NOW, kind="finding", text="finding F-1", sites=("jp-hq",)),
                missing=("nothing that could show it is recorded at us-plant",),
            ),
            TechniqueItem(
                id="T1537",
                name=BAD,
                tactics=("exfiltration",),
                sites=(SiteStanding(site="jp-hq", standing="seen"),),
                missing=("nothing looks for it",),
            ),
        ),
        recorded=(
            Recorded(
                source="flow", site="jp-hq", standing="seen", first=NOW, last=NOW, amount=3, of="hours"
            ),
        ),
        notes=("something",),
    )
