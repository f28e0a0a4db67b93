"""From a log to the people and systems that are told of it, over real connections."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from tests.watch.conftest import Answer, Receiver, serving
from tests.watch.sinks.test_webhook import accepts
from tests.watch.test_cef import parsed
from tests.watch.test_submission import Box, server

from sekisho.app.sinks import Surroundings, open_sinks
from sekisho.app.watching.watch import watching
from sekisho.app.workspace import Workspace
from sekisho.model.findings import finding_id

NOW = datetime(2020, 6, 8, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTINGS = """
[watch.sinks.soar]
kind = "webhook"
url = "{url}"
secret = {{env = "SOAR"}}
[watch.sinks.chat]
kind = "slack"
url = {{env = "SLACK"}}
severity = "critical"
[watch.sinks.siem]
kind = "syslog"
host = "127.0.0.1"
port = {syslog}
transport = "udp"
[watch.sinks.duty]
kind = "email"
host = "127.0.0.1"
port = {mail}
security = "none"
sender = "sekisho@example.org"
recipients = ["soc@example.org"]
severity = "medium"
"""


@pytest.fixture
def soar() -> Iterator[Receiver]:
    yield from serving(Receiver())


@pytest.fixture
def chat() -> Iterator[Receiver]:
    yield from serving(Receiver())


def test_each_is_told_once_what_it_asked_for_also_when_it_was_away(
    raw_company: Path, soar: Receiver, chat: Receiver
) -> None:
    now = NOW
    box = Box()
    soar.answer = Answer(503, {"Retry-After": "60"})
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as siem,
        server(box) as mail,
    ):
        siem.bind(("127.0.0.1", 0))
        siem.settimeout(5)
        text = SETTINGS.format(url=soar.url, syslog=siem.getsockname()[1], mail=mail)
        (raw_company / "sekisho.toml").write_text(text)
        workspace = Workspace(raw_company)
        environ = {"SOAR": SECRET, "SLACK": chat.url}

        def once() -> None:
            around = Surroundings(raw_company, environ, lambda: now, io.BytesIO())
            targets = open_sinks(workspace, around)
            with watching(workspace, targets, clock=lambda: now, by="aiko") as watch:
                watch.once()

        once()
        assert len(soar.got) == 1  # it was away, and is left alone for as long as it asked
        now += timedelta(seconds=30)
        once()
        assert len(soar.got) == 1
        soar.answer = Answer(204, body=b"")
        now += timedelta(seconds=31)
        once()
        once()
        lines = [siem.recv(4096) for _ in range(5)]
        siem.settimeout(0)
        with pytest.raises(BlockingIOError):
            siem.recv(1)

    alerts = [json.loads(body) for _, _, body in soar.got[1:]]
    assert sorted(one["severity"] for one in alerts) == [
        "critical",
        "critical",
        "low",
        "medium",
        "medium",
    ]
    assert all(accepts(headers, body, SECRET, now) for _, headers, body in soar.got[1:])
    assert soar.got[0][1]["Webhook-Id"] == soar.got[1][1]["Webhook-Id"]
    smb = finding_id("10.40.9.9", "10.1.10.96", "tcp", 445)
    assert smb in {member["finding"] for one in alerts for member in one["members"]}

    cef = [parsed(line.decode().partition(" - alert - ")[2]) for line in lines]
    assert {pairs["externalId"] for _, pairs in cef} == {one["delivery"] for one in alerts}
    assert {head[6] for head, _ in cef} == {"10", "6", "3"}

    assert len(chat.got) == 2
    assert len(box.got) == 4
    subjects = {
        message_from_bytes(one.original_content or b"", policy=default)["Subject"].partition("]")[0]
        for one in box.got
    }
    assert subjects == {"[critical", "[medium"}
