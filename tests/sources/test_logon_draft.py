"""Logons in the making."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sekisho.model.logons import SOURCE_LOGONS, LogonKind
from sekisho.sources.logon_draft import LogonDraft, joined


def draft(count: int) -> LogonDraft:
    made = LogonDraft(np.arange(1, count + 1, dtype=np.int64))
    made.times(np.full(count, 5, dtype=np.int64), np.zeros(count, dtype=np.bool_))
    made.text("host", pa.array(["h"] * count))
    made.kind(LogonKind.LOGON)
    return made


def test_rows_without_a_kind_give_nothing_and_bad_ones_have_their_reason() -> None:
    made = draft(4)
    made.kind(pa.array(["logon", None, "ntlm", "logon"]))
    made.text("host", pa.array(["a", "b", "", "d"]))
    made.address("src", pa.array([None, None, None, "nonsense"]), "IpAddress", needed=False)
    found = made.finished()
    assert found.logons.schema.equals(SOURCE_LOGONS)
    assert found.logons["row"].to_pylist() == [1]
    assert found.failed == [(2, "the host is missing"), (3, "IpAddress is no address")]
    assert (found.ignored, found.places.tolist()) == (1, [0])


def test_text_is_cut_at_a_whole_character() -> None:
    made = draft(1)
    made.text("account", pa.array(["\u3042" * 1000]))
    made.text("detail", pa.array(["x" * 5000]))
    (row,) = made.finished().logons.to_pylist()
    assert row["account"] == "\u3042" * 85
    assert len(row["detail"]) == 1024


def test_uids_are_one_a_record() -> None:
    made = draft(3)
    made.uids(pa.array(["C1", None, ""]))
    assert made.finished().logons["uid"].to_pylist() == ["C1", None, ""]
    made = draft(3)
    made.uids(pa.array([["C1", "C2"], [], None], pa.list_(pa.string())))
    assert made.finished().logons["uid"].to_pylist() == ["C1", None, None]


def test_a_domain_stands_before_a_name_where_there_are_both() -> None:
    both = joined(pa.array(["D", None, "D"]), pa.array(["n", "n", None]))
    assert both.to_pylist() == ["D\\n", "n", None]
