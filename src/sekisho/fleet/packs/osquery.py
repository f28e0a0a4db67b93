"""Packs of osquery that a person brings: queries by name, with the platforms that each names.

Source: osquery's documentation, "Configuration", query packs; packs.cpp.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from sekisho.errors import RequestError
from sekisho.fleet.platforms import EVERYWHERE, of_words

LONGEST = 1 << 20
"""Characters of a pack."""


def queries_of(text: str, where: str) -> dict[str, tuple[str, str]]:
    """By a name that campaigns take: SQL, and platforms as `of_words` reads them, '' for all. A query that
    names platforms is asked of those that the pack names too. Raises RequestError."""
    try:
        if len(text) > LONGEST:
            raise ValueError(f"longer than {LONGEST:,} characters")
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"cannot read {where}: {error}", "a pack of osquery is JSON") from error
    queries = said.get("queries") if isinstance(said, Mapping) else None
    if not isinstance(queries, Mapping) or not queries:
        raise RequestError(
            f"{where} has no queries", 'a pack is {"queries": {"name": {"query": "SELECT …"}}}'
        )
    found: dict[str, tuple[str, str]] = {}
    for name, one in queries.items():
        sql = one.get("query") if isinstance(one, Mapping) else None
        if not isinstance(sql, str):
            raise RequestError(f"{where}: the query {name[:60]!r} has no SQL")
        plain = re.sub(r"[^a-z0-9_]", "_", name.casefold())
        if plain in found:
            raise RequestError(f"{where}: two queries would be called {plain[:60]}")
        found[plain] = sql.strip(), _both(where, name, said.get("platform"), one.get("platform"))
    return found


def _both(where: str, name: str, *words: object) -> str:
    only = EVERYWHERE
    for one in words:
        try:
            only &= of_words(one if isinstance(one, str) else "" if one is None else str(one))
        except ValueError as error:
            raise RequestError(
                f"{where}: the query {name[:60]!r} names a platform {str(error)[:60]!r}"
            ) from error
    if not only:
        raise RequestError(f"{where}: the query {name[:60]!r} and its pack name no platform in common")
    return "" if only == EVERYWHERE else ",".join(sorted(only))
