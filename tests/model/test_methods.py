from __future__ import annotations

import json
from datetime import UTC, datetime

from sekisho.model.methods import MethodsDocument, SiteStanding, TechniqueItem, Version

NOW = datetime(2020, 6, 11, tzinfo=UTC)


def test_a_document_is_the_same_after_it_was_written_and_read() -> None:
    made = MethodsDocument(
        made=NOW,
        attack=Version(domain="enterprise-attack", version="18.1", date=NOW, source="x", notice="©"),
        gaps_only=True,
        sites=("jp-hq",),
        whole=1,
        techniques=(
            TechniqueItem(
                id="T1021",
                name="Remote Services",
                tactics=("lateral-movement",),
                sites=(SiteStanding(site="jp-hq", standing="nothing_recorded", missing=("logons",)),),
            ),
        ),
        recorded=(),
    )
    text = made.model_dump_json(by_alias=True)
    assert json.loads(text)["schema"] == "sekisho.methods/1"
    assert MethodsDocument.model_validate_json(text) == made
