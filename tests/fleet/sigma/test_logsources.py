from __future__ import annotations

import pytest

from sekisho.fleet.sigma.logsources import (
    CATEGORIES,
    SECURITY,
    SYSMON,
    Unrecorded,
    holds,
    sources_of,
)
from sekisho.intel.detections import Logsource
from sekisho.model.predicates import Like


def test_a_category_may_be_recorded_in_several_places() -> None:
    sources, kind = sources_of(Logsource("windows", "process_creation"))
    assert [(one.channel, set(one.ids)) for one in sources] == [(SYSMON, {1}), (SECURITY, {4688})]
    assert dict(sources[1].names)["Image"] == "NewProcessName"
    assert kind is None


def test_a_service_is_its_channels() -> None:
    sources, _ = sources_of(Logsource("windows", "", "powershell"))
    assert [one.channel for one in sources] == [
        "Microsoft-Windows-PowerShell/Operational",
        "PowerShellCore/Operational",
    ]
    assert not any(one.ids for one in sources)


def test_a_service_narrows_a_category() -> None:
    sources, _ = sources_of(Logsource("windows", "process_creation", "security"))
    assert [one.channel for one in sources] == [SECURITY]


def test_events_of_one_number_are_told_apart_by_what_they_say() -> None:
    assert sources_of(Logsource("windows", "registry_add"))[1] == Like("EventType", ("CreateKey",))


def test_a_rule_about_windows_alone_is_about_every_channel() -> None:
    (source,), _ = sources_of(Logsource("windows"))
    assert holds(source, "Anything", 5)


@pytest.mark.parametrize(
    ("logsource", "why"),
    [
        (Logsource("linux", "process_creation"), "logs of linux"),
        (Logsource("windows", "teapot"), "category teapot"),
        (Logsource("windows", "", "teapot"), "service teapot"),
        (Logsource("windows", "dns_query", "security"), "does not record"),
        (Logsource(), "which log"),
    ],
)
def test_what_no_log_holds_is_said(logsource: Logsource, why: str) -> None:
    with pytest.raises(Unrecorded, match=why):
        sources_of(logsource)


def test_which_events_a_source_has() -> None:
    sysmon = CATEGORIES["process_creation"][0]
    assert holds(sysmon, SYSMON.lower(), 1)
    assert not holds(sysmon, SYSMON, 3)
    assert not holds(sysmon, "Security", 1)
