from __future__ import annotations

import pytest

from sekisho.app.settings.document import Settings, who
from sekisho.app.settings.loading import parse
from sekisho.errors import FileProblems


def test_who_acts() -> None:
    settings = Settings(user="mika")
    assert who(settings, {"SEKISHO_USER": "ken"}) == "ken"
    assert who(settings, {"SEKISHO_USER": ""}) == "mika"
    assert who(Settings(), {})


def test_an_engine_has_options_of_its_own_and_no_login_in_its_url() -> None:
    text = (
        '[engine]\nkind = "spark"\noptions = {"spark.executor.memory" = "4g", plain = 2, on = true}\n'
    )
    loaded = parse(text, "sekisho.toml", {"SEKISHO_ENGINE_URL": "sc://h:1/;token=x"}).settings.engine
    assert loaded.options == {"spark.executor.memory": "4g", "plain": 2, "on": True}
    assert "token" not in repr(loaded)
    options = {"SEKISHO_ENGINE_OPTIONS": "a.b = c, d=1"}
    assert parse("", "sekisho.toml", options).settings.engine.options == {"a.b": "c", "d": "1"}
    for wrong, said in {
        'url = "sc://h:1/;token=x"': "is a secret",
        'url = "https://a:b@h"': "is a secret",
        'kind = "sprk"': "engine.kind",
        'options = {"a b" = 1}': "engine.options",
    }.items():
        with pytest.raises(FileProblems, match=said):
            parse(f"[engine]\n{wrong}\n", "sekisho.toml", {})
    with pytest.raises(FileProblems, match="NAME=VALUE"):
        parse("", "sekisho.toml", {"SEKISHO_ENGINE_OPTIONS": "a"})
