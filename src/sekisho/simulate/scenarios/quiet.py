"""Nobody attacks: only benign life, with the innocent connections that an audit finds all the same."""

from __future__ import annotations

from sekisho.simulate.attack import Script


def play(script: Script) -> None:
    """Nothing."""
    script.facts |= {"entry": None, "onset": None, "notes": "No attack. Every finding is innocent."}
