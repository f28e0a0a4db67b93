import io
import json
from pathlib import Path

import pytest
from tests.watch.test_alerts import made

from sekisho.watch.base import NotDelivered
from sekisho.watch.sinks.jsonl import JsonLines


def test_each_alert_is_one_line_even_where_its_text_has_several() -> None:
    stream = io.BytesIO()
    sink = JsonLines(stream)
    for number in (1, 2):
        sink.deliver(sink.render(made(revision=number, text="two\nlines")))
    lines = stream.getvalue().splitlines()
    assert [json.loads(line)["revision"] for line in lines] == [1, 2]


def test_a_full_disk_is_told_so_that_the_message_waits() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        sink = JsonLines(full)
        payload = sink.render(made())
        with pytest.raises(NotDelivered, match="No space left"):
            sink.deliver(payload)


def test_rendering_the_same_alert_gives_the_same_bytes() -> None:
    sink = JsonLines(io.BytesIO())
    assert sink.render(made()) == sink.render(made())
