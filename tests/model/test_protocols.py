from __future__ import annotations

import pytest

from sekisho.model.protocols import NAMES, name, number


@pytest.mark.parametrize("protocol", range(256))
def test_a_number_survives_its_name(protocol: int) -> None:
    assert number(name(protocol)) == protocol


def test_names_are_read_in_any_case_and_by_their_other_spellings() -> None:
    assert number(" TCP ") == 6
    assert number("IPv6-ICMP") == number("icmp6") == 58
    assert len(set(NAMES.values())) == len(NAMES)


@pytest.mark.parametrize("text", ["256", "-1", "", "tcpp"])
def test_what_is_no_protocol_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        number(text)
