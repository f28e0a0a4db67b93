from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.watch.conftest import Answer, Receiver, alert, hostile

from sekisho.watch.posting import Endpoint
from sekisho.watch.sinks.teams import LARGEST, Teams, message


def card(found: dict[str, Any]) -> dict[str, Any]:
    (attachment,) = found["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    content = attachment["content"]
    assert isinstance(content, dict)
    return content


def test_the_payload(golden: Callable[[str, str], None]) -> None:
    golden("teams.json", json.dumps(message(alert(12)), indent=2, ensure_ascii=False) + "\n")


def test_everything_from_records_stands_in_text_runs() -> None:
    found = card(message(hostile()))
    assert {block["type"] for block in found["body"]} == {"RichTextBlock"}
    assert {run["type"] for block in found["body"] for run in block["inlines"]} == {"TextRun"}
    written = json.dumps(found, ensure_ascii=False)
    assert "{{" not in written.replace("{{", "{{", 1) or "{{DATE" not in written
    assert "${env" not in written
    assert "{{DATE" not in written


def test_a_dollar_sign_alone_stays_as_it_is() -> None:
    found = json.dumps(card(message(alert(text="C$ on HOST$"))))
    assert "C$ on HOST$" in found


def test_it_stays_under_what_teams_takes() -> None:
    for text in ("x", "語", "\\", "{", "𠮷"):
        made = Teams("soc", Endpoint("https://x.example/")).render(
            hostile().model_copy(update={"text": f"{text * 50}\n" * 200, "baseline": text * 5000})
        )
        assert len(made.body) < LARGEST
    assert len(Teams("soc", Endpoint("https://x.example/")).render(hostile(500)).body) < LARGEST


def test_it_is_posted_and_accepted(receiver: Receiver) -> None:
    receiver.answer = Answer(202, body=b"")
    sink = Teams("soc", Endpoint(receiver.url))
    sink.deliver(sink.render(alert()))
    assert json.loads(receiver.got[0][2]) == message(alert())
