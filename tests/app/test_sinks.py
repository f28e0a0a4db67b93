from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.watch.conftest import Answer, Receiver, serving

from sekisho.app.sinks import Surroundings, open_sink, open_sinks, send_test, trial_alert
from sekisho.app.workspace import Workspace, init
from sekisho.errors import RequestError
from sekisho.watch.sinks.email import Email
from sekisho.watch.sinks.jsonl import JsonLines
from sekisho.watch.sinks.slack import Slack
from sekisho.watch.sinks.syslog import Syslog
from sekisho.watch.sinks.teams import Teams
from sekisho.watch.sinks.webhook import Webhook

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
Made = Callable[..., tuple[Workspace, Surroundings]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    yield from serving(Receiver())


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def of(text: str, environ: Mapping[str, str] = {}) -> tuple[Workspace, Surroundings]:
        workspace = init(tmp_path / "acme").workspace
        workspace.settings_file.write_text(text)
        return workspace, Surroundings(workspace.root, environ, lambda: NOW, io.BytesIO())

    return of


def test_every_kind_is_made_in_the_order_of_the_settings(made: Made) -> None:
    text = """
[watch.sinks.a]
kind = "webhook"
url = {env = "HOOK"}
[watch.sinks.b]
kind = "slack"
url = {env = "HOOK"}
severity = "high"
[watch.sinks.c]
kind = "teams"
url = {env = "HOOK"}
[watch.sinks.d]
kind = "syslog"
host = "127.0.0.1"
transport = "udp"
[watch.sinks.e]
kind = "email"
host = "127.0.0.1"
sender = "a@b.example"
recipients = ["c@d.example"]
[watch.sinks.f]
kind = "jsonl"
"""
    found = open_sinks(*made(text, {"HOOK": "https://x.example/t"}))
    assert [(t.sink.name, type(t.sink)) for t in found] == list(
        zip("abcdef", (Webhook, Slack, Teams, Syslog, Email, JsonLines), strict=True)
    )
    assert [t.severity for t in found][:3] == ["info", "high", "info"]


def test_a_test_alert_arrives(made: Made, receiver: Receiver) -> None:
    key = "k" * 24
    text = f'[watch.sinks.a]\nkind = "webhook"\nurl = "{receiver.url}"\nsecret = {{env = "KEY"}}\n'
    workspace, around = made(text, {"KEY": key})
    send_test(open_sink(workspace, "a", around), NOW)
    ((_, headers, body),) = receiver.got
    assert json.loads(body)["labels"] == {"test": "a"}
    assert headers["Webhook-Timestamp"] == str(int(NOW.timestamp()))


@pytest.mark.parametrize(
    ("status", "mend"), [(404, "Mend"), (503, "sent again"), (400, "not be sent again")]
)
def test_what_kept_it_from_arriving(made: Made, receiver: Receiver, status: int, mend: str) -> None:
    receiver.answer = Answer(status)
    workspace, around = made(f'[watch.sinks.a]\nkind = "webhook"\nurl = "{receiver.url}"\n')
    with pytest.raises(RequestError, match=str(status)) as error:
        send_test(open_sink(workspace, "a", around), NOW)
    assert mend in error.value.mend


def test_no_such_sink_and_secrets_that_are_none(made: Made) -> None:
    text = '[watch.sinks.a]\nkind = "webhook"\nurl = "https://x.example/"\nsecret = {env = "KEY"}\n'
    for environ, words in (({}, "KEY"), ({"KEY": "short"}, "24 bytes")):
        workspace, around = made(text, environ)
        with pytest.raises(RequestError, match=words):
            open_sink(workspace, "a", around)
    with pytest.raises(RequestError, match="no sink 'b'") as error:
        open_sink(workspace, "b", around)
    assert error.value.mend == "There are: a."


def test_a_url_that_is_kept_secret_is_checked_when_it_is_read(made: Made) -> None:
    text = '[watch.sinks.a]\nkind = "slack"\nurl = {env = "HOOK"}\n'
    workspace, around = made(text, {"HOOK": "http://hooks.example.org/t0ken"})
    with pytest.raises(RequestError, match="https") as error:
        open_sink(workspace, "a", around)
    assert "t0ken" not in str(error.value)


def test_a_file_of_certificates_that_is_none(made: Made) -> None:
    text = '[watch.sinks.a]\nkind = "syslog"\nhost = "siem"\nca_file = "sites.yaml"\n'
    workspace, around = made(text)
    with pytest.raises(RequestError, match=r"sites\.yaml"):
        open_sink(workspace, "a", around)


def test_a_test_alert_does_not_pose_as_a_finding() -> None:
    alert = trial_alert("a", NOW)
    assert (alert.severity, alert.members, alert.connections) == ("info", (), 0)
    assert "Nothing was found" in alert.text
