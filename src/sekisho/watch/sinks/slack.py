"""`slack`: an incoming webhook of Slack. Block Kit, all of it plain text, within its limits.

https://docs.slack.dev/reference/block-kit/blocks and /messaging/formatting-message-text. Text objects
are `plain_text`: no name from a record becomes a mention, a link or markup.
"""

from __future__ import annotations

import json
from typing import Any

from sekisho.watch.alerts import Alert
from sekisho.watch.base import Payload
from sekisho.watch.facts import facts
from sekisho.watch.posting import Endpoint, post
from sekisho.watch.wording import lines, one_line

HEADER = 150
SECTION = 3000
FIELDS = 10
FIELD = 2000
_SIGN = {"critical": "🔴", "high": "🟠", "medium": "🟡", "low": "🔵", "info": "⚪"}
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class Slack:
    """A channel behind an incoming webhook; its URL is the secret."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self._endpoint = endpoint

    def render(self, alert: Alert) -> Payload:
        """The message as JSON."""
        return Payload(json.dumps(message(alert)).encode(), {"Content-Type": "application/json"})

    def deliver(self, payload: Payload) -> None:
        """Post it."""
        post(self._endpoint, payload.body, payload.headers)

    def close(self) -> None:
        """No connection outlives a delivery."""


def message(alert: Alert) -> dict[str, Any]:
    """A header, the text, the facts at most ten to a section, and the alert's id."""
    title = f"{_SIGN[alert.severity]} {alert.severity}: {one_line(alert.title, HEADER)}"
    rows = [f"{name}\n{one_line(value, FIELD)}" for name, value in facts(alert)]
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(title, HEADER)}]
    if text := lines(alert.text, SECTION):
        blocks.append({"type": "section", "text": _plain(text, SECTION)})
    for start in range(0, len(rows), FIELDS):
        chunk = [_plain(row, FIELD) for row in rows[start : start + FIELDS]]
        blocks.append({"type": "section", "fields": chunk})
    blocks.append({"type": "context", "elements": [_plain(f"Sekisho {alert.delivery}", FIELD)]})
    return {
        # What notifications show; markup in it is off, and control characters are escaped besides.
        "text": escaped(title, HEADER),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": blocks,
    }


def escaped(text: str, limit: int) -> str:
    """Text with Slack's three control characters as entities, cut so that no entity is halved."""
    made: list[str] = []
    size = 0
    for character in text:
        piece = character.translate(_ENTITIES)
        if size + len(piece) > limit - 1:
            return "".join(made) + "…"
        made.append(piece)
        size += len(piece)
    return "".join(made)


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": escaped(text, limit), "emoji": False}
