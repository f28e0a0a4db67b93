from __future__ import annotations

from typing import Any

from tests.contain.conftest import ground_of

from sekisho.model.addresses import parse_address
from sekisho.model.restrictions import Restriction
from sekisho.restore.reopening import reopening

GROUND = ground_of()
LINK = Restriction(("link:th <-> us",))


def row(work: Any, src: str, dst: str) -> dict[str, Any]:
    atlas = work.proposal.atlas
    ends = (atlas.class_of("", parse_address(one)) for one in (src, dst))
    return dict(zip(("src_class", "dst_class"), ends, strict=True)) | {"protocol": 6, "port": 22}


def test_what_is_cut_afterwards_is_not_reopened() -> None:
    work = reopening("P-1", Restriction(("site:th",)), LINK, GROUND)
    rows = [row(work, "10.40.9.7", "10.1.9.9"), row(work, "10.40.9.7", "10.60.1.1")]
    assert all(work.before.cut(*one.values()) for one in rows)
    assert list(work.reopened(rows)) == rows[:1]


def test_what_another_plan_holds_is_not_reopened() -> None:
    from dataclasses import replace

    on = replace(GROUND, in_force={"P-9": LINK})
    work = reopening("P-1", Restriction(("site:th",)), None, on)
    rows = [row(work, "10.40.9.7", "10.1.9.9"), row(work, "10.40.9.7", "10.60.1.1")]
    assert list(work.reopened(rows)) == rows[:1]
    assert list(reopening("P-1", LINK, None, GROUND).reopened(rows)) == rows
