"""The contract of an investigation, as others read it."""

import json
from datetime import UTC, datetime, timedelta

from sekisho.model.findings import Bytes, Onset
from sekisho.model.hops import Evidence, HopDocument, Path
from sekisho.model.incidents import (
    Entry,
    Exfiltration,
    InvestigationDocument,
    Scope,
    ScopeAsset,
    Seed,
    TimelineItem,
    Unobservable,
)

AT = datetime(2020, 6, 11, 1, 2, 3, 4, tzinfo=UTC)


def hop(**more: object) -> HopDocument:
    fields: dict[str, object] = {
        "src": "10.40.2.10",
        "dst": "10.1.20.3",
        "port": 445,
        "protocol": "tcp",
        "at": AT,
        "kind": "connect",
        "technique": "T1021.002",
    }
    return HopDocument.model_validate(fields | more)


def test_an_investigation_reads_as_the_contract_says() -> None:
    document = InvestigationDocument(
        seeds=(Seed(kind="host", value="10.1.20.3", connections=2),),
        entry=Entry(address="10.40.2.10", site="th-plant"),
        onset=Onset(at=AT, kind="observed"),
        paths=(
            Path(
                score=0.9, hops=(hop(evidence=(Evidence(path="conn.log", row=7, sensor="th-edge"),)),)
            ),
        ),
        scope=Scope(
            sites=("jp-hq",),
            assets=(ScopeAsset(address="10.1.20.3", site="jp-hq", role="confirmed", since=AT),),
        ),
        exfiltration=(
            Exfiltration.model_validate(
                {
                    "src": "10.1.20.3",
                    "dst": "203.0.113.9",
                    "external": True,
                    "bytes": Bytes(low=1, high=2),
                    "from": AT,
                    "to": AT + timedelta(hours=1),
                }
            ),
        ),
        timeline=(TimelineItem(at=AT, kind="hop", text="reached"),),
        unobservable=(
            Unobservable.model_validate(
                {"sensor": "th-edge", "from": AT, "to": AT + timedelta(days=1), "why": "no data"}
            ),
        ),
    )
    said = json.loads(document.model_dump_json(by_alias=True))
    assert said["schema"] == "sekisho.investigation/1"
    assert {"seeds", "entry", "onset", "paths", "scope", "exfiltration", "timeline", "unobservable"} < {
        *said
    }
    first = said["paths"][0]["hops"][0]
    assert (first["at"], first["kind"], first["technique"]) == (
        "2020-06-11T01:02:03.000004Z",
        "connect",
        "T1021.002",
    )
    assert first["evidence"][0]["row"] == 7
    assert "src_realm" not in first
    assert said["scope"]["assets"][0]["role"] == "confirmed"
    assert set(said["exfiltration"][0]) >= {"src", "dst", "external", "bytes", "from", "to"}
    assert set(said["unobservable"][0]) == {"sensor", "from", "to", "why"}
    assert InvestigationDocument.model_validate(said) == document
