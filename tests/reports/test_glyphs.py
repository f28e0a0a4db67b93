from __future__ import annotations

from dataclasses import astuple

from sekisho.reports.glyphs import ASCII, UNICODE


def test_the_plain_set_is_ascii_and_both_tell_states_apart() -> None:
    assert all(sign.isascii() for sign in astuple(ASCII))
    for signs in (ASCII, UNICODE):
        states = (signs.seen, signs.quiet, signs.no_data, signs.partly)
        assert len(set(states)) == 4
        assert {len(sign) for sign in states} == {1}
