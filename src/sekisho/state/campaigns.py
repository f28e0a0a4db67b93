"""How far each campaign has come with each terminal. Kept row by row, so that a restart forgets nothing.

Many terminals are served in one transaction: `asked_of` and `put` take a connection that the caller commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, case, func, select
from sqlalchemy.dialects import postgresql, sqlite

from sekisho.errors import IntegrityError
from sekisho.model.campaigns import CAMPAIGN_ACTIONS, WELL, Asked, CampaignEvent, Settled, Tally
from sekisho.state import fleet_tables as tables
from sekisho.state.engine import reading

_AT_ONCE = 500
_DECODER = msgspec.json.Decoder(Asked)
_ENCODER = msgspec.json.Encoder()
_COUNTED = ("stage", "done", "failed", "denylisted", "heavy")


def asked_of(
    connection: Connection, nodes: Collection[str], campaigns: Collection[int], *, whole: bool = True
) -> dict[str, dict[int, Asked]]:
    """What is kept of some terminals, by campaign. On a database server their rows are held until commit.

    Without `whole` one that is done says only that: most check-ins are of those, and need no more.
    """
    t = tables.asks
    found: dict[str, dict[int, Asked]] = {node: {} for node in nodes}
    listed = sorted(found) if campaigns else []
    body = t.c.body if whole else case((t.c.done == 0, t.c.body), else_=None).label("body")
    for start in range(0, len(listed), _AT_ONCE):
        question = select(t.c.node, t.c.campaign, t.c.stage, body).where(
            t.c.node.in_(listed[start : start + _AT_ONCE]), t.c.campaign.in_(sorted(campaigns))
        )
        if connection.dialect.name != "sqlite":
            question = question.order_by(t.c.campaign, t.c.node).with_for_update()
        for node, campaign, stage, text in connection.execute(question):
            found[node][campaign] = Asked(stage, done=True) if text is None else _asked(text)
    return found


def put(connection: Connection, changed: Mapping[tuple[int, str], tuple[Asked, bool]]) -> None:
    """Keep what changed, by campaign and terminal; the second of each says whether a question was heavy."""
    if not changed:
        return
    t = tables.asks
    rows = [
        {
            "campaign": campaign,
            "node": node,
            "stage": asked.stage,
            "done": int(asked.done),
            "failed": int(any(one.fate not in WELL for one in asked.settled.values())),
            "denylisted": int(any(one.fate == "denylisted" for one in asked.settled.values())),
            "heavy": int(heavy),
            "body": _ENCODER.encode(asked).decode(),
        }
        for (campaign, node), (asked, heavy) in sorted(changed.items())
    ]
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    fresh: Any = dialect.insert(t)
    kept = {name: fresh.excluded[name] for name in (*_COUNTED, "body")}
    connection.execute(
        fresh.on_conflict_do_update(index_elements=["campaign", "node"], set_=kept), rows
    )


class CampaignStore:
    """Questions about campaigns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def events(self) -> tuple[CampaignEvent, ...]:
        """What was decided about campaigns, the oldest first."""
        t = tables.campaign_events
        with reading(self._engine) as connection:
            return tuple(_event(r) for r in connection.execute(select(t).order_by(t.c.seq)))

    def tallies(self, campaign: int, *, homed: bool = False) -> dict[int, Tally]:
        """How a campaign stands with its terminals, by stage; `homed` counts only those of the inventory, where
        any is of it."""
        t, h = tables.asks, tables.homes
        question = (
            select(
                t.c.stage,
                func.count(),
                func.sum(t.c.done),
                func.sum(t.c.failed),
                func.sum(t.c.denylisted),
                func.sum(t.c.heavy),
            )
            .where(t.c.campaign == campaign)
            .group_by(t.c.stage)
        )
        with reading(self._engine) as connection:
            if homed and connection.execute(select(h.c.node).limit(1)).first() is not None:
                question = question.where(t.c.node.in_(select(h.c.node)))
            return {r[0]: Tally(*(int(n) for n in r[1:])) for r in connection.execute(question)}

    def asked(self, node: str) -> dict[int, Asked]:
        """How far each campaign has come with one terminal."""
        t = tables.asks
        with reading(self._engine) as connection:
            return {
                r.campaign: _asked(r.body)
                for r in connection.execute(
                    select(t.c.campaign, t.c.body).where(t.c.node == node).order_by(t.c.campaign)
                )
            }

    def troubled(self, campaign: int, most: int = 1000) -> Iterator[tuple[str, str, Settled]]:
        """Terminals with questions that failed: node, question, and what came of it."""
        t = tables.asks
        question = (
            select(t.c.node, t.c.body)
            .where(t.c.campaign == campaign, t.c.failed == 1)
            .order_by(t.c.node)
            .limit(most)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(question).all()
        for node, body in rows:
            for name, one in _asked(body).settled.items():
                if one.fate not in WELL:
                    yield node, name, one


def _asked(body: str) -> Asked:
    try:
        return _DECODER.decode(body)
    except msgspec.MsgspecError as error:
        raise IntegrityError(
            f"the state holds a campaign's row that cannot be read: {error}"
        ) from error


def _event(r: Any) -> CampaignEvent:
    if r.action not in CAMPAIGN_ACTIONS:
        raise IntegrityError(f"the state holds an unknown turn of a campaign {r.action!r}")
    action = CAMPAIGN_ACTIONS[CAMPAIGN_ACTIONS.index(r.action)]
    body = msgspec.json.decode(r.body, type=dict[str, Any])
    why = str(body.pop("why", ""))
    seen = {name: int(value) for name, value in body.get("seen", {}).items()}
    first = tuple(map(str, body.get("first", ())))
    return CampaignEvent(r.seq, r.campaign, action, r.by, r.at, why, seen, first)
