from __future__ import annotations

import tomllib

from sekisho.app.settings.keys import keys, sections, starter


def test_every_key_is_described_and_stands_in_the_starter() -> None:
    text = starter()
    assert tomllib.loads(text) == {}
    for key in keys():
        assert key.description.endswith(".")
        assert f"# {key.name} = " in text
        assert key.variable.startswith("SEKISHO_")
    assert {key.section for key in keys()} - {""} == set(sections())
