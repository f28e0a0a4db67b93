"""The few signs that tables draw with, and what stands for them without UTF-8."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """`seen`, `quiet`, `no_data` and `partly` (some of it without data) fill a coverage strip."""

    arrow: str
    more: str
    before: str
    seen: str
    quiet: str
    no_data: str
    partly: str


UNICODE = Glyphs(arrow="→", more="…", before="≤", seen="█", quiet="·", no_data="╳", partly="▒")
ASCII = Glyphs(arrow="->", more="...", before="<=", seen="#", quiet=".", no_data="x", partly="%")
