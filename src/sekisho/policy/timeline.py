"""When rules permit, when they would have, and the verdicts that follow over all time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sekisho.model.rules import Rule
from sekisho.model.validity import Validity, change_points
from sekisho.model.verdicts import Rank


@dataclass(frozen=True, slots=True)
class Piece:
    """A time with one verdict; None is unbounded."""

    begin: datetime | None
    end: datetime | None
    rank: Rank


def exists(rule: Rule) -> bool:
    """Whether the rule ever counts: a proposed one does not, nor a retroactive one that had ended
    before it was recorded."""
    if rule.state == "proposed":
        return False
    return rule.recorded is None or rule.validity.end is None or rule.recorded < rule.validity.end


def effective(rule: Rule) -> Validity | None:
    """When the rule permits, None where never. A retroactive rule begins when it was recorded."""
    if not exists(rule):
        return None
    return rule.validity.meet(Validity(rule.recorded, None))


def known(rule: Rule, at: datetime) -> bool:
    """Whether the rule existed at that time: before it was recorded, a retroactive one did not."""
    return exists(rule) and (rule.recorded is None or at >= rule.recorded)


def rule_points(rules: Iterable[Rule]) -> tuple[datetime, ...]:
    """The instants at which any rule's effect changes."""
    spans = [span for rule in rules if (span := effective(rule)) is not None]
    recorded = [Validity(rule.recorded, None) for rule in rules if exists(rule)]
    return change_points([*spans, *recorded])


def timeline(rules: Iterable[Rule]) -> tuple[Piece, ...]:
    """What rules that cover a connection say of it, over all time, equal neighbours joined.

    `authorized` where one permits, `lapsed` where one exists but is not valid then, else
    `unauthorized`.
    """
    counted = [rule for rule in rules if exists(rule)]
    points = rule_points(counted)
    edges = [None, *points, None]
    pieces: list[Piece] = []
    for begin, end in pairwise(edges):
        rank = _rank(counted, begin, end)
        if pieces and pieces[-1].rank == rank:
            pieces[-1] = Piece(pieces[-1].begin, end, rank)
        else:
            pieces.append(Piece(begin, end, rank))
    return tuple(pieces)


def _rank(rules: list[Rule], begin: datetime | None, end: datetime | None) -> Rank:
    """The verdict of a piece within which nothing changes."""
    rank = Rank.UNAUTHORIZED
    piece = Validity(begin, end)
    for rule in rules:
        span = effective(rule)
        if span is not None and piece.within(span):
            return Rank.AUTHORIZED
        if rule.recorded is None or (begin is not None and begin >= rule.recorded):
            rank = Rank.LAPSED
    return rank
