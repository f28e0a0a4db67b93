from __future__ import annotations

import pytest

from sekisho.inventory.register import Inventory
from sekisho.policy.language import Slip, Word
from sekisho.policy.selectors import read_selector, touches


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("*", "any", "*"),
        ("internet", "internet", "internet"),
        ("zone:cloud", "zone", "zone:cloud"),
        ("jp/*", "site", "jp/*"),
        ("jp/edi", "group", "jp/edi"),
        ("asset:JP-FILES01", "asset", "asset:jp-files01"),
        ("10.1.7.0/24", "prefix", "10.1.7.0/24"),
        ("10.1.7.1", "prefix", "10.1.7.1"),
        ("10.1.7.1/32", "prefix", "10.1.7.1"),
        ("2001:db8:1:7::/64", "prefix", "2001:db8:1:7::/64"),
        ("acq:10.1.0.0/24", "prefix", "acq:10.1.0.0/24"),
        ("203.0.113.9", "prefix", "203.0.113.9"),
    ],
)
def test_what_words_select(world: Inventory, text: str, kind: str, shown: str) -> None:
    found = read_selector(Word(text, 0), world)
    assert not isinstance(found, Slip), found
    assert (found.kind, str(found)) == (kind, shown)
    again = read_selector(Word(str(found), 0), world)
    assert again == found, "what is shown can be written"


@pytest.mark.parametrize(
    ("text", "code", "offset", "mend"),
    [
        ("zone:clod", "rule/unknown-zone", 5, "did you mean `cloud`?"),
        ("zone:internet", "rule/unknown-zone", 5, "write `internet`"),
        ("asset:jp-files02", "rule/unknown-asset", 6, "did you mean `jp-files01`?"),
        ("jo/*", "rule/unknown-site", 0, "known: jp, lab, th, us"),
        ("*/edi", "rule/unknown-site", 0, "name the groups of each site, separated by commas"),
        ("jp/edo", "rule/unknown-group", 3, "did you mean `edi`?"),
        ("jp/", "rule/unknown-group", 3, "write `jp/*` for all of it"),
        ("us/edi", "rule/unknown-group", 3, "us has no groups; write `us/*` for all of it"),
        ("jp", "rule/selector", 0, "write `jp/*` for all of the site"),
        ("cloud", "rule/selector", 0, "write `zone:cloud`"),
        ("th-app02", "rule/selector", 0, "write `asset:th-app02`"),
        ("db", "rule/selector", 0, "write `jp/db`"),
        ("any", "rule/selector", 0, "write `*` for any address of any site"),
        ("World", "rule/selector", 0, "write `internet`"),
        ("10.0.0.0/8", "rule/refers-to-nothing", 0, "registered prefix; write jp/*, th/*, us/*"),
        ("172.16.0.0/16", "rule/refers-to-nothing", 0, "register its prefix in sites.yaml"),
        ("acq:10.40.0.0/24", "rule/refers-to-nothing", 4, "write 10.40.0.0/24 without a realm"),
        ("acp:10.1.0.0/24", "rule/unknown-realm", 0, "did you mean `acq`?"),
        ("10.1.0.1/16", "", 0, "10.1.0.0/16"),
        ("10.1.0.0/33", "", 0, ""),
        ("10.1.0.1-10.1.0.9", "", 0, ""),
        ("10.1.*.*", "", 0, ""),
    ],
)  # fmt: skip
def test_what_selects_nothing_says_what_to_write(
    world: Inventory, text: str, code: str, offset: int, mend: str
) -> None:
    found = read_selector(Word(text, 7), world)
    assert isinstance(found, Slip), found
    assert (found.code[: len(code)], found.offset) == (code, 7 + offset)
    assert mend in found.mend
    assert found.mend


def test_which_sites_a_selector_touches(world: Inventory) -> None:
    def sites(text: str) -> list[str]:
        found = read_selector(Word(text, 0), world)
        assert not isinstance(found, Slip)
        return [site for site in world.sites if touches(found, site, world)]

    assert sites("*") == ["jp", "th", "us", "lab"]
    assert sites("jp/edi") == sites("jp/*") == sites("10.1.9.0/24") == ["jp"]
    assert sites("asset:th-app02") == ["th"]
    assert sites("acq:10.1.9.0/24") == ["lab"]
    assert sites("zone:cloud") == sites("internet") == []
