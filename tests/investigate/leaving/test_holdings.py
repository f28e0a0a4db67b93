from __future__ import annotations

from sekisho.investigate.leaving.holdings import holdings
from sekisho.model.addresses import parse_address
from sekisho.model.incidents import Holdings
from sekisho.model.sites import Asset


def test_nothing_said_is_nothing_told() -> None:
    plain = Asset(parse_address("10.1.0.1"), "a", "jp")
    assert holdings(None) is None
    assert holdings(plain) is None
    said = Asset(parse_address("10.1.0.1"), "a", "jp", data=("drawings",), people=0)
    assert holdings(said) == Holdings(data=("drawings",), people=0)
