"""What Windows events say of logons: which of their values is the account, the source, the target.

Source: Microsoft's "Audit events" reference of each number; Sysmon's event schema 4.90.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.model.logons import LogonKind
from sekisho.sources.blocks import Piece
from sekisho.sources.logon_draft import LIMITS, LogonDraft
from sekisho.sources.windows_records import WindowsEvent

Pair = tuple[str, str]
_SUBJECT: Pair = ("SubjectDomainName", "SubjectUserName")
_TARGET: Pair = ("TargetDomainName", "TargetUserName")
_BREAKS = re.compile(r"[\r\n\t]+")
_NONE = frozenset({"", "-", "NULL", "%%1793"})


@dataclass(frozen=True, slots=True)
class Form:
    """How one kind of event is read: names of its values. `granted` is what its occurrence says of success,
    `status` the value that says it where it does not."""

    kind: LogonKind
    account: Pair
    actor: Pair | None = None
    source: str = ""
    source_name: str = ""
    target: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()
    granted: bool | None = None
    status: str = ""
    destination: str = ""
    port: str = ""


FORMS: Mapping[tuple[str, int], Form] = {
    ("security", 4624): Form(
        LogonKind.LOGON,
        _TARGET,
        _SUBJECT,
        source="IpAddress",
        source_name="WorkstationName",
        detail=(
            *("AuthenticationPackageName", "LmPackageName", "LogonProcessName", "ProcessName"),
            *("TargetOutboundDomainName", "TargetOutboundUserName"),
        ),
        granted=True,
    ),
    ("security", 4625): Form(
        LogonKind.LOGON_FAILED,
        _TARGET,
        _SUBJECT,
        source="IpAddress",
        source_name="WorkstationName",
        detail=("Status", "SubStatus", "AuthenticationPackageName", "ProcessName"),
        granted=False,
    ),
    ("security", 4648): Form(
        LogonKind.EXPLICIT_CREDENTIALS,
        _TARGET,
        _SUBJECT,
        source="IpAddress",
        target=("TargetServerName",),
        detail=("TargetInfo", "ProcessName"),
    ),
    ("security", 4672): Form(
        LogonKind.SPECIAL_PRIVILEGES, _SUBJECT, detail=("PrivilegeList",), granted=True
    ),
    ("security", 4768): Form(
        LogonKind.TICKET,
        _TARGET,
        source="IpAddress",
        target=("ServiceName",),
        detail=("Status", "TicketEncryptionType", "PreAuthType"),
        status="Status",
    ),
    ("security", 4769): Form(
        LogonKind.SERVICE_TICKET,
        _TARGET,
        source="IpAddress",
        target=("ServiceName",),
        detail=("Status", "TicketEncryptionType", "TicketOptions"),
        status="Status",
    ),
    ("security", 4776): Form(
        LogonKind.NTLM,
        ("", "TargetUserName"),
        source_name="Workstation",
        detail=("Status", "PackageName"),
        status="Status",
    ),
    ("security", 5140): Form(
        LogonKind.SHARE,
        _SUBJECT,
        source="IpAddress",
        target=("ShareName",),
        detail=("ShareLocalPath", "AccessMask"),
    ),
    ("security", 5145): Form(
        LogonKind.FILE,
        _SUBJECT,
        source="IpAddress",
        target=("ShareName", "RelativeTargetName"),
        detail=("AccessMask",),
    ),
    ("security", 1102): Form(LogonKind.LOG_CLEARED, _SUBJECT),
    ("system", 7045): Form(
        LogonKind.SERVICE_INSTALLED,
        ("", "AccountName"),
        target=("ServiceName",),
        detail=("ImagePath", "StartType", "ServiceType"),
    ),
    ("sysmon", 1): Form(
        LogonKind.PROCESS,
        ("", "User"),
        target=("Image",),
        detail=("CommandLine", "ParentImage", "LogonId"),
    ),
    ("sysmon", 3): Form(
        LogonKind.NETWORK,
        ("", "User"),
        source="SourceIp",
        source_name="SourceHostname",
        target=("Image",),
        detail=("Initiated", "Protocol", "SourcePort", "DestinationHostname"),
        destination="DestinationIp",
        port="DestinationPort",
    ),
    ("sysmon", 11): Form(
        LogonKind.FILE_CREATED, ("", "User"), target=("TargetFilename",), detail=("Image",)
    ),
}

_LOGS = {
    "security": "security",
    "system": "system",
    "microsoft-windows-sysmon/operational": "sysmon",
    "microsoft-windows-security-auditing": "security",
    "microsoft-windows-eventlog": "security",
    "service control manager": "system",
    "microsoft-windows-sysmon": "sysmon",
}
"""Channels, whose names differ in case from one system to the next, and where none is told, providers."""


def form_of(event: WindowsEvent) -> Form | None:
    """How an event is read; None where it tells of no logon."""
    log = _LOGS.get((event.channel or event.provider).lower())
    return FORMS.get((log, event.event)) if log else None


class LogonRows:
    """Events gathered one by one, becoming logons at the end."""

    def __init__(self, asked: Sequence[str]) -> None:
        self._asked = asked
        self._rows: list[int] = []
        self._times: list[int] = []
        self._values: list[dict[str, Any]] = []
        self._raw: dict[str, list[str | None]] = {name: [] for name in asked}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: int, event: WindowsEvent) -> bool:
        """Take an event; whether it tells of a logon."""
        form = form_of(event)
        if form is not None:
            self._take(row, event, _values(event, form))
        return form is not None

    def missing(self, row: int, event: WindowsEvent, time: int, text: str) -> None:
        """Take what is said of records that are not there, in the log of `event`."""
        kind = str(LogonKind.RECORDS_MISSING)
        self._take(row, event, {"kind": kind, "detail": text}, time)

    def _take(
        self, row: int, event: WindowsEvent, values: dict[str, Any], time: int | None = None
    ) -> None:
        self._rows.append(row)
        self._times.append(event.time if time is None else time)
        self._values.append(values | {"host": event.host})
        for name in self._asked:
            self._raw[name].append(event.field(name))

    def finish(self, piece: Piece) -> None:
        """Add all to a piece."""
        rows = np.array(self._rows, dtype=np.int64)
        draft = LogonDraft(rows)
        times = np.array(self._times, dtype=np.int64)
        draft.times(times, np.zeros(len(rows), dtype=np.bool_))
        draft.kind(self._column("kind", pa.string()))
        draft.address("src", self._column("src", pa.string()), "the source", needed=False)
        draft.address("dst", self._column("dst", pa.string()), "the destination", needed=False)
        draft.port(self._column("port", pa.int64()), "the port")
        for name in LIMITS:
            draft.text(name, self._column(name, pa.string()))
        for name in ("logon_type", "event", "record"):
            draft.number(name, self._column(name, pa.int64()))
        draft.success(self._column("success", pa.bool_()))
        fields = pa.table({name: pa.array(values, pa.string()) for name, values in self._raw.items()})
        piece.take_logons(draft, lambda: [b""] * len(rows), fields if self._asked else None)

    def _column(self, name: str, kind: pa.DataType) -> Any:
        return pa.array([values.get(name) for values in self._values], kind)


def _values(event: WindowsEvent, form: Form) -> dict[str, Any]:
    data = event.data
    source, name = _source(data.get(form.source, "")), _known(data.get(form.source_name))
    status = _known(data.get(form.status))
    return {
        "kind": str(form.kind),
        "success": form.granted if status is None else status in ("0x0", "0"),
        "account": _account(data, form.account),
        "actor": _account(data, form.actor) if form.actor else None,
        "logon_type": _number(data.get("LogonType"), 1 << 16) if form.granted is not None else None,
        "src": source[0],
        "src_name": name or source[1],
        "dst": _source(data.get(form.destination, ""))[0],
        "port": _number(data.get(form.port), 1 << 16),
        "target": "\\".join(filter(None, (_known(data.get(name)) for name in form.target))) or None,
        "detail": _detail(data, form.detail),
        "event": event.event,
        "record": event.record,
    }


def _detail(data: Mapping[str, str], names: Sequence[str]) -> str | None:
    told = [f"{name}={value}" for name in names if (value := _known(data.get(name)))]
    return "; ".join(told) or None


def _known(value: str | None) -> str | None:
    text = _BREAKS.sub(" ", value or "").strip()
    return None if text in _NONE else text


def _account(data: Mapping[str, str], names: Pair) -> str | None:
    domain, name = _known(data.get(names[0])), _known(data.get(names[1]))
    if name is None or domain is None or "@" in name or "\\" in name:
        return name
    return f"{domain}\\{name}"


def _number(value: str | None, below: int) -> int | None:
    text = value or ""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return int(text) if int(text) < below else None


@lru_cache(1024)
def _source(text: str) -> tuple[str | None, str | None]:
    """An address, or the name that stands in its place."""
    plain = _known(text)
    if plain is None or plain == "LOCAL":
        return None, None
    try:
        return str(ip_address(plain.partition("%")[0])), None
    except ValueError:
        return None, plain.removeprefix("\\\\")
