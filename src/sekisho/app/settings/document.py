"""The whole of sekisho.toml, and the sections that are too short for files of their own."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from sekisho.app.secrets import SecretReference
from sekisho.app.settings.collect import CollectSettings
from sekisho.app.settings.contain import ContainSettings, PersonSettings
from sekisho.app.settings.fleet import FleetSettings
from sekisho.app.settings.ledger import LedgerSettings
from sekisho.app.settings.notify import NotifySettings
from sekisho.app.settings.restore import RestoreSettings
from sekisho.app.settings.sinks import WatchSettings
from sekisho.app.settings.values import Database, EngineUrl, Line, Options, Section, Size, TimeZone
from sekisho.errors import RequestError

_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIX3jEDZZRXA4tz3EV2BYxBhS99pk67Acl9VG6CxGO4S"
"""Nobody's: an example that reads."""


class StoreSettings(Section):
    """The flow lake."""

    memory_limit: Size = Field(
        default=1024**3, description="Memory the query engine may use; more is spilled to disk."
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        description="Threads of the query engine; all cores if not set.",
        examples=[4],
    )
    lock_timeout: float = Field(
        default=60.0,
        ge=0,
        le=86400,
        description="Seconds to wait for another process that is writing to this workspace.",
    )


class EngineSettings(Section):
    """What answers the questions of an audit."""

    kind: Literal["duckdb", "spark", "clickhouse"] = Field(
        default="duckdb",
        description="`duckdb` is embedded; the others are asked where they run, and need their extra.",
    )
    url: EngineUrl | None = Field(
        default=None,
        description="Spark: a master or `sc://HOST:15002`, in this process if not set. "
        "ClickHouse: `https://HOST:8443`, or `chdb:` for the engine in this process.",
        examples=["sc://spark.example.org:15002"],
    )
    user: Line | None = Field(
        default=None,
        description="Who logs in to ClickHouse; `default` if not set.",
        examples=["sekisho"],
    )
    password: SecretReference | None = Field(
        default=None,
        description="The password of that user.",
        examples=[{"env": "SEKISHO_ENGINE_PASSWORD"}],
    )
    database: Line | None = Field(
        default=None,
        description="ClickHouse's database for working tables; the user's own if not set.",
        examples=["sekisho"],
    )
    cluster: Line | None = Field(
        default=None,
        description="ClickHouse's cluster over whose shards the lake's rows are spread.",
        examples=["audit"],
    )
    lake: Line | None = Field(
        default=None,
        description="Where Spark's executors see the lake's folder, if not at the same path as here.",
        examples=["s3a://flows/lake"],
    )
    options: Options = Field(
        default_factory=dict,
        description="The engine's own settings, by its names.",
        examples=[{"spark.executor.memory": "4g"}],
    )


class AuditSettings(Section):
    """Judging, and the life of findings."""

    fail_on: Literal["critical", "high", "medium", "low", "info", "none"] = Field(
        default="none",
        description="`sekisho audit` ends with status 1 when a finding is at least this severe.",
    )
    expires_soon_days: int = Field(
        default=30,
        ge=0,
        le=3650,
        description="`sekisho policy lint` warns of rules that expire within this many days.",
    )
    acceptance_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="An accepted finding opens again after this many days unless --until says else.",
    )
    automation_flows: int = Field(
        default=2_000_000,
        ge=0,
        le=100_000_000,
        description="To look for beacons and held sessions an audit reads at most this many raw flows; "
        "0 looks for none.",
    )


class StateSettings(Section):
    """Where people's decisions are kept."""

    url: Database | None = Field(
        default=None,
        description="Database URL, as a secret where it holds a login; SQLite in data/ if not set.",
        examples=[{"env": "SEKISHO_STATE_URL"}],
    )


class LoggingSettings(Section):
    """What the program says about its own work, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="The least important message that is shown."
    )
    format: Literal["auto", "text", "json"] = Field(
        default="auto",
        description="`text` for people, `json` for machines; `auto` is text where a person watches.",
    )


class Settings(Section):
    """The whole of sekisho.toml."""

    name: Line = Field(
        default="", description="What reports call the company.", examples=["Example Heavy Industries"]
    )
    timezone: TimeZone = Field(
        default="UTC",
        description="IANA time zone in which tables and reports show times; JSON is always UTC.",
        examples=["Asia/Tokyo"],
    )
    user: Line | None = Field(
        default=None,
        description="Who acts, as the ledger records it; the login name if not set.",
        examples=["tanaka"],
    )
    people: dict[str, PersonSettings] = Field(
        default={},
        description="Who works here, by name: `[people.aiko]` with `keys` and `roles`.",
        examples=[{"aiko": {"keys": [_KEY], "roles": ["approver"]}}],
    )
    store: StoreSettings = Field(default=StoreSettings(), description="The flow lake.")
    engine: EngineSettings = Field(
        default=EngineSettings(), description="What answers the questions of an audit."
    )
    audit: AuditSettings = Field(default=AuditSettings(), description="Judging and findings' life.")
    state: StateSettings = Field(default=StateSettings(), description="Where decisions are kept.")
    collect: CollectSettings = Field(
        default=CollectSettings(), description="Listening for flows and messages."
    )
    watch: WatchSettings = Field(
        default=WatchSettings(), description="Judging as records come, and who is told."
    )
    ledger: LedgerSettings = Field(
        default=LedgerSettings(), description="The record's key, and where its head is published."
    )
    contain: ContainSettings = Field(
        default=ContainSettings(), description="What a plan of containment needs."
    )
    restore: RestoreSettings = Field(
        default=RestoreSettings(), description="Giving communication back."
    )
    fleet: FleetSettings = Field(default=FleetSettings(), description="Checking terminals.")
    notify: NotifySettings = Field(
        default=NotifySettings(), description="Telling those who must be told."
    )
    logging: LoggingSettings = Field(default=LoggingSettings(), description="Messages on stderr.")


def who(settings: Settings, environ: Mapping[str, str]) -> str:
    """Who acts: $SEKISHO_USER, else `user` of sekisho.toml, else the login name."""
    name = environ.get("SEKISHO_USER") or settings.user
    if name:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise RequestError("nobody is logged in", "Set SEKISHO_USER to your name.") from error
