"""What the columns of an imported sheet are called."""

from __future__ import annotations

import re
from types import MappingProxyType

from sekisho.inventory.located import Problems, did_you_mean
from sekisho.policy.sheets import Cell, Sheet

NAMES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": (
            "id", "rule", "rule id", "rule name", "rule no", "rule number", "name", "no", "number", "#",
        ),
        "allow": ("allow", "connection", "sentence"),
        "source": (
            "source", "src", "sources", "source address", "source addresses", "source ip", "src ip",
            "src address", "srcaddr", "source network", "source zone and address", "from address",
        ),
        "destination": (
            "destination", "dst", "dest", "destinations", "destination address",
            "destination addresses", "destination ip", "dst ip", "dst address", "dstaddr",
            "destination network", "to address", "target",
        ),
        "service": ("service", "services", "application", "applications"),
        "protocol": ("protocol", "proto", "ip protocol", "protocols"),
        "port": (
            "port", "ports", "dport", "dst port", "dest port", "destination port", "destination ports",
            "service port", "tcp/udp port",
        ),
        "owner": ("owner", "responsible", "contact", "requester", "requested by", "requestor"),
        "ticket": ("ticket", "change", "change id", "request", "request id", "reference", "chg", "cr"),
        "why": (
            "why", "reason", "comment", "comments", "description", "purpose", "justification",
            "business justification", "remark", "remarks", "note", "notes",
        ),
        "from": ("from", "valid from", "start", "start date", "begin", "since"),
        "expires": (
            "expires", "expiry", "expiry date", "expiration", "expiration date", "until", "valid until",
            "valid to", "end", "end date", "to date",
        ),
        "tier": ("tier",),
        "action": ("action", "permission", "permit", "policy"),
        "state": ("enabled", "status", "state", "active"),
        "disabled": ("disabled", "inactive"),
    }
)  # fmt: skip
"""Column to the headers that mean it, in any case, `_` and `-` as blanks. `from` beside `to` in a sheet
without another source or destination are the two ends."""

_MEANING = {header: column for column, headers in NAMES.items() for header in headers}


def normal(header: str) -> str:
    """A header as it stands in `NAMES`."""
    return re.sub(r"[\s_-]+", " ", header).strip(" :*").casefold()


def columns(sheet: Sheet, problems: Problems) -> dict[int, str]:
    """Column names by position. Notes what is not used, written twice or missing; empty where rules
    cannot be read from the sheet."""
    headers = [normal(cell.text) for cell in sheet.header]
    meaning = dict(_MEANING)
    if "to" in headers and not any(_MEANING.get(h) == "destination" for h in headers):
        meaning["to"] = "destination"
        if "from" in headers and not any(_MEANING.get(h) == "source" for h in headers):
            meaning["from"] = "source"
    found: dict[int, str] = {}
    first: dict[str, Cell] = {}
    wrong = False
    for position, (cell, header) in enumerate(zip(sheet.header, headers, strict=True)):
        name = meaning.get(header)
        if name is None:
            if header:
                _unused(sheet, cell, header, problems)
        elif name in first:
            wrong = True
            problems.add(
                sheet.file,
                sheet.place(cell),
                "csv/column-twice",
                f"the columns {first[name].text!r} and {cell.text[:60]!r} both mean `{name}`",
                "remove or rename one of them",
            )
        else:
            found[position], first[name] = name, cell
    return {} if wrong or not _enough(sheet, set(first), problems) else found


def _unused(sheet: Sheet, cell: Cell, header: str, problems: Problems) -> None:
    problems.add(
        sheet.file,
        sheet.place(cell),
        "csv/unknown-column",
        f"the column {cell.text[:60]!r} is not used",
        did_you_mean(header, _MEANING, "its cells are left out"),
        "warning",
    )


def _enough(sheet: Sheet, names: set[str], problems: Problems) -> bool:
    if "allow" in names:
        return True
    missing = [name for name in ("source", "destination") if name not in names]
    if not names & {"service", "protocol", "port"}:
        missing.append("service")
    if missing and sheet.header:
        problems.add(
            sheet.file,
            sheet.place(sheet.header[0]),
            "csv/missing-column",
            f"no column {', '.join(missing)}",
            "name the columns in the first row, such as id,source,destination,service,owner,ticket,why",
        )
    return not missing
