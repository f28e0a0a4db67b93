"""Since when nobody could have seen a connection, where its first record comes soon after such a time."""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.audit.coverage import Coverage
from sekisho.audit.onset import FRESH
from sekisho.audit.sight import Sight
from sekisho.audit.stretches import instant
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.moments import micros, moment


@dataclass(frozen=True, slots=True)
class Unwatched:
    """Asks coverage about connections of a fabric, as an onset does: what is first recorded within a day
    after a gap may have begun in it."""

    fabric: Fabric
    sight: Sight
    coverage: Coverage

    def since(self, row: int) -> int | None:
        """When the gap before the first record of a connection began (microseconds UTC); None where there is
        none, or where evidence only starts with it: then nothing says how long before it may have begun."""
        sites = [self.fabric.site(end) for end in self.fabric.ends(row)]
        able = self.sight.able(sites[0], sites[1], outside=None in sites)
        first = moment(int(self.fabric.first[row]))
        watched = self.coverage.since(able, first)
        if watched is None or first - watched > FRESH:
            return None
        ends = [instant(end) for _, end in self.coverage.covered(able)]
        return max((micros(end) for end in ends if end <= watched), default=None)
