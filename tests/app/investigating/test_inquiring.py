from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.app.investigating.inquiring import Said, answer, ask, start, status
from sekisho.app.investigating.working import shown
from sekisho.app.ledger import entries
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def states(document: Any) -> dict[str, str]:
    return {row.site: row.state for row in document.sites}


@pytest.fixture
def begun(workspace: Workspace, opened: str, now: datetime) -> str:
    start(workspace, opened, question="Did you?", due=now + timedelta(days=3), now=now, by="aiko")
    return opened


def test_every_site_is_asked_once_and_answers(
    workspace: Workspace, begun: str, now: datetime, tmp_path: Path
) -> None:
    assert set(states(status(workspace, begun, now=now)).values()) == {"not_asked"}
    ask(workspace, begun, sites=["us-plant"], contact="bob", now=now, by="aiko")
    asked = ask(workspace, begun, now=now, by="aiko")
    assert [(row.site, row.contact) for row in asked.sites] == [
        ("jp-hq", "it-jp"),
        ("th-plant", "it-th"),
        ("us-plant", "bob"),
    ]
    with pytest.raises(RequestError, match="every site was asked"):
        ask(workspace, begun, now=now, by="aiko")
    sent = tmp_path / "answer.eml"
    sent.write_text("two servers")
    answer(
        workspace, begun, Said("th-plant", "affected", file=sent, contact="anong"), now=now, by="ken"
    )
    answer(workspace, begun, Said("jp-hq", "cleared", "none"), now=now, by="ken")
    late = status(workspace, begun, now=now + timedelta(days=4))
    assert states(late) == {"jp-hq": "cleared", "th-plant": "affected", "us-plant": "overdue"}
    assert sum(late.states.values()) == late.total == 3
    (said,) = late.sites[1].answers
    assert said.file is not None
    kept = workspace.cases / begun / "answers" / said.file.sha256
    assert kept.read_text() == "two servers"
    sent.write_text("none")
    assert kept.read_text() == "two servers"
    assert entries(workspace, 2)[0].body["sha256"] == said.file.sha256
    counts = shown(workspace, begun, now=now).inquiry
    assert counts["affected"] == counts["cleared"] == counts["asked"] == 1


def test_what_makes_no_sense_is_refused(workspace: Workspace, opened: str, now: datetime) -> None:
    later = now + timedelta(days=1)
    with pytest.raises(RequestError, match="has no inquiry"):
        ask(workspace, opened, now=now, by="aiko")
    for question, due, message in ((" ", later, "a question has"), ("Did you?", now, "is past")):
        with pytest.raises(RequestError, match=message):
            start(workspace, opened, question=question, due=due, now=now, by="aiko")
    start(workspace, opened, question="Did you?", due=later, now=now, by="aiko")
    before = entries(workspace, 100)
    with pytest.raises(RequestError, match="no site is called 'mars'"):
        ask(workspace, opened, sites=["mars"], now=now, by="aiko")
    with pytest.raises(RequestError, match="that of one site"):
        ask(workspace, opened, contact="bob", now=now, by="aiko")
    for said, message in (
        (Said("jp-hq", "cleared"), "a text or a file"),
        (Said("jp-hq", "cleared", "x" * 4001), "at most"),
        (Said("mars", "cleared", "none"), "no site is called"),
        (Said("jp-hq", "cleared", file=Path("/nowhere")), "cannot keep"),
    ):
        with pytest.raises(RequestError, match=message):
            answer(workspace, opened, said, now=now, by="aiko")
    assert entries(workspace, 100) == before


def test_a_site_that_left_the_register_may_still_answer(
    workspace: Workspace, begun: str, now: datetime
) -> None:
    ask(workspace, begun, now=now, by="aiko")
    file = workspace.root / "sites.yaml"
    lines = [line for line in file.read_text().splitlines() if "us-plant" not in line]
    file.write_text("\n".join(lines))
    document = answer(workspace, begun, Said("us-plant", "cleared", "none"), now=now, by="ken")
    assert states(document)["us-plant"] == "cleared"
    assert document.total == 3
