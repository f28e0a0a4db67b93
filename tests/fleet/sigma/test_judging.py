from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fleet.sigma.conftest import SYSMON, rule, rules

from sekisho.fleet.sigma.compiling import RuleSet
from sekisho.fleet.sigma.judging import (
    NOTHING_RECORDED,
    answers,
    machines,
    missing,
    sentence,
    sources_needed,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AT = datetime(2026, 2, 1, tzinfo=UTC)
FOUND = {"s": {"CommandLine|contains": "x"}, "condition": "s"}


def _rules(folder: Path) -> RuleSet:
    other = rule(FOUND, title="A task", logsource={"product": "windows", "service": "taskscheduler"})
    return rules(folder, [rule(FOUND, author="Someone", license="DRL 1.1", level="high"), other])


def _seen(host: str, file: int = 1, channel: str = SYSMON, number: int = 1) -> dict[str, Any]:
    return {
        "host": host,
        "file": file,
        "channel": channel.lower(),
        "event_id": number,
        "events": 5,
        "first": AT,
        "last": AT,
    }


def _file(number: int = 1, owner: str = "", unread: int = 0) -> dict[str, Any]:
    return {"file": number, "owner": owner, "unread": unread, "why": "record 3: is cut off"}


def _hit(host: str, owner: str = "", number: int = 0) -> dict[str, Any]:
    return {"rule": number, "owner": owner, "host": host, "events": 2, "first": AT, "last": NOW}


def test_each_machine_answers_for_itself(tmp_path: Path) -> None:
    asked = _rules(tmp_path)
    found = machines(
        [_seen("PC-1"), _seen("pc-2"), _seen("pc-3", 2), _seen("pc-4", channel="Other")],
        [_file(), _file(2, unread=4)],
        [_hit("pc-1")],
        asked,
    )
    given = {a.who.hostname: a for a in answers(found, [_file(), _file(2, unread=4)], asked, "i", NOW)}
    assert {name: a.outcome for name, a in given.items()} == {
        "PC-1": "findings",
        "pc-2": "clean",
        "pc-3": "failed",
        "pc-4": "failed",
    }
    assert "4 records of its logs could not be read: record 3" in given["pc-3"].reason
    assert given["pc-4"].reason == NOTHING_RECORDED
    assert given["pc-2"].reason == "not recorded there: windows/taskscheduler"
    assert given["pc-2"].at == AT
    (text,) = given["PC-1"].findings
    assert text.startswith("high: A rule: 2 events, 2026-02-01T00:00:00Z to 2026-03-01T00:00:00Z")
    assert "rule by Someone, DRL 1.1" in text


def test_a_collection_says_whose_it_is_and_no_other_machine_answers_in_it(tmp_path: Path) -> None:
    asked = _rules(tmp_path)
    uuid = "11111111-1111-4111-8111-111111111111"
    owner = json.dumps({"hostname": "pc-1.corp.example", "uuid": uuid})
    found = machines(
        [_seen("PC-1", 1), _seen("pc-2", 1), _seen("pc-1", 2)],
        [_file(1, owner), _file(2)],
        [_hit("PC-1", owner), _hit("pc-2", owner)],
        asked,
    )
    assert [(one.who.hostname, one.who.uuid, len(one.findings)) for one in found] == [
        ("pc-1", "", 0),
        ("pc-1.corp.example", uuid, 1),
    ]


def test_a_name_that_is_none_is_nobodys(tmp_path: Path) -> None:
    found = machines([_seen("<script>"), _seen("x" * 5000)], [_file()], [], _rules(tmp_path))
    assert found == []


def test_what_a_machine_lacks_is_told(tmp_path: Path) -> None:
    asked = _rules(tmp_path)
    (one,) = machines([_seen("pc-1", channel="Security", number=4688)], [_file()], [], asked)
    assert missing(one, sources_needed(asked)) == ("windows/taskscheduler",)


def test_an_event_in_words(tmp_path: Path) -> None:
    one = _rules(tmp_path).compiled[1]
    text = sentence(one, {**_hit("x", number=1), "events": 1, "last": AT})
    assert text == "medium: A task: 1 event, 2026-02-01T00:00:00Z"
