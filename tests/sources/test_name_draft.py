"""Columns becoming names: what is refused, what is bounded, what belongs to which connection."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sekisho.model.names import NameKind
from sekisho.sources.name_draft import MOST_UIDS, MOST_VALUES, UID_LIMIT, NameDraft

LISTS = pa.list_(pa.string())


def draft(count: int) -> NameDraft:
    made = NameDraft(np.arange(10, 10 + count, dtype=np.int64))
    made.times(np.arange(count, dtype=np.int64), np.zeros(count, dtype=np.bool_))
    return made


def values(made: NameDraft) -> list[tuple[int, str | None, str]]:
    return [(n["row"], n["uid"], n["value"]) for n in made.finish().names.to_pylist()]


def test_values_come_in_the_order_of_rows_and_rows_without_one_are_ignored() -> None:
    made = draft(4)
    made.value(NameKind.DNS_QUERY, pa.array(["B.Example", None, "", "c"]))
    made.values(NameKind.DNS_ANSWER, pa.array([["1.2.3.4", None, ""], None, [], ["x"]], LISTS))
    found = made.finish()
    assert [(n["row"], n["kind"], n["value"]) for n in found.names.to_pylist()] == [
        (10, "dns_query", "b.example"),
        (10, "dns_answer", "1.2.3.4"),
        (13, "dns_query", "c"),
        (13, "dns_answer", "x"),
    ]
    assert (found.ignored, found.failed) == (2, [])
    assert found.places.tolist() == [0, 0, 3, 3]


def test_a_row_fails_with_the_first_reason_and_gives_nothing() -> None:
    made = draft(3)
    made.times(np.array([1, 2, 1 << 62]), np.array([False, True, False]))
    made.address("src", pa.array(["10.0.0.1", "nonsense", "10.0.0.1"]), "its src")
    made.value(NameKind.SNI, pa.array(["a", "b", "c"]))
    found = made.finish()
    assert [reason for _, reason in found.failed] == [
        "the time is missing or no time",
        "the time is outside the years 1 to 9999",
    ]
    assert found.names["value"].to_pylist() == ["a"]


def test_ends_may_be_unknown_where_a_source_need_not_say() -> None:
    made = draft(3)
    made.address("src", pa.array([None, "10.0.0.1", "::ffff:10.0.0.1"]), "src", needed=False)
    made.address("dst", pa.array(["10.0.0.1", None, "x"]), "dst", needed=False)
    made.port(pa.array([443, None, 70_000], pa.int64()), "port")
    made.value(NameKind.SNI, pa.array(["a", "b", "c"]))
    found = made.finish()
    assert [reason for _, reason in found.failed] == ["dst is no address"]
    assert found.names["src_hi"].is_null().to_pylist() == [True, False]
    assert found.names["dst_port"].to_pylist() == [443, None]


def test_a_record_of_several_connections_gives_its_names_for_each() -> None:
    made = draft(4)
    many = [f"C{n}" for n in range(50)]
    made.uids(pa.array([["C1", "C2"], [], None, many], LISTS))
    made.value(NameKind.MD5, pa.array(["a", "b", "c", "d"]))
    found = values(made)
    assert found[:4] == [(10, "C1", "a"), (10, "C2", "a"), (11, None, "b"), (12, None, "c")]
    assert found[4:] == [(13, uid, "d") for uid in many[:MOST_UIDS]]
    assert "left out" in made.finish().notes[0]


def test_a_uid_without_end_is_refused() -> None:
    made = draft(2)
    made.uids(pa.array(["C" * (UID_LIMIT + 1), "C1"]))
    made.value(NameKind.MD5, pa.array(["a", "b"]))
    assert values(made) == [(11, "C1", "b")]
    assert made.finish().failed == [(0, f"a uid is longer than {UID_LIMIT} bytes")]


def test_a_record_with_answers_without_end_is_cut_and_says_so() -> None:
    made = draft(2)
    made.values(NameKind.DNS_ANSWER, pa.array([[str(n) for n in range(5_000)], ["x"]], LISTS))
    found = made.finish()
    assert found.names.num_rows == MOST_VALUES + 1
    assert "left out" in found.notes[0]
    few = draft(1)
    few.values(NameKind.DNS_ANSWER, pa.array([["x"]], LISTS))
    assert few.finish().notes == ()


def test_nothing_is_no_names() -> None:
    assert draft(0).finish().names.num_rows == 0
    made = draft(2)
    assert (made.finish().names.num_rows, made.finish().ignored) == (0, 2)


Cells = st.lists(
    st.tuples(
        st.none() | st.text(max_size=5),
        st.none() | st.lists(st.none() | st.text(max_size=3), max_size=4),
        st.none() | st.lists(st.text(max_size=3), max_size=3),
    ),
    max_size=8,
)


@given(Cells)
def test_columns_give_what_rows_give_one_by_one(rows: list[Any]) -> None:
    made = draft(len(rows))
    made.uids(pa.array([uids for _, _, uids in rows], LISTS))
    made.value(NameKind.USER_AGENT, pa.array([one for one, _, _ in rows], pa.string()))
    made.values(NameKind.DNS_ANSWER, pa.array([several for _, several, _ in rows], LISTS))
    expected = []
    for number, (one, several, uids) in enumerate(rows, 10):
        kept = [one] if one else []
        kept += [v.lower().removesuffix(".") for v in several or () if v and v.lower() != "."]
        expected += [(number, uid, value) for value in kept for uid in uids or [None] if value]
    assert values(made) == expected
