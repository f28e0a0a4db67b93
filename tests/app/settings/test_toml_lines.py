from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sekisho.app.settings.toml_lines import places

TEXT = '''# name = "no"
name = "a"  # [not]
[store]
  threads = 1
"quoted" . 'key' = [
  "]", # x = 1
  { y = 2 },
]

[[list]]
text = """
[fake]
z = 1 \\"""
"""
raw = \'\'\'
w = 2\'\'\'
inline = { a = { b = 1 } }
a.b = 3
'''


def test_where_keys_and_tables_stand() -> None:
    tomllib.loads(TEXT)
    assert places(TEXT) == {
        ("name",): (2, 1),
        ("store",): (3, 2),
        ("store", "threads"): (4, 3),
        ("store", "quoted"): (5, 1),
        ("store", "quoted", "key"): (5, 1),
        ("list",): (10, 3),
        ("list", "text"): (11, 1),
        ("list", "raw"): (15, 1),
        ("list", "inline"): (17, 1),
        ("list", "a"): (18, 1),
        ("list", "a", "b"): (18, 1),
    }


def test_windows_line_ends_and_no_last_one() -> None:
    assert places("a = 1\r\n[b]\r\nc = 2") == {("a",): (1, 1), ("b",): (2, 2), ("b", "c"): (3, 1)}
    assert places("") == {}


VALUES = st.sampled_from(
    [
        "1",
        '"x = [ { # "',
        "'''\nk9 = 1\n[k8]\n'''",
        '"""\n\\"""\nk9=1"""',
        "[\n1,\n[2], # ]\n]",
        "{ k9 = 1 }",
    ]
)


@given(st.lists(st.tuples(st.sampled_from(["", "# k9 = 1\n", "[t{n}]\n"]), VALUES), max_size=8))
def test_every_key_that_the_parser_finds_is_placed_on_its_line(parts: list[tuple[str, str]]) -> None:
    text = "".join(f"{head.format(n=n)}k{n} = {value}\n" for n, (head, value) in enumerate(parts))
    found = places(text)
    lines = text.splitlines()

    def names(table: dict[str, Any], above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        below = {k: v for k, v in table.items() if k.startswith("t")}
        own = {(*above, key) for key in table}
        return own.union(*(names(inner, (*above, key)) for key, inner in below.items()))

    assert set(found) == names(tomllib.loads(text))
    for path, (line, column) in found.items():
        assert lines[line - 1][column - 1 :].startswith(path[-1])
