from __future__ import annotations

from collections.abc import Callable

from sekisho.store.lake import Lake

T0 = 1_590_969_600


def test_what_a_killed_run_left_is_removed(
    lake_of: Callable[..., Lake], zeek_conn: Callable[..., str]
) -> None:
    lake = lake_of({"edge": zeek_conn(T0 + 1.5, "C1", "10.1.0.1", 1, "10.2.0.1", 22)})
    segment = next(lake.layout.flows.rglob("*.parquet"))
    orphan = segment.with_name("0123456789ab-s-0.parquet")
    orphan.write_bytes(segment.read_bytes())
    left = lake.layout.staging / "write-0123456789ab"
    left.mkdir()
    (left / "x.parquet").write_bytes(b"half")
    stranger = segment.parent / "somebody-elses-file.txt"
    stranger.write_text("keep")
    with lake.writer():
        pass
    assert not orphan.exists()
    assert not left.exists()
    assert stranger.exists(), "only our own names are removed"
    assert segment.exists()
