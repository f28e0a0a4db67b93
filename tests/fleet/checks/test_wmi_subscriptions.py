from __future__ import annotations

from collections.abc import Mapping, Sequence

from sekisho.fleet.checks.wmi_subscriptions import WmiSubscriptions
from sekisho.fleet.collections.base import Row

OWN = {
    "consumer": '__EventConsumer.NTEventLogEventConsumer.Name="SCM Event Log Consumer"',
    "filter": '__EventFilter.Name="SCM Event Log Filter"',
}


def judged(**tables: Sequence[Row]) -> list[str]:
    every: Mapping[str, Sequence[Row]] = dict.fromkeys(WmiSubscriptions.tables, ())
    return list(WmiSubscriptions().judge({**every, **tables}))


def test_windows_own_subscription_is_nothing() -> None:
    assert judged(wmi_filter_consumer_binding=[OWN]) == []
    shipped = {"name": "BVTConsumer", "command_line_template": "cscript KernCap.vbs"}
    assert judged(wmi_cli_event_consumers=[shipped]) == []


def test_a_command_with_what_sets_it_off() -> None:
    (found,) = judged(
        wmi_event_filters=[{"name": "f", "query": "SELECT * FROM __InstanceModificationEvent"}],
        wmi_cli_event_consumers=[{"name": "c", "command_line_template": "powershell -enc AAAA"}],
        wmi_filter_consumer_binding=[
            OWN,
            {
                "consumer": 'CommandLineEventConsumer.Name="c"',
                "filter": '__EventFilter.Name="f"',
            },
        ],
    )
    assert found == (
        "WMI consumer c runs powershell -enc AAAA, on f (SELECT * FROM __InstanceModificationEvent)"
    )


def test_a_script_that_nothing_sets_off_yet() -> None:
    script = {"name": "s", "scripting_engine": "VBScript", "script_text": "Set x =\n CreateObject()"}
    (found,) = judged(wmi_script_event_consumers=[script])
    assert found == "WMI consumer s runs VBScript: Set x = CreateObject(), bound to no filter"
