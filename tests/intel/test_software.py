from __future__ import annotations

import pytest

from sekisho.intel.software import Exploited, Software, joinable
from sekisho.model.terminals import Program

CHROME = Program("Google Chrome", "120.0", "Google LLC")
EDGE = Program("Microsoft Edge", "120.0", "Microsoft Corporation")
READER = Program("Adobe Acrobat Reader DC", "22", "Adobe Systems Incorporated")
OFFICE = Program("Microsoft Office Professional Plus 2016 - en-us", "16", "Microsoft Corporation")
RUNTIME = Program("Microsoft Windows Desktop Runtime - 6.0.5 (x64)", "6.0.5", "Microsoft Corporation")
WINRAR = Program("WinRAR 6.11 (64-bit)", "6.11.0", "win.rar GmbH")
GIT = Program("Git", "2.40", "The Git Development Community")
DESKTOP = Program("GitHub Desktop", "3", "GitHub, Inc.")
JIRA = Program("Atlassian Jira Server", "9", "Atlassian")
WINDOWS = Program("Microsoft Windows 10 Enterprise", "10.0.19045", "Microsoft")
UBUNTU = Program("Ubuntu", "22.04")
ALL = Software((CHROME, EDGE, READER, OFFICE, RUNTIME, WINRAR, GIT, DESKTOP, JIRA), (WINDOWS, UBUNTU))


def named(vendor: str, product: str) -> dict[str, str]:
    return {one.program.name: one.how for one in ALL.of(Exploited("CVE-1", vendor, product))}


@pytest.mark.parametrize(
    ("vendor", "product", "found"),
    [
        ("Google", "Chrome", {CHROME.name: "name"}),
        ("Google", "Chromium V8", {CHROME.name: "alias", EDGE.name: "alias"}),
        ("Adobe", "Acrobat and Reader", {READER.name: "part_of_name"}),
        ("Microsoft", "Office", {OFFICE.name: "part_of_name"}),
        ("Microsoft", "Windows", {WINDOWS.name: "alias"}),
        ("Microsoft", "Win32k", {WINDOWS.name: "alias"}),
        ("Linux", "Kernel", {UBUNTU.name: "alias"}),
        ("RARLAB", "WinRAR", {WINRAR.name: "alias"}),
        ("Git", "Git", {GIT.name: "name"}),
        ("Atlassian", "Confluence Data Center and Server", {}),
        ("Apple", "Multiple Products", {}),
        ("Mozilla", "Firefox", {}),
        ("Evil", "Chrome", {}),
        ("Microsoft", "", {}),
    ],
)
def test_what_an_entry_names(vendor: str, product: str, found: dict[str, str]) -> None:
    assert named(vendor, product) == found


def test_each_match_says_by_which_words() -> None:
    (one,) = ALL.of(Exploited("CVE-1", "Adobe", "Acrobat and Reader"))
    assert "its publisher has “adobe”" in one.why
    (one,) = ALL.of(Exploited("CVE-1", "Microsoft", "Win32k"))
    assert one.why == "it is a part of Windows"
    assert not joinable(Exploited("CVE-1", "Apple", "Multiple Products"))


def test_hostile_names_are_only_words() -> None:
    odd = Program("a" * 200 + " (((((" * 30, "", "[" * 200)
    assert Software((odd,)).of(Exploited("CVE-1", "(" * 100, ")" * 100 + " and ,,,//")) == ()
