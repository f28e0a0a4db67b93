from __future__ import annotations

import pyarrow as pa

from sekisho.watch.keeping import pack, unpack


def test_what_is_kept_comes_back_and_another_version_does_not() -> None:
    one, two = pa.table({"a": [1, 2]}), pa.table({"b": ["x"]}).slice(0, 0)
    kept = pack("1", {"day": "7"}, one=one, two=two)
    found = unpack("1", kept, "one", "two")
    assert found is not None
    assert (found.facts, found.tables) == ({"day": "7"}, {"one": one, "two": two})
    assert unpack("2", kept, "one", "two") is None
    assert unpack("1", kept, "one") is None
    assert unpack("1", b"", "one", "two") is None
