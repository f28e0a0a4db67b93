from __future__ import annotations

from datetime import UTC, datetime

from tests.contain.conftest import ground_of
from tests.restore.conftest import Found

from sekisho.contain.targets import link_end
from sekisho.model.findings import End
from sekisho.restore.places import pair_of, pair_of_ends, place_of, text_of, touches

NOW = datetime(2026, 11, 25, tzinfo=UTC)
INVENTORY = ground_of().inventory


def test_where_selectors_are() -> None:
    said = {"th": "th", "th/edi": "th", "asset:edi-th": "th", "zone:vendor": "zone:vendor", "*": None}
    said |= {"internet": "internet", "10.40.9.7": "th", "10.40.9.0/24": None}
    for text, place in said.items():
        (selector,) = link_end(text, INVENTORY)
        assert place_of(selector, INVENTORY, NOW) == place, text


def test_between_which_places_a_connection_went(finding: Found) -> None:
    assert pair_of(finding(), INVENTORY, NOW) == {"th", "jp"}
    ends = [End(address="10.40.9.7", site="th"), End(address="198.18.7.1")]
    assert pair_of_ends(ends, INVENTORY, NOW) == {"th", "zone:vendor"}
    ends[1] = End(address="8.8.8.8")
    assert pair_of_ends(ends, INVENTORY, NOW) == {"th", "internet"}
    ends[1] = End(address="192.168.1.1")
    assert pair_of_ends(ends, INVENTORY, NOW) == {"th", "nowhere"}


def test_pairs_in_words_and_what_they_touch() -> None:
    pair, alone = frozenset({"th", "jp"}), frozenset({"th"})
    assert (text_of(pair), text_of(alone)) == ("jp <-> th", "th <-> *")
    assert touches([pair], pair)
    assert touches([alone], pair)
    assert not touches([pair], frozenset({"th", "us"}))
