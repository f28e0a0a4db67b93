"""What a campaign asks a terminal's osquery, by the names that stand on the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.fleet.checks.base import Check
from sekisho.fleet.checks.registry import CHECKS, reads, runs_on
from sekisho.fleet.platforms import EVERYWHERE, of_sql, of_words
from sekisho.model.terminals import Campaign

OWN = re.compile(r"[a-z][a-z0-9_]{0,59}")
"""What a person's own question may be called."""
MOST_OWN = 100
LONGEST_SQL = 16_384
_WIRE = re.compile(r"sekisho_([0-9]{1,18})_([tq]_[a-z0-9_]{1,100})")


@dataclass(frozen=True, slots=True)
class Questions:
    """`sql` is by name: `t_` and a table that checks read, `q_` and a question of one's own. `units` are what
    is settled as one: a check (`c_` and its name) with the questions that it needs, or one's own question.
    `platforms` are those that have its tables, by name; `elsewhere` are units that are not asked, with why."""

    sql: Mapping[str, str]
    units: Mapping[str, tuple[str, ...]]
    platforms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    _made: dict[str, Questions] = field(default_factory=dict, compare=False, repr=False)

    def of(self, only: Mapping[str, tuple[str, ...]], node: str) -> Questions:
        """Those of one terminal. `only` says by a question of one's own whom alone it is asked of."""
        if not only:
            return self
        units = {u: n for u, n in self.units.items() if node in only.get(u[2:], ())}
        return Questions({name: self.sql[name] for names in units.values() for name in names}, units)

    def on(self, platform: str) -> Questions:
        """Those that apply to a platform; all where it is not known. Of a check's tables those that it
        reads only where there are any are left out where they are not."""
        if not platform:
            return self
        if platform not in self._made:
            units, elsewhere = {}, {}
            for unit, names in self.units.items():
                fitting = tuple(n for n in names if platform in self.platforms.get(n, EVERYWHERE))
                if fitting and set(needed(unit, names)) <= set(fitting):
                    units[unit] = fitting
                else:
                    wanted = EVERYWHERE.intersection(
                        *(self.platforms.get(n, EVERYWHERE) for n in names)
                    )
                    elsewhere[unit] = f"it is {platform}, and this is asked of {_listed(wanted)}"
            sql = {name: self.sql[name] for names in units.values() for name in names}
            self._made[platform] = Questions(sql, units, self.platforms, elsewhere)
        return self._made[platform]


def needed(unit: str, names: tuple[str, ...]) -> list[str]:
    """Of a unit's questions those without which it is not answered."""
    return [name for name in names if unit[0] != "c" or name[2:] in CHECKS[unit[2:]].tables]


def _listed(platforms: frozenset[str]) -> str:
    return ", ".join(sorted(platforms)) or "no platform"


def questions(campaign: Campaign, checks: Mapping[str, Check] = CHECKS) -> Questions:
    """All that a campaign asks. A check that osquery has no question for waits for a collection."""
    sql: dict[str, str] = {}
    platforms: dict[str, frozenset[str]] = {}
    units: dict[str, tuple[str, ...]] = {}
    for name in campaign.checks:
        check = checks.get(name)
        if check is None or any(table not in check.queries for table in check.tables):
            continue
        tables = [table for table in reads(check) if table in check.queries]
        for table in tables:
            sql.setdefault(f"t_{table}", check.queries[table])
            platforms[f"t_{table}"] = runs_on(table, check.queries[table])
        if tables:
            units[f"c_{name}"] = tuple(f"t_{table}" for table in tables)
    for name, text in campaign.queries.items():
        sql[f"q_{name}"] = text
        units[f"q_{name}"] = (f"q_{name}",)
        said = campaign.platforms.get(name, "")
        platforms[f"q_{name}"] = of_words(said) if said else of_sql(text)
    return Questions(sql, units, platforms)


def wire(campaign: int, name: str) -> str:
    """A question's id on the wire."""
    return f"sekisho_{campaign}_{name}"


def unwired(text: str) -> tuple[int, str] | None:
    """The campaign and name of an id from the wire; None for what is none of ours."""
    # The length first: a terminal may send any key, and int() of a long one costs.
    found = _WIRE.fullmatch(text) if len(text) <= 140 else None
    return (int(found[1]), found[2]) if found else None
