"""Sinks as the settings name them, ready to deliver; and a test alert for one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from socket import gethostname
from typing import BinaryIO

from sekisho.app.secrets import SecretReference
from sekisho.app.settings import sinks as kinds
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.verdicts import Severity
from sekisho.watch.alerts import Alert, alert_id, delivery_id
from sekisho.watch.base import Misconfigured, NotDelivered, Payload, Sink, Undeliverable
from sekisho.watch.channel import trust
from sekisho.watch.posting import Endpoint
from sekisho.watch.relay import Relay
from sekisho.watch.sinks.email import Email
from sekisho.watch.sinks.jsonl import JsonLines
from sekisho.watch.sinks.slack import Slack
from sekisho.watch.sinks.syslog import Syslog
from sekisho.watch.sinks.teams import Teams
from sekisho.watch.sinks.webhook import Webhook
from sekisho.watch.submission import Submission
from sekisho.watch.targets import url_problem

_SYSLOG_PORT = {"udp": 514, "tcp": 514, "tls": 6514}
_MAIL_PORT = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class Target:
    """A sink, and the least severity of what is told there."""

    sink: Sink
    severity: Severity


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What sinks need of the rim: where files lie, secrets, the clock (aware) and standard output."""

    root: Path
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    stdout: BinaryIO


def open_sinks(workspace: Workspace, around: Surroundings) -> tuple[Target, ...]:
    """Every sink of the settings, in their order. Raises FileProblems and RequestError."""
    found = workspace.settings(around.environ).settings.watch.sinks
    return tuple(Target(_made(name, own, around), own.severity) for name, own in found.items())


def open_sink(workspace: Workspace, name: str, around: Surroundings) -> Sink:
    """One of them. Raises FileProblems, and RequestError where there is none of that name."""
    found = workspace.settings(around.environ).settings.watch.sinks
    if name not in found:
        known = (
            f"There are: {', '.join(found)}." if found else "sekisho.toml has no [watch.sinks.NAME]."
        )
        raise RequestError(f"no sink {name!r}", known)
    return _made(name, found[name], around)


def rendered(sink: Sink, now: datetime) -> Payload:
    """What a test alert looks like there."""
    return sink.render(trial_alert(sink.name, now))


def send_test(sink: Sink, now: datetime) -> None:
    """Deliver a test alert once. Raises RequestError with what kept it from being taken."""
    try:
        sink.deliver(rendered(sink, now))
    except Misconfigured as error:
        mend = f"Mend [watch.sinks.{sink.name}] in sekisho.toml."
        raise RequestError(f"{sink.name}: {error}", mend) from error
    except NotDelivered as error:
        mend = "An alert would wait and be sent again."
        raise RequestError(f"{sink.name}: {error}", mend) from error
    except Undeliverable as error:
        raise RequestError(f"{sink.name}: {error}", "An alert would not be sent again.") from error
    finally:
        sink.close()


def trial_alert(sink: str, now: datetime) -> Alert:
    """An alert that says of itself that nothing was found."""
    alert = alert_id(f"test\x1f{sink}\x1f{now.isoformat()}")
    return Alert(
        id=alert,
        revision=1,
        delivery=delivery_id(alert, 1),
        change="raised",
        at=now,
        status="open",
        kind="register",
        severity="info",
        title=f"Test of the sink {sink}",
        text="Somebody tried whether alerts arrive here. Nothing was found, and there is nothing to do.",
        first_seen=None,
        last_seen=None,
        raised_at=now,
        labels={"test": sink},
    )


def _made(name: str, own: kinds.SinkSettings, around: Surroundings) -> Sink:
    try:
        return _of_kind(name, own, around)
    except Misconfigured as error:
        mend = f"Mend [watch.sinks.{name}] in sekisho.toml, or the secret that it names."
        raise RequestError(f"{name}: {error}", mend) from error


def _of_kind(name: str, own: kinds.SinkSettings, around: Surroundings) -> Sink:
    if isinstance(own, kinds.JsonlSink):
        return JsonLines(around.stdout, name)
    ca_file = str(around.root / own.ca_file) if own.ca_file else None
    trust(ca_file)
    if isinstance(own, kinds.SyslogSink):
        return Syslog(name, relay_of(own, around), own.facility, gethostname())
    if isinstance(own, kinds.EmailSink):
        return Email(name, submission_of(own, around), own.sender, own.recipients)
    url = own.url if isinstance(own.url, str) else own.url.read(around.root, around.environ).reveal()
    if problem := url_problem(url):
        raise Misconfigured(f"the URL {problem}")
    endpoint = Endpoint(url, own.timeout, ca_file, own.proxy)
    if isinstance(own, kinds.WebhookSink):
        return Webhook(name, endpoint, _revealed(own.secret, around), around.clock)
    return Slack(name, endpoint) if isinstance(own, kinds.SlackSink) else Teams(name, endpoint)


def relay_of(own: kinds.SyslogSink, around: Surroundings) -> Relay:
    """The way to a syslog receiver of the settings. Raises Misconfigured."""
    ca_file = str(around.root / own.ca_file) if own.ca_file else None
    trust(ca_file)
    return Relay(own.host, own.port or _SYSLOG_PORT[own.transport], own.transport, own.timeout, ca_file)


def submission_of(own: kinds.EmailSink, around: Surroundings) -> Submission:
    """The way to a mail server of the settings. Raises Misconfigured and RequestError."""
    ca_file = str(around.root / own.ca_file) if own.ca_file else None
    trust(ca_file)
    port, password = own.port or _MAIL_PORT[own.security], _revealed(own.password, around)
    return Submission(own.host, port, own.security, own.user, password, own.timeout, ca_file)


def _revealed(secret: SecretReference | None, around: Surroundings) -> str | None:
    return None if secret is None else secret.read(around.root, around.environ).reveal()
