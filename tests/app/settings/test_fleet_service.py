from __future__ import annotations

import pytest

from sekisho.app.settings.loading import parse
from sekisho.errors import FileProblems


def test_it_listens_where_it_is_told_and_has_bounds_unless_told_otherwise() -> None:
    found = parse("", "sekisho.toml", {}).settings.fleet.service
    assert (found.listen, found.certificate, found.workers) == ("0.0.0.0:8443", None, 1)
    assert (found.largest, found.enrol_rate) == (16 << 20, 50)
    text = '[fleet.service]\nlisten = "[::]:443"\nlargest = "1MiB"\nmetrics = "127.0.0.1:9478"\n'
    found = parse(text, "sekisho.toml", {}).settings.fleet.service
    assert (found.listen, found.largest, found.metrics) == ("[::]:443", 1 << 20, "127.0.0.1:9478")


@pytest.mark.parametrize("line", ['listen = "8443"', 'metrics = "x"', "workers = 0", "node_rate = 0"])
def test_what_cannot_be_is_told_with_its_line(line: str) -> None:
    with pytest.raises(FileProblems) as wrong:
        parse(f"[fleet.service]\n{line}\n", "sekisho.toml", {})
    assert [p.line for p in wrong.value.problems] == [2]
