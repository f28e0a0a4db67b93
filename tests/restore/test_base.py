from __future__ import annotations

from tests.restore.conftest import Make


def test_which_sites_and_what_of_them(subject: Make) -> None:
    one = subject()
    assert one.sites == ("jp", "th")
    assert one.links == ("jp <-> th",)
    assert not one.outward("th")
    outside = subject(pairs=frozenset({frozenset({"jp", "internet"})}))
    assert outside.sites == ("jp",)
    assert outside.outward("jp")
    both = subject(pairs=frozenset({frozenset({"jp", "internet"}), frozenset({"jp", "th"})}))
    assert not both.outward("jp")
    alone = subject(pairs=frozenset({frozenset({"jp"})}))
    assert (alone.links, alone.outward("jp")) == (("jp <-> *",), False)
