from __future__ import annotations

from collections.abc import Callable

from sekisho.store.lake import Lake

T0 = 1_590_969_600


def test_gone_of_another_size_of_another_content(
    lake_of: Callable[..., Lake], zeek_conn: Callable[..., str]
) -> None:
    lines = [
        zeek_conn(T0 + day * 86_400 + 1.5, f"C{day}", "10.1.0.1", 1, "10.2.0.1", 22) for day in range(4)
    ]
    lake = lake_of({"edge": "".join(lines)})
    assert lake.verify() == []
    segments = sorted(lake.layout.flows.rglob("*.parquet"))
    segments[0].unlink()
    segments[1].write_bytes(segments[1].read_bytes()[:-1])
    data = bytearray(segments[2].read_bytes())
    data[40] ^= 1
    segments[2].write_bytes(data)
    assert len(lake.damage()) == 2, "sizes tell without reading"
    reasons = [one.reason for one in lake.verify()]
    assert reasons[0] == "missing"
    assert "bytes instead of" in reasons[1]
    assert len(reasons) == 3
    assert lake.stats().flows == 1, "what is left answers"
    assert lake.stats().lost == 3
