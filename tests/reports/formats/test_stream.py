from __future__ import annotations

import io
import json

from rich.console import Console

from sekisho.reports.formats.stream import encodable, json_text, stream_of, xml_text


def test_a_console_gives_its_stream() -> None:
    stream = io.StringIO()
    assert stream_of(Console(file=stream)) is stream
    assert stream_of(stream) is stream


def test_writing_cannot_fail_for_an_encoding() -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    assert encodable("工é", narrow) == "\\u5de5é"
    assert encodable("工é", io.StringIO()) == "工é"
    assert json.loads(json_text('"工😀\x85"', narrow)) == "工😀\x85"
    assert json_text('"工😀"', narrow).isascii()
    assert json_text('"工"', io.StringIO()) == '"工"'


def test_xml_becomes_references_where_a_stream_is_narrow() -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    assert xml_text("<a>工é</a>", narrow) == "<a>&#24037;&#233;</a>", "the file says that it is UTF-8"
    assert xml_text("<a>工</a>", io.StringIO()) == "<a>工</a>"
