"""`[watch]` of sekisho.toml, and `[watch.sinks.NAME]`: where alerts are told, one table each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sekisho.app.secrets import SecretReference
from sekisho.app.settings.values import Line, Section
from sekisho.model.verdicts import Severity
from sekisho.watch.targets import Security, Transport, url_problem

_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_ADDRESS = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")


def _url(value: object) -> object:
    if isinstance(value, str) and (problem := url_problem(value)):
        raise ValueError(f"this {problem}")
    return value


def _proxy(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError("a proxy is written http://HOST:PORT, without a login")
    return value


def _secret_url(value: object) -> object:
    if isinstance(value, str):
        raise ValueError(
            'who knows this URL can post: it is a secret, write {env = "NAME"} or {file = "PATH"}'
        )
    return value


def _mailbox(value: str) -> str:
    if not _MAILBOX.fullmatch(value):
        raise ValueError("a mail address is written name@example.org, without a display name")
    return value


def _address(value: str) -> str:
    match = _ADDRESS.fullmatch(value)
    if value and not (match and 0 < int(match[1]) < 65536):
        raise ValueError("an address to listen at is written HOST:PORT, [::1]:9464 for IPv6")
    return value


Url = Annotated[SecretReference | Line, BeforeValidator(_url)]
SecretUrl = Annotated[SecretReference, BeforeValidator(_secret_url)]
Proxy = Annotated[Line, AfterValidator(_proxy)]
Mailbox = Annotated[Line, AfterValidator(_mailbox)]
ListenAddress = Annotated[Line, AfterValidator(_address)]
Host = Annotated[str, Field(pattern=r"^(?:[A-Za-z0-9.-]{1,253}|[0-9A-Fa-f:.]{2,45})$")]
Port = Annotated[int, Field(ge=1, le=65535)]


class _Sink(Section):
    severity: Severity = Field(
        default="info", description="Only alerts that are at least this severe go here."
    )


class _Remote(_Sink):
    timeout: float = Field(
        default=10.0,
        ge=1,
        le=120,
        description="Seconds that one delivery may take to connect and send.",
    )
    ca_file: Line | None = Field(
        default=None,
        description="Certificates of an authority of your own, PEM, beside those of the system; "
        "relative to the workspace.",
        examples=["company-ca.pem"],
    )


class _Posted(_Remote):
    proxy: Proxy | None = Field(
        default=None,
        description="HTTP proxy to go through; the environment's proxies are not used.",
        examples=["http://127.0.0.1:3128"],
    )


class WebhookSink(_Posted):
    """The alert as JSON, signed."""

    kind: Literal["webhook"]
    url: Url = Field(
        description="Where to post: https, or http to this machine; a secret where it holds a token.",
        examples=["https://soar.example.org/hooks/sekisho"],
    )
    secret: SecretReference | None = Field(
        default=None,
        description="Signing key: `whsec_` and base64, or any text of 24 bytes or more.",
        examples=[{"env": "SEKISHO_WEBHOOK_SECRET"}],
    )


class SlackSink(_Posted):
    """A Slack channel."""

    kind: Literal["slack"]
    url: SecretUrl = Field(
        description="The incoming webhook's URL.", examples=[{"file": "secrets/slack"}]
    )


class TeamsSink(_Posted):
    """A Microsoft Teams channel or chat."""

    kind: Literal["teams"]
    url: SecretUrl = Field(description="The workflow's URL.", examples=[{"file": "secrets/teams"}])


class SyslogSink(_Remote):
    """A SIEM that takes CEF by syslog."""

    kind: Literal["syslog"]
    host: Host = Field(description="The receiver.", examples=["siem.example.org"])
    port: Port | None = Field(
        default=None,
        description="Its port: 514 by UDP and TCP, 6514 by TLS if not set.",
        examples=[6514],
    )
    transport: Transport = Field(
        default="tls", description="By `udp` and `tcp` anybody between can read alerts and forge them."
    )
    facility: Literal[
        "user", "auth", "authpriv", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
        "local7",
    ] = Field(default="local0", description="Syslog facility.")  # fmt: skip


class EmailSink(_Remote):
    """People's mail."""

    kind: Literal["email"]
    host: Host = Field(description="The mail server.", examples=["mail.example.org"])
    port: Port | None = Field(
        default=None, description="Its port: 587 for STARTTLS, 465 for TLS, 25 for none if not set."
    )
    security: Security = Field(
        default="starttls", description="`none` sends in the clear, and then without a login."
    )
    user: Line | None = Field(default=None, description="Who logs in.", examples=["sekisho"])
    password: SecretReference | None = Field(
        default=None, description="The password of that user.", examples=[{"file": "secrets/mail"}]
    )
    sender: Mailbox = Field(description="From whom.", examples=["sekisho@example.org"])
    recipients: tuple[Mailbox, ...] = Field(
        min_length=1, max_length=50, description="To whom.", examples=[["soc@example.org"]]
    )

    @model_validator(mode="after")
    def _login(self) -> EmailSink:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password go together")
        if self.user is not None and self.security == "none":
            raise ValueError("a login is only sent over TLS: security = 'starttls' or 'tls'")
        return self


class JsonlSink(_Sink):
    """One line of JSON an alert on standard output."""

    kind: Literal["jsonl"]


SinkSettings = Annotated[
    WebhookSink | SlackSink | TeamsSink | SyslogSink | EmailSink | JsonlSink,
    Field(discriminator="kind"),
]
SINKS: Mapping[str, type[_Sink]] = {
    "webhook": WebhookSink,
    "slack": SlackSink,
    "teams": TeamsSink,
    "syslog": SyslogSink,
    "email": EmailSink,
    "jsonl": JsonlSink,
}


def _name(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", value):
        raise ValueError("a sink's name is at most 40 small letters, digits and hyphens")
    return value


SinkName = Annotated[str, AfterValidator(_name)]


class WatchSettings(Section):
    """Judging as records come, and who is told."""

    metrics: ListenAddress = Field(
        default="127.0.0.1:9464",
        description="Where `sekisho watch` serves Prometheus metrics; empty serves none.",
    )
    sinks: dict[SinkName, SinkSettings] = Field(
        default_factory=dict,
        max_length=50,
        description="Where alerts are told: tables `[watch.sinks.NAME]`.",
    )
