from __future__ import annotations

import json

import pytest

from sekisho.errors import RequestError
from sekisho.fleet.packs.osquery import queries_of


def test_queries_are_asked_of_what_they_and_their_pack_name() -> None:
    pack = {
        "platform": "posix",
        "queries": {
            "Crontab-all": {
                "query": "SELECT * FROM crontab",
                "interval": 3600,
                "platform": "linux,windows",
            },
            "up": {"query": " SELECT * FROM uptime ", "interval": 60},
        },
    }
    assert queries_of(json.dumps(pack), "p.json") == {
        "crontab_all": ("SELECT * FROM crontab", "linux"),
        "up": ("SELECT * FROM uptime", "darwin,freebsd,linux"),
    }
    anywhere = {"queries": {"up": {"query": "SELECT 1", "platform": "all"}}}
    assert queries_of(json.dumps(anywhere), "p.json") == {"up": ("SELECT 1", "")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot read p.json"),
        ("[" * 100_000, "cannot read p.json"),
        (" " * (1 << 20) + "{}", "longer than"),
        ("[]", "has no queries"),
        ('{"queries": {}}', "has no queries"),
        ('{"queries": {"a": "SELECT 1"}}', "'a' has no SQL"),
        ('{"queries": {"a": {"query": 1}}}', "'a' has no SQL"),
        ('{"queries": {"a-b": {"query": "x"}, "a.b": {"query": "x"}}}', "two queries"),
        ('{"queries": {"a": {"query": "x", "platform": "beos"}}}', "platform 'beos'"),
        ('{"queries": {"a": {"query": "x", "platform": ["windows"]}}}', "platform"),
        ('{"platform": "linux", "queries": {"a": {"query": "x", "platform": "windows"}}}', "in common"),
    ],
)
def test_what_is_no_pack_is_refused(text: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        queries_of(text, "p.json")
