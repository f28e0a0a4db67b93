from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.watch.conftest import Answer, Receiver, alert, hostile

from sekisho.watch.base import Misconfigured
from sekisho.watch.posting import Endpoint
from sekisho.watch.sinks.slack import FIELDS, HEADER, Slack, escaped, message


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def test_the_payload(golden: Callable[[str, str], None]) -> None:
    golden("slack.json", json.dumps(message(alert(12)), indent=2, ensure_ascii=False) + "\n")


def test_nothing_from_a_record_is_markup_or_a_mention() -> None:
    found = message(hostile())
    texts = [one for one in objects(found["blocks"]) if "emoji" in one]
    assert len(texts) > 10
    assert {one["type"] for one in texts} == {"plain_text"}
    assert found["mrkdwn"] is False
    written = json.dumps(found)
    assert "<" not in written
    assert ">" not in written


def test_slacks_limits_hold_for_text_of_any_length() -> None:
    found = message(hostile(500))
    assert len(found["blocks"]) <= 50
    assert len(found["text"]) <= HEADER
    for block in found["blocks"]:
        if block["type"] == "header":
            assert 0 < len(block["text"]["text"]) <= 150
        elif "text" in block:
            assert 0 < len(block["text"]["text"]) <= 3000
        for part in block.get("fields", ()):
            assert 0 < len(part["text"]) <= 2000
        assert len(block.get("fields", ())) <= FIELDS


@given(st.text(st.sampled_from("a&<>é"), max_size=60), st.integers(1, 50))
def test_no_entity_is_halved(text: str, limit: int) -> None:
    made = escaped(text, limit)
    assert len(made) <= limit
    for entity in ("&amp;", "&lt;", "&gt;"):
        made = made.replace(entity, "")
    assert not set(made) & set("&<>")
    if len(text) * 5 <= limit:
        assert "…" not in made


def test_it_is_posted_and_a_removed_webhook_waits_for_a_person(receiver: Receiver) -> None:
    sink = Slack("soc", Endpoint(receiver.url))
    sink.deliver(sink.render(alert()))
    assert json.loads(receiver.got[0][2]) == message(alert())
    receiver.answer = Answer(404, body=b"no_service")
    with pytest.raises(Misconfigured, match="no_service"):
        sink.deliver(sink.render(alert()))
