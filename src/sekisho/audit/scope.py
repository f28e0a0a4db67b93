"""What of the company an audit is about: everything, some sites, or the link between two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.errors import RequestError
from sekisho.model.sites import Sensor


@dataclass(frozen=True, slots=True)
class Scope:
    """`sites`: at least one end in one of them; `pair`: the ends in one of the two each, either way."""

    sites: frozenset[str] | None = None
    pair: frozenset[str] | None = None

    def holds(self, src: str | None, dst: str | None) -> bool:
        """Whether a connection between two sites (None: in no site) is part of the audit."""
        if self.sites is not None and not self.sites & {src, dst}:
            return False
        return self.pair is None or {src, dst} == self.pair

    def watches(self, sensor: Sensor) -> bool:
        """Whether a sensor could see what the audit is about: of a pair, those of its sites and those
        between sites."""
        return self.pair is None or sensor.site in self.pair or "transit" in sensor.sees

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self.sites is None and self.pair is None


def scope(known: Iterable[str], sites: Iterable[str] | None, pair: tuple[str, str] | None) -> Scope:
    """The scope of a request. Raises RequestError for a site that does not exist."""
    names = sorted(known)
    asked = list(dict.fromkeys([*(sites or ()), *(pair or ())]))
    for name in asked:
        if name not in names:
            raise RequestError(f"there is no site {name!r}", f"sites: {', '.join(names) or 'none'}")
    return Scope(
        frozenset(sites) if sites else None,
        frozenset(pair) if pair else None,
    )
