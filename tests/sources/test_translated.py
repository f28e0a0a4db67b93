from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sekisho.model.protocols import ICMP, TCP
from sekisho.model.translated import Ends
from sekisho.sources.base import ReadContext
from sekisho.sources.draft import Draft
from sekisho.sources.translated import Translations, of_draft

End = tuple[str | None, int]
OWN: End = ("10.0.0.1", 50_000)
THERE: End = ("10.9.0.1", 443)


def values(
    context: ReadContext, src: End, dst: End, seen_src: End, seen_dst: End, protocol: int = TCP
) -> list[str]:
    """The ends behind the protocol and before the time, of one connection."""
    draft = Draft(np.array([1], dtype=np.int64), context)
    none = np.zeros(1, dtype=np.bool_)
    draft.times(np.array([10**15]), none, np.array([10**15 + 1_500_000]))
    draft.protocol(np.array([protocol]), "")
    ends = [
        Ends(pa.array([address], pa.string()), np.array([port], dtype=np.int64))
        for address, port in (src, dst, seen_src, seen_dst)
    ]
    names, places = of_draft(draft, Translations(*ends))
    assert len(places) == names.num_rows
    found: list[str] = names["value"].to_pylist()
    assert all(value.endswith(" for 2 s") for value in found)
    return [value.split(" ", 1)[1].removesuffix(" for 2 s") for value in found]


@pytest.mark.parametrize(
    "nobody", [(None, -1), ("0.0.0.0", 0), ("::", -1), OWN], ids=["null", "v4", "v6", "same"]
)  # fmt: skip
def test_what_is_not_translated_gives_nothing(nobody: Any, context: ReadContext) -> None:
    assert values(context, OWN, THERE, nobody, (None, -1)) == []


def test_both_ends_translated_are_seen_differently_on_either_side(context: ReadContext) -> None:
    assert values(context, OWN, THERE, ("192.0.2.9", 1024), ("192.0.2.8", 80)) == [
        "10.0.0.1:50000 > 10.9.0.1:443 as 10.0.0.1:50000 > 192.0.2.8:80",
        "10.0.0.1:50000 > 10.9.0.1:443 as 192.0.2.9:1024 > 10.9.0.1:443",
    ]


def test_a_port_alone_is_a_translation_and_none_where_the_protocol_has_none(
    context: ReadContext,
) -> None:
    (found,) = values(context, OWN, THERE, (OWN[0], 1024), (None, -1))
    assert found.endswith("as 10.0.0.1:1024 > 10.9.0.1:443")
    assert values(context, OWN, THERE, (OWN[0], 1024), (None, -1), ICMP) == []
    (found,) = values(context, OWN, THERE, ("192.0.2.9", 1024), (None, -1), ICMP)
    assert found == "10.0.0.1:0 > 10.9.0.1:0 as 192.0.2.9:0 > 10.9.0.1:0"
