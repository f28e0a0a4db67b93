from __future__ import annotations

import pytest
from pydantic import ValidationError

from sekisho.app.settings.ledger import LedgerSettings
from sekisho.app.settings.loading import parse


def test_nothing_is_published_unless_somebody_says_where() -> None:
    assert not LedgerSettings().published
    for one in ({"file": "heads.txt"}, {"sinks": ["a"]}, {"timestamp": "http://tsa.example/tsr"}):
        assert LedgerSettings.model_validate(one).published


def test_sinks_are_a_list_or_names_with_commas() -> None:
    assert LedgerSettings.model_validate({"sinks": ["a", "b"]}).sinks == ("a", "b")
    loaded = parse("", "sekisho.toml", {"SEKISHO_LEDGER_SINKS": "a, b"})
    assert loaded.settings.ledger.sinks == ("a", "b")
    shown = {one.key.label: one.value for one in loaded.show()}
    assert shown["ledger.sinks"] == "a, b"
    empty = {one.key.label: one.value for one in parse("", "sekisho.toml", {}).show()}
    assert empty["ledger.sinks"] is None


@pytest.mark.parametrize("url", ["ftp://tsa.example", "tsa.example", "https://a:b@tsa.example"])
def test_a_time_stamp_server_is_asked_over_http(url: str) -> None:
    with pytest.raises(ValidationError, match="this "):
        LedgerSettings(timestamp=url)
