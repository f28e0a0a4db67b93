from __future__ import annotations

from dataclasses import replace

import pytest
from tests.contain.backends.packets import plan

from sekisho.contain.backends.base import CannotExpress
from sekisho.contain.backends.lines import lines, said
from sekisho.contain.orders import Order
from sekisho.model.restrictions import Restriction


def order(*sever: str, **fields: object) -> Order:
    return plan("nftables", [Restriction(sever, **fields)])[1]  # type: ignore[arg-type]


def test_answers_stand_behind_all_that_begins() -> None:
    names = [one.name for one in lines(order("all", allow=("REMOTE", "DNS")), 4, "none")]
    kinds = [name.split("-")[0] for name in names]
    assert kinds == sorted(kinds, key=["keep", "answer", "begin", "other", "drop"].index)
    assert len(set(names)) == len(names)


def test_where_sessions_are_known_there_are_no_answers() -> None:
    found = lines(order("all", allow=("REMOTE",)), 4, "kept")
    assert {one.name.split("-")[0] for one in found} == {"keep", "drop"}


def test_a_family_without_addresses_has_no_lines() -> None:
    assert lines(order("host:10.60.0.9"), 6, "none") == []
    assert lines(order("host:10.60.0.9"), 4, "none")


def test_icmp_is_each_family_s_own() -> None:
    on = order("link:th <-> jp", allow=("EDI",))
    severed = on.held[0].severed
    icmp = replace(severed.kept[0], spans=((1 << 16, 1 << 16 | 65535), (58 << 16, 58 << 16 | 65535)))
    on = replace(on, held=(replace(on.held[0], severed=replace(severed, kept=(icmp,))),))
    for family, protocol in ((4, 1), (6, 58)):
        assert {one.protocol for one in lines(on, family, "none") if one.accept} == {protocol}
    many = replace(icmp, spans=((20 << 16, 200 << 16 | 65535),))
    on = replace(on, held=(replace(on.held[0], severed=replace(severed, kept=(many,))),))
    with pytest.raises(CannotExpress, match="keeps 181 protocols open"):
        lines(on, 4, "none")


def test_too_many_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sekisho.contain.backends.lines.MAX_LINES", 1)
    with pytest.raises(CannotExpress, match="the IPv4 list of th-gw would have 2 lines"):
        lines(order("link:th <-> jp"), 4, "none")


def test_comments_are_plain() -> None:
    assert said('P-1 link:th <-> jp */ "; rm -rf\n!') == "P-1 link:th to jp  /    rm -rf"
    assert len(said("a" * 500)) == 60
