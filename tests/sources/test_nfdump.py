"""nfdump's header line; what its columns mean is tested with the readers of its CSV and its files."""

from __future__ import annotations

import pytest

from sekisho.sources.nfdump import is_header


@pytest.mark.parametrize(
    "line", [b"ts,te,td,sa,da,sp,dp,pr,flg", b"firstSeen,duration,proto,srcAddr,srcPort,dstAddr\r"]
)
def test_a_header_has_the_columns_that_are_needed(line: bytes) -> None:
    assert is_header(line)


@pytest.mark.parametrize("line", [b"", b"ts,te,td", b"Summary", b"sa,da,ts,pr", b"tsx,sa,da,pr"])
def test_other_lines_are_none(line: bytes) -> None:
    assert not is_header(line)
