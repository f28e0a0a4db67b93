"""The frame of every page: one template room, autoescape always, a policy that lets nothing in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from sekisho.reports.text import printable

_ROOM = "sekisho.reports.html"


def asset(name: str) -> str:
    """The text of a file in the template room."""
    return (files(_ROOM) / "templates" / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """Templates of the package; whatever is not marked as ours is escaped, attributes included."""
    names = [item.name for item in (files(_ROOM) / "templates").iterdir() if item.name.endswith(".j2")]
    return Environment(
        loader=DictLoader({name: asset(name) for name in names}),
        autoescape=True,
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _visible(value: Any) -> Any:
    """Escaping keeps input from being markup; this keeps it from hiding or reversing text."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value, keep_newlines=True)
    return value


def render(
    template: str,
    *,
    style: str | tuple[str, ...],
    scripts: Mapping[str, str] | None = None,
    **values: Any,
) -> str:
    """One file. `style` names an asset, or several that follow each other, and `scripts` the assets by the
    template's names for them: they stand inline, and the page's policy lets in nothing else.
    """
    css = "".join(map(asset, (style,) if isinstance(style, str) else style))
    code = {name: asset(file) for name, file in (scripts or {}).items()}
    hashes = " ".join(f"'{_hash(text)}'" for text in code.values()) or "'none'"
    directives = [
        "default-src 'none'",
        f"style-src '{_hash(css)}'",
        f"script-src {hashes}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return (
        environment()
        .get_template(template)
        .render(
            css=Markup(css),  # noqa: S704 - our own file
            policy="; ".join(directives),
            **{name: Markup(text) for name, text in code.items()},  # noqa: S704 - our own files
            **values,
        )
    )


def _hash(text: str) -> str:
    """CSP Level 3, 6.7.2: the digest of exactly what stands between the tags."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
