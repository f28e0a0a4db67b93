from __future__ import annotations

import pytest

from sekisho.inventory.texts import decode


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_editors_write_is_read(encoding: str) -> None:
    assert decode("a.csv", "工場\r\n".encode(encoding), 100) == ("工場\r\n", ())


def test_other_bytes_are_located() -> None:
    text, (problem,) = decode("a.csv", b"good\nbad \xff", 100)
    assert text is None
    assert (problem.file, problem.line, problem.column, problem.code) == (
        "a.csv",
        2,
        5,
        "file/encoding",
    )


def test_what_is_too_large_is_not_read() -> None:
    text, (problem,) = decode("a.csv", b"x" * 101, 100)
    assert text is None
    assert problem.code == "file/size"
