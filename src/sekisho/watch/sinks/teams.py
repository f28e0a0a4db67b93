"""`teams`: Microsoft Teams through a Workflows webhook. An Adaptive Card in a message, under 28 KB.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using.
What comes from records stands in text runs, the one element in which no Markdown is read; the marks
`{{` and `${` of its functions and templates are broken up besides.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sekisho.watch.alerts import Alert
from sekisho.watch.base import Payload
from sekisho.watch.facts import facts
from sekisho.watch.posting import Endpoint, post
from sekisho.watch.wording import lines, one_line

LARGEST = 28 * 1024
"""Octets of the whole message."""
TEXT = 2000
FACT = 200
TITLE = 200
_OPENING = re.compile(r"(?<=[{$])\{")
_COLOR = {
    "critical": "attention",
    "high": "attention",
    "medium": "warning",
    "low": "accent",
    "info": "default",
}


class Teams:
    """A channel or chat behind a workflow; its URL is the secret."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name = name
        self._endpoint = endpoint

    def render(self, alert: Alert) -> Payload:
        """The message as JSON."""
        body = json.dumps(message(alert), ensure_ascii=False).encode()
        return Payload(body, {"Content-Type": "application/json"})

    def deliver(self, payload: Payload) -> None:
        """Post it; a workflow answers 202."""
        post(self._endpoint, payload.body, payload.headers)

    def close(self) -> None:
        """No connection outlives a delivery."""


def message(alert: Alert) -> dict[str, Any]:
    """A message with one card. Its length is bounded by what each part may have."""
    body = [
        _block(
            _run(f"{alert.severity}: {one_line(alert.title, TITLE)}")
            | {"size": "large", "weight": "bolder", "color": _COLOR[alert.severity]}
        )
    ]
    body += [_block(_run(line)) for line in lines(alert.text, TEXT).splitlines() if line]
    body += [
        _block(_run(f"{name}: ") | {"weight": "bolder"}, _run(one_line(value, FACT)))
        for name, value in facts(alert)
    ]
    body.append(_block(_run(f"Sekisho {alert.delivery}") | {"isSubtle": True, "size": "small"}))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _literal(f"{alert.severity}: {one_line(alert.title, TITLE)}"),
        "body": body,
        "msteams": {"width": "Full"},
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _block(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str) -> dict[str, Any]:
    return {"type": "TextRun", "text": _literal(text)}


def _literal(text: str) -> str:
    """Without what a card reads as a date or time function, or a template as an expression."""
    return _OPENING.sub("\u200b{", text)
