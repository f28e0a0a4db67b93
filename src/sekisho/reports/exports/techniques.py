"""Where MITRE describes a technique."""

from __future__ import annotations

SITE = "https://attack.mitre.org/techniques/"


def url_of(technique: str) -> str:
    """`https://attack.mitre.org/techniques/T1021/002` for `T1021.002`."""
    return SITE + technique.replace(".", "/")
