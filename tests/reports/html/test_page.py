from __future__ import annotations

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from sekisho.reports.html.page import asset, environment


def test_every_template_escapes_and_shows_what_hides() -> None:
    template = environment().from_string('<p title="{{ a }}">{{ a }}{{ b }}</p>')
    assert template.render(a='"<\u202e\n', b=Markup("<b>")) == (
        '<p title="&#34;&lt;\\u202e\n">&#34;&lt;\\u202e\n<b></p>'
    )


def test_a_forgotten_value_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ missing }}").render()


@pytest.mark.parametrize("name", ["report.css", "audit.js", "early.js"])
def test_assets_cannot_end_their_own_element(name: str) -> None:
    text = asset(name)
    assert text
    assert "</" not in text
    assert "<!--" not in text
    assert "innerHTML" not in text
    assert "insertAdjacentHTML" not in text
