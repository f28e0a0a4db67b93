"""WMI subscriptions that run a command or a script when something happens (ATT&CK T1546.003)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.collections.base import Row

_NAME = re.compile(r'Name="(.*)"\s*$', re.DOTALL)
_SHIPPED = frozenset({("BVTConsumer", "cscript KernCap.vbs")})
"""Windows 7 and Server 2008 R2 came with it; its script is not there."""


class WmiSubscriptions:
    """`wmi-subscriptions`. Windows has a filter and a binding of its own (SCM Event Log), so nothing at all
    is nothing recorded."""

    name = "wmi-subscriptions"
    tables = (
        "wmi_event_filters",
        "wmi_cli_event_consumers",
        "wmi_script_event_consumers",
        "wmi_filter_consumer_binding",
    )
    never_empty = True
    queries: Mapping[str, str] = {
        "wmi_event_filters": "SELECT name, query, query_language FROM wmi_event_filters",
        "wmi_cli_event_consumers": (
            "SELECT name, command_line_template, executable_path FROM wmi_cli_event_consumers"
        ),
        "wmi_script_event_consumers": (
            "SELECT name, scripting_engine, script_file_name, script_text FROM wmi_script_event_consumers"
        ),
        "wmi_filter_consumer_binding": "SELECT consumer, filter FROM wmi_filter_consumer_binding",
    }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        asked = {row.get("name", ""): row.get("query", "") for row in tables["wmi_event_filters"]}
        bound: dict[str, list[str]] = defaultdict(list)
        for row in tables["wmi_filter_consumer_binding"]:
            bound[_named(row.get("consumer", ""))].append(_named(row.get("filter", "")))
        for row in tables["wmi_cli_event_consumers"]:
            name = row.get("name", "")
            command = row.get("command_line_template", "") or row.get("executable_path", "")
            if (name, command) not in _SHIPPED:
                yield f"WMI consumer {name} runs {command[:300] or '?'}{_when(bound[name], asked)}"
        for row in tables["wmi_script_event_consumers"]:
            name, engine = row.get("name", ""), row.get("scripting_engine", "") or "a script"
            text = row.get("script_file_name", "") or " ".join(row.get("script_text", "").split())
            yield f"WMI consumer {name} runs {engine}: {text[:300] or '?'}{_when(bound[name], asked)}"


def _named(reference: str) -> str:
    found = _NAME.search(reference)
    return found[1] if found else reference


def _when(filters: Sequence[str], asked: Mapping[str, str]) -> str:
    if not filters:
        return ", bound to no filter"
    told = (f"{name} ({asked.get(name) or 'not recorded'})" for name in filters)
    return f", on {'; '.join(told)}"
