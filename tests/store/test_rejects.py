from __future__ import annotations

from collections.abc import Callable

from sekisho.store.lake import Lake

T0 = 1_590_969_600


def test_where_they_stood_and_why(
    lake_of: Callable[..., Lake], zeek_conn: Callable[..., str], zeek_header: str
) -> None:
    good = zeek_conn(T0 + 1.5, "C1", "10.1.0.1", 1, "10.2.0.1", 22)
    evil = "\x1b]0;evil\x07" + "y" * 5000
    lake = lake_of({"edge": good + evil + "\n" + good.replace("C1", "C2")})
    (row,) = lake.rejects().to_pylist()
    assert row["row"] == len(zeek_header.splitlines()) + 2
    assert row["sensor"] == "edge"
    assert row["path"].endswith("conn.log")
    assert row["reason"]
    assert len(row["text"]) <= 512
    assert row["text"].startswith(b"\x1b]0;evil"), "kept as it stood; showing it is another matter"
    assert lake.stats().flows == 2
    assert lake.rejects(limit=0).num_rows == 0
