from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.errors import IntegrityError
from sekisho.intel.attack.catalogue import Catalogue, Technique
from sekisho.intel.attack.keeping import MOST, Versions

AT = datetime(2020, 6, 11, tzinfo=UTC)


def test_versions_stay_in_their_order_and_are_kept_once(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "attack")
    assert versions.known() == ()
    for version in ("18.1", "9.0", "17.1"):
        assert versions.put(Catalogue(domain="enterprise-attack", version=version), AT)
    assert versions.known() == ("9.0", "17.1", "18.1")
    same = Catalogue(domain="enterprise-attack", version="18.1")
    assert not versions.put(same, AT)
    mended = same.model_copy(update={"techniques": {"T1": Technique(id="T1", name="a")}})
    assert versions.put(mended, AT + timedelta(days=9))
    assert versions.load("18.1") == mended.model_copy(update={"arrived": AT})


def test_the_oldest_go_where_there_are_too_many(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    for number in range(MOST + 3):
        versions.put(Catalogue(domain="enterprise-attack", version=f"{number}.0"), AT)
    assert versions.known()[0] == "3.0"


def test_a_damaged_version_and_a_name_that_leads_elsewhere_are_refused(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    (tmp_path / "attack-1.0.json").write_text("{")
    with pytest.raises(IntegrityError):
        versions.load("1.0")
    with pytest.raises(IntegrityError):
        versions.put(Catalogue(domain="enterprise-attack", version="../../1"), AT)
