from __future__ import annotations

import pytest

from sekisho.app.settings.forwarding import place
from sekisho.app.settings.loading import parse
from sekisho.errors import FileProblems

TEXT = """
[collect.forward]
url = "https://sekisho.example.org:7443/"
keep_days = 7

[collect.centre.collectors.th-plant]
certificates = ["th-plant", "sha256:{digits}"]
sites = ["th-plant", "th-depot"]
"""


def test_what_a_site_and_the_centre_say() -> None:
    loaded = parse(TEXT.format(digits="AB:" * 31 + "AB"), "sekisho.toml", {})
    collect = loaded.settings.collect
    assert collect.forward.url == "https://sekisho.example.org:7443"
    assert collect.centre.collectors["th-plant"].sites == ("th-plant", "th-depot")
    shown = {row.key.label: (row.value, row.origin) for row in loaded.show()}
    assert shown["collect.forward.keep_days"] == (7, "sekisho.toml:4")
    assert shown["collect.forward.limit"] == ("50GiB", "default")
    assert list(shown["collect.centre.collectors"][0]) == ["th-plant"]


def test_the_environment_reaches_into_tables_of_tables() -> None:
    given = {"SEKISHO_COLLECT_FORWARD_KEEP_DAYS": "3", "SEKISHO_COLLECT_CENTRE_LISTEN": "[::]:1"}
    collect = parse(TEXT.format(digits="ab" * 32), "sekisho.toml", given).settings.collect
    assert (collect.forward.keep_days, place(collect.centre.listen)) == (3, ("::", 1))
    assert collect.forward.url is not None
    with pytest.raises(FileProblems, match="SEKISHO_COLLECT_FORWARD_URL"):
        parse("", "sekisho.toml", {"SEKISHO_COLLECT_FORWARD_URLL": "x"})


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[collect.forward]\nurl = "http://x"\n', 2, "https"),
        ('[collect.forward]\nurl = "https://u:p@x"\n', 2, "https"),
        ("[collect.forward]\nkeep_days = 0\n", 2, "keep_days"),
        ("[collect.forward]\nkepe_days = 1\n", 2, "keep_days"),
        ('[collect.centre]\nlisten = "x:1"\n', 2, "ADDRESS:PORT"),
        ('[collect.centre.collectors."../x"]\ncertificates = ["a"]\n', 1, "pattern"),
        ("[collect.centre.collectors.a]\ncertificates = []\n", 2, "at least 1"),
        ('[collect.centre.collectors.a]\ncertificates = ["*.x"]\n', 2, "DNS name"),
        ("[collect.centre.collectors.a]\n", 1, "certificates|required"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, line: int, said: str) -> None:
    with pytest.raises(FileProblems, match=said) as error:
        parse(text, "sekisho.toml", {})
    assert {problem.line for problem in error.value.problems} == {line}
