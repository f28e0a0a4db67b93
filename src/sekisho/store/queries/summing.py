"""Rows of one connection put together, as what one sensor saw and as what several came to together.

Reads and makes rows by the rule of `rollup`: a connection that one sensor alone saw has one row; else
there is one row of what the views come to together (MERGED, sensor ''), and one of each view.
"""

from __future__ import annotations

from sekisho.store.queries.columns import CONNECTION, KEY, same
from sekisho.store.queries.rollup import MERGED, ONLY, VIEW


def summed(table: str, inputs: str, lead: str, measures: str) -> tuple[str, str]:
    """Statements that make `table` from the rows of the relation `inputs`.

    `lead` are columns that come first, the same for all rows; `measures` are aggregates of the others.
    """
    counted = f"""
    CREATE OR REPLACE TEMP TABLE {table} AS
    SELECT {lead}, if(several, {MERGED}, {ONLY}) AS role, if(several, '', one) AS sensor,
        * EXCLUDE (several, one)
    FROM (
        SELECT {KEY}, max(role) = {MERGED} OR min(sensor) <> max(sensor) AS several,
            min(sensor) AS one, {measures}
        FROM {inputs} WHERE role IN ({ONLY}, {MERGED}) GROUP BY {KEY}
    )
    """
    keys = ", ".join(f"i.{name}" for name in CONNECTION)
    several = f"SELECT {KEY} FROM {table} WHERE role = {MERGED}"
    views = f"""
    INSERT INTO {table} BY NAME
    SELECT {lead}, {VIEW} AS role, i.sensor, {keys}, {measures}
    FROM {inputs} i SEMI JOIN ({several}) c ON {same("c", "i")}
    WHERE i.role IN ({ONLY}, {VIEW}) GROUP BY i.sensor, {keys}
    """
    return counted, views
