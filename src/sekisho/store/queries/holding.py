"""Which events meet a batch of predicates: conditions on a value are tried once for each different value.

Where a field has few different values, each part of a predicate that asks for it alone is tried on these; what
holds of a value is a bit of a mask. Events are then told apart by their masks, and by the values of which there
are many, and each predicate is tried once for each difference. Reads `picked`; adds to `hits`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sekisho.model.predicates import Predicate, fields, of_one_field
from sekisho.store.queries.events import PLACE, Batch
from sekisho.store.queries.predicates import Columns, sql

BITS = 60
"""Of one mask, which is a signed number of 64 bits."""


@dataclass(slots=True)
class Plan:
    """How a batch is asked. `held` are parts of predicates by their field, in the order of their bits; `raw`
    the fields of which the value itself is asked for."""

    batch: Batch
    held: dict[str, list[Predicate]] = field(default_factory=dict)
    raw: list[str] = field(default_factory=list)
    known: dict[Predicate, str] = field(default_factory=dict)

    @classmethod
    def of(cls, batch: Batch, few: frozenset[str]) -> Plan:
        """A plan that looks up what asks for one of the fields with `few` values."""
        plan = cls(batch)
        raw: set[str] = set()
        for one in batch.asked:
            parts = [(name, part) for name, part in of_one_field(one.predicate) if name in few]
            for name, part in parts:
                plan._hold(name, part)
            raw |= _without(one.predicate, {part for _, part in parts})
        plan.raw = sorted(raw)
        return plan

    def _hold(self, name: str, part: Predicate) -> None:
        if part in self.known:
            return
        parts = self.held.setdefault(name, [])
        column = f"m{self.batch.fields[name]}_{len(parts) // BITS}"
        self.known[part] = f"(({column} & {1 << (len(parts) % BITS)}) <> 0)"
        parts.append(part)

    def masks(self, name: str) -> list[str]:
        """The columns of a field's masks."""
        count = -(-len(self.held[name]) // BITS)
        return [f"m{self.batch.fields[name]}_{at}" for at in range(count)]

    @property
    def told_apart_by(self) -> tuple[list[str], list[str]]:
        """Columns by which events differ: masks, which are never null, and values."""
        masks = [mask for name in self.held for mask in self.masks(name)]
        values = [f"f{self.batch.fields[name]}" for name in self.raw]
        return masks, [*values, *(["whole"] if self.batch.whole else [])]


def _without(predicate: Predicate, held: set[Predicate]) -> frozenset[str]:
    """The fields that are asked for outside of the parts that are held."""
    if predicate in held:
        return frozenset()
    found: set[str] = set()
    below = getattr(predicate, "parts", None) or (
        (predicate.part,) if hasattr(predicate, "part") else ()
    )
    if not below:
        return fields(predicate)[0]
    for part in below:
        found |= _without(part, held)
    return frozenset(found)


def counted(batch: Batch) -> str:
    """How many events there are, and about how many different values of each field (c0, c1 …)."""
    each = "".join(f", approx_count_distinct(f{at}) AS c{at}" for at in batch.fields.values())
    return f"SELECT count(*) AS events{each} FROM picked"


def dictionaries(plan: Plan) -> Iterator[str]:
    """Tables d0, d1 …: the different values of a field with what holds of each."""
    for name, parts in plan.held.items():
        at = plan.batch.fields[name]
        columns = Columns(plan.batch.fields)
        tried = [sql(part, columns) for part in parts]
        masks = []
        for number, mask in enumerate(plan.masks(name)):
            bits = tried[number * BITS : (number + 1) * BITS]
            said = [f"(coalesce({one}, false)::BIGINT << {bit})" for bit, one in enumerate(bits)]
            masks.append(f"{' | '.join(said)} AS {mask}")
        made = "".join(f", {how} AS {what}" for what, how in sorted(columns.made.items()))
        yield (
            f"CREATE OR REPLACE TEMP TABLE d{at} AS SELECT f{at}, {', '.join(masks)}"
            f" FROM (SELECT *{made} FROM (SELECT DISTINCT f{at} FROM picked))"
        )


def placed(plan: Plan) -> str:
    """Table `placed`: where the events stand, with all that tells them apart and what is kept of them."""
    masks, values = plan.told_apart_by
    kept = {f"f{plan.batch.fields[name]}" for one in plan.batch.asked for name in one.keeps}
    joins = "".join(
        f" JOIN d{at} ON p.f{at} IS NOT DISTINCT FROM d{at}.f{at}"
        for at in (plan.batch.fields[name] for name in plan.held)
    )
    columns = [*(f"p.{one}" for one in (*PLACE, *values, *sorted(kept - set(values)))), *masks]
    return f"CREATE OR REPLACE TEMP TABLE placed AS SELECT {', '.join(columns)} FROM picked p{joins}"


def lines(plan: Plan) -> tuple[str, list[str]]:
    """Table `lines`: what differs of `placed`, each once with an `id`; and for each predicate the question for
    its number and the ids (rule, id) that meet it."""
    masks, values = plan.told_apart_by
    columns = Columns(plan.batch.fields, plan.known)
    asked = [
        f"SELECT {int(one.number)}::INTEGER AS rule, id FROM lines WHERE {sql(one.predicate, columns)}"
        for one in plan.batch.asked
    ]
    made = "".join(f", {how} AS {what}" for what, how in sorted(columns.made.items()))
    different = ", ".join([*masks, *values])
    source = f"SELECT DISTINCT {different} FROM placed" if different else "SELECT 1 AS nothing"
    table = (
        f"CREATE OR REPLACE TEMP TABLE lines AS SELECT row_number() OVER () AS id, *{made}"
        f" FROM ({source})"
    )
    return table, asked


def met(plan: Plan) -> str:
    """Add to `hits` the events of `placed` whose line is in `met` (rule, id)."""
    masks, values = plan.told_apart_by
    same = [f"p.{one} = l.{one}" for one in masks]
    same += [f"p.{one} IS NOT DISTINCT FROM l.{one}" for one in values]
    keeping = [one for one in plan.batch.asked if one.keeps]
    kept = "NULL"
    if keeping:
        branches = " ".join(
            f"WHEN {int(one.number)}"
            f" THEN [{', '.join(f'p.f{plan.batch.fields[name]}' for name in one.keeps)}]"
            for one in keeping
        )
        kept = f"CASE l.rule {branches} END"
    return (
        f"INSERT INTO hits SELECT l.rule, {', '.join('p.' + one for one in PLACE)}, {kept}"
        " FROM placed p JOIN (SELECT m.rule, n.* FROM met m JOIN lines n ON n.id = m.id) l"
        f" ON {' AND '.join(same) or 'true'}"
    )
