from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.model.findings import Bytes, Onset
from sekisho.model.hops import AccountSwitch, Factor, HopChange, HopDocument, Path
from sekisho.model.incident_state import IncidentDocument, Seed
from sekisho.model.incidents import (
    AccountDocument,
    AccountHop,
    Entry,
    Exfiltration,
    Holdings,
    InvestigationDocument,
    Leaving,
    Scope,
    ScopeAsset,
    TimelineItem,
    TracesRemoved,
    Unobservable,
)
from sekisho.reports.base import Options
from sekisho.reports.registry import render

AT = datetime(2020, 6, 4, 10, tzinfo=UTC)
HOSTILE = "\x1b[31mred\x1b[0m"
SPAN: Any = {"from": AT, "to": AT}


def hop(kind: Any, src: str, dst: str) -> HopDocument:
    return HopDocument(
        src=src,
        src_site="th-plant",
        dst=dst,
        dst_site="jp-hq",
        port=445,
        protocol="tcp",
        service="smb",
        at=AT,
        kind=kind,
        technique="T1021.002",
        likelihood=0.93,
        role="confirmed",
        why=(Factor(id="policy", weight=1.0, text=HOSTILE),),
    )


PATH = Path(
    score=0.9,
    hops=(hop("connect", "10.40.9.9", "10.1.10.96"), hop("reverse", "10.1.10.96", "10.40.9.9")),
)
DOCUMENT = InvestigationDocument(
    id="INC-1",
    seeds=(Seed(kind="host", value="10.40.9.9"),),
    entry=Entry(address="10.40.9.9", site="th-plant"),
    onset=Onset(at=AT, kind="on_or_before"),
    paths=(PATH,) * 7,
    scope=Scope(
        sites=("th-plant",),
        assets=(ScopeAsset(address="10.40.9.9", site="th-plant", role="confirmed", since=AT),),
    ),
    exfiltration=(
        Exfiltration(
            src="10.1.10.96",
            dst="203.0.113.9",
            external=True,
            bytes=Bytes(low=10, high=20),
            party="Dropbox",
            technique="T1567.002",
            holds=Holdings(data=("drawings",)),
            **SPAN,
        ),
    ),
    leaving=(
        Leaving(
            address="10.40.9.9", site="th-plant", state="no_coverage", since=AT, why="no sensor looks"
        ),
    ),
    timeline=(TimelineItem(at=AT, kind="hop", text=HOSTILE, local="2020-06-04T17:00:00+07:00"),),
    unobservable=(Unobservable(sensor="us-edge", why="no data", **SPAN),),
    notes=("look",),
    incident=IncidentDocument(
        id="INC-1", title="smb", status="open", opened=AT, opened_by="aiko", seeds=()
    ),
)


def shown(document: InvestigationDocument, form: str = "table") -> str:
    stream = io.StringIO()
    render(document, form, stream, Options())
    return stream.getvalue()


def test_people_read_where_it_began_how_it_went_and_what_is_hidden() -> None:
    text = " ".join(shown(DOCUMENT).split())
    assert "INC-1 (open): smb. It most likely began at 10.40.9.9 (th-plant), on or before" in text
    assert "1 asset at 1 site in scope, 1 confirmed" in text
    assert "2 more" in text, "of seven paths five are shown"
    for said in (
        "T1021.002",
        "93%",
        "against it",
        "203.0.113.9",
        "us-edge",
        "17:00 +07:00",
        "look",
        "Dropbox",
        "not seen",
        "no sensor looks",
    ):
        assert said in text
    assert all(c == "\n" or c.isprintable() for c in shown(DOCUMENT))
    assert max(map(len, shown(DOCUMENT).splitlines())) <= 80


def test_nothing_found_says_in_what() -> None:
    empty = InvestigationDocument(seeds=(), entry=None, onset=None)
    assert "No path was found in what was recorded." in shown(empty)


def test_json_is_the_contract() -> None:
    read = json.loads(shown(DOCUMENT, "json"))
    assert read["schema"] == "sekisho.investigation/1"
    assert InvestigationDocument.model_validate(read) == DOCUMENT


@pytest.mark.parametrize("form", ["csv", "html", "jsonl", "markdown"])
def test_other_formats_take_it(form: str) -> None:
    text = shown(DOCUMENT, form)
    assert "T1021.002" in text
    assert form in ("csv", "html") or ("drawings" in text and "no sensor looks" in text)
    assert "\x1b" not in text


def test_accounts_and_traces_removed_are_shown() -> None:
    went = AccountHop(src="10.40.9.9", dst="10.1.10.96", port=445, service="smb", at=AT)
    switch = AccountSwitch(host="10.40.9.9", came=HOSTILE, left="CORP\\root", at=AT)
    removed = TracesRemoved(
        kind="logon_missing",
        address="10.1.10.96",
        at=AT,
        src="10.40.9.9",
        port=445,
        protocol="tcp",
        service="smb",
        technique="T1070.001",
        why="nobody from there is in it",
    )
    account = AccountDocument(
        account="CORP\\root", since=AT, until=AT, hops=(went, went), switched=(switch,)
    )
    document = DOCUMENT.model_copy(update={"accounts": (account,), "traces_removed": (removed,)})
    text = shown(document)
    assert "\x1b" not in text
    assert "CORP\\root" in text
    assert text.count("10.40.9.9 -> 10.1.10.96") >= 1
    assert "Traces removed" in text
    lines = [json.loads(one) for one in shown(document, "jsonl").splitlines()]
    assert {"account", "traces_removed"} <= {one["record"] for one in lines}
    assert "Accounts that travelled" not in shown(DOCUMENT)


def test_what_changed_when_is_told_once_a_hop() -> None:
    change = HopChange(at=AT, kind="volume", text="usual 1 MB a day, now 90 MB", days=3)
    changed = PATH.hops[0].model_copy(update={"changes": (change,), "changed": AT})
    path = Path(score=0.9, hops=(changed,))
    text = " ".join(shown(DOCUMENT.model_copy(update={"paths": (path, path)})).split())
    assert "What changed when" in text
    assert text.count("10.40.9.9 -> 10.1.10.96 smb") == 1
    assert "now 90 MB; and on 2 later days" in text


def test_a_step_that_nobody_watched_is_not_told_as_watched() -> None:
    unseen = hop("reverse", "10.1.10.96", "10.40.9.9").model_copy(update={"at_kind": "on_or_before"})
    path = PATH.model_copy(update={"hops": (PATH.hops[0], unseen)})
    out = io.StringIO()
    render(DOCUMENT.model_copy(update={"paths": (path,)}), "table", out, Options())
    assert out.getvalue().count("against it, then") == 1
