"""The bytes of a file that a person wrote, as text."""

from __future__ import annotations

from sekisho.errors import Problem


def decode(file: str, content: bytes, limit: int) -> tuple[str | None, tuple[Problem, ...]]:
    """Decode UTF-8 with or without a byte order mark; UTF-16 with one. At most `limit` bytes.

    Text is None where the file cannot be used; line ends stay as they are.
    """
    if len(content) > limit:
        return None, (
            Problem(
                file,
                0,
                0,
                "file/size",
                f"{len(content):,} bytes; at most {limit:,} are read",
                "split the file, or check whether it is the right one",
            ),
        )
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding), ()
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        return None, (
            Problem(
                file,
                line,
                column,
                "file/encoding",
                "not UTF-8 text from here on",
                "save the file as UTF-8 (spreadsheets call it “CSV UTF-8”)",
            ),
        )
