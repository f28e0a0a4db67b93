from __future__ import annotations

import re

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


@pytest.mark.parametrize("name", ["report.css", "dossier.css", "audit.js", "early.js"])
def test_assets_cannot_end_their_own_element(name: str) -> None:
    text = asset(name)
    assert text
    assert "</" not in text
    assert "<!--" not in text
    assert "innerHTML" not in text
    assert "insertAdjacentHTML" not in text


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground(theme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", asset("report.css"), re.DOTALL)
    palette = colours(blocks[0]) | (colours(blocks[1]) if theme == "dark" else {})
    pairs = [
        (ink, ground) for ink in ("ink", "soft", "accent") for ground in ("ground", "panel", "faint")
    ]
    pairs += [(ink, "panel") for ink in ("critical", "high", "medium", "low", "info", "clear")]
    pairs += [(name, f"{name}-tint") for name in ("critical", "high", "medium", "low", "info")]
    pairs += [("heat-ink", "heat-critical"), ("heat-ink", "heat-high"), ("medium", "hatch-ground")]
    pairs += [("heat-dark-ink", f"heat-{name}") for name in ("medium", "low", "info")]
    weak = {}
    for ink, ground in pairs:
        light, dark = sorted((luminance(palette[ink]), luminance(palette[ground])), reverse=True)
        ratio = (light + 0.05) / (dark + 0.05)
        if ratio < 4.5:
            weak[ink, ground] = round(ratio, 2)
    assert weak == {}


def test_hidden_words_widen_no_page() -> None:
    """They are placed absolutely: a box that scrolls must be what they are placed in."""
    css = asset("report.css")
    assert re.search(r"\.unseen-text \{[^}]*position: absolute", css)
    assert re.search(r"\.scroll \{[^}]*position: relative", css)
