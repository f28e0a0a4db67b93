"""Figures of automation as short sentences."""

from __future__ import annotations

from datetime import datetime

from sekisho.model.verdicts import OnsetKind

_BANDS = {0.0: "none", 0.2: "low", 0.4: "medium", 0.6: "high", 0.8: "the most"}


def span(seconds: float) -> str:
    """`45 s`, `5 min`, `1 h 30 min`, `2 d 3 h`."""
    whole = round(seconds)
    for unit, size, small, part in (
        ("d", 86_400, "h", 3_600),
        ("h", 3_600, "min", 60),
        ("min", 60, "s", 1),
    ):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"


def beacon_text(
    contacts: int,
    interval: float,
    parts: tuple[float, float, float, float],
    score: float,
    band: float,
    when: str,
) -> str:
    """`parts`: gaps, sizes, duration, histogram."""
    gaps, sizes, lasting, flat = (f"{part:.2f}" for part in parts)
    return (
        f"beacon score {score:.2f} ({_BANDS[band]}) {when}: {contacts:,} contacts, every {span(interval)}"
        f" (median), gaps alike {gaps}, sizes alike {sizes}, without a break {lasting}, evenly spread {flat}"
    )


def long_text(seconds: float, longest: float, day: datetime) -> str:
    """How long it was open."""
    return f"open for {span(seconds)} in all on {day:%Y-%m-%d} UTC; the longest session lasted {span(longest)}"


def strobe_text(contacts: int, day: datetime) -> str:
    """Once a second and more."""
    return f"{contacts:,} contacts on {day:%Y-%m-%d} UTC: one a second and more"


def prevalence_text(hosts: int, of: int, peer: str) -> str:
    """Of all the company's hosts, how many."""
    share = hosts / of if of else 0.0
    figure = f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"
    verb = "talks" if hosts == 1 else "talk"
    return f"{hosts:,} of the company's {of:,} hosts that were seen {verb} with {peer} ({figure})"


def first_seen_text(at: datetime, kind: OnsetKind) -> str:
    """When two hosts met."""
    if kind == "observed":
        return f"these two hosts were never seen together before {at:%Y-%m-%d %H:%M} UTC"
    return f"these two hosts were together on or before {at:%Y-%m-%d %H:%M} UTC, when evidence starts"
