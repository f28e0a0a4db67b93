"""The language of triggers and thresholds: comparisons of facts, joined by `and`, `or`, `not`.

    'JP' in countries and personal_data and (improper_purpose or people > 1000)

Names are facts; words stand in quotes; `{'a', 'b'}` is a set, and so are the names of sets such as EU.
`x in set` asks whether a word is in it, `a meets b` whether two sets share a word, `known NAME` whether a
fact was recorded. Nothing here calls anything: an expression is read into values and compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from sekisho.inventory.countries import COUNTRIES
from sekisho.notify.vocabulary import SETS, Kind, Value, kind_of, nearest

MAX_LENGTH = 2_000
MAX_DEPTH = 30
Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "in", "meets"]
_OPERATORS: Mapping[str, Operator] = {word: word for word in get_args(Operator)}
_TOKEN = re.compile(
    r"\s*(?:(?P<op><=|>=|!=|=|<|>)|(?P<mark>[(){},])|(?P<number>[0-9][0-9_]*)|'(?P<text>[^']{0,80})'"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_-]+)?))"
)
_COMPARED: Mapping[str, str] = {
    "words": "meets {'...'}",
    "word": "= '...'",
    "time": "(a time is an anchor; `known` asks whether it is recorded)",
}
"""How a fact of a kind is compared, where somebody left that out."""
_WORDS = frozenset({"and", "or", "not", "in", "meets", "known", "yes", "no"})


class ExpressionError(ValueError):
    """What is wrong in an expression, and where: `offset` counts characters from 0."""

    def __init__(self, offset: int, message: str, mend: str) -> None:
        super().__init__(message)
        self.offset, self.mend = offset, mend


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a word, a set of words, yes or no."""

    value: Value


@dataclass(frozen=True, slots=True)
class Fact:
    """What is recorded under a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """Whether anything is recorded under a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values held against each other."""

    left: Constant | Fact
    operator: Operator
    right: Constant | Fact


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Expression


@dataclass(frozen=True, slots=True)
class Join:
    """Several, all of which (`and`) or one of which (`or`) must hold."""

    word: Literal["and", "or"]
    parts: tuple[Expression, ...]


Expression: TypeAlias = Constant | Fact | Known | Compare | Not | Join


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def parse(text: str) -> Expression:
    """Read an expression. Raises ExpressionError with the place of the first thing that is wrong."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            MAX_LENGTH, f"longer than {MAX_LENGTH} characters", "split the obligation"
        )
    reader = _Reader(list(_tokens(text)), len(text))
    found = reader.either(0)
    rest = reader.peek()
    if rest.kind != "end":
        raise ExpressionError(
            rest.offset, f"`{rest.text}` is not expected here", "join conditions with `and` or `or`"
        )
    return found


def names(expression: Expression) -> frozenset[str]:
    """Every fact that an expression asks for."""
    match expression:
        case Fact(name) | Known(name):
            return frozenset({name})
        case Compare(left, _, right):
            return names(left) | names(right)
        case Not(part):
            return names(part)
        case Join(_, parts):
            return frozenset().union(*map(names, parts))
        case _:
            return frozenset()


def words_of(expression: Expression, fact: str) -> frozenset[str]:
    """Every word that a fact is held against."""
    match expression:
        case Compare(left, _, right):
            sides = (left, right)
            if not any(
                isinstance(side, Fact) and side.name.partition(".")[0] == fact for side in sides
            ):
                return frozenset()
            values = [side.value for side in sides if isinstance(side, Constant)]
            return frozenset().union(
                *(value if isinstance(value, frozenset) else {str(value)} for value in values)
            )
        case Not(part):
            return words_of(part, fact)
        case Join(_, parts):
            return frozenset().union(*(words_of(part, fact) for part in parts))
        case _:
            return frozenset()


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None:
            at = len(text) - len(text[position:].lstrip())
            mend = (
                "close the quote" if text[at] == "'" else "write names, numbers and 'words' in quotes"
            )
            raise ExpressionError(at, f"`{text[at]}` means nothing here", mend)
        kind = found.lastgroup or ""
        said = found[kind]
        start = found.start(kind) - (kind == "text")
        if kind == "name" and said in _WORDS:
            kind = "word"
        yield _Token(kind, said, start)
        position = found.end()


class _Reader:
    def __init__(self, tokens: list[_Token], length: int) -> None:
        self.tokens, self.position = tokens, 0
        self.end = _Token("end", "the end", length)

    def peek(self) -> _Token:
        return self.tokens[self.position] if self.position < len(self.tokens) else self.end

    def next(self) -> _Token:
        token = self.peek()
        self.position += 1
        return token

    def take(self, *texts: str) -> bool:
        token = self.peek()
        if token.kind in ("word", "mark", "op") and token.text in texts:
            self.position += 1
            return True
        return False

    def either(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise ExpressionError(
                self.peek().offset, f"deeper than {MAX_DEPTH} brackets", "simplify it"
            )
        parts = [self.both(depth)]
        while self.take("or"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Join("or", tuple(parts))

    def both(self, depth: int) -> Expression:
        parts = [self.negated(depth)]
        while self.take("and"):
            parts.append(self.negated(depth))
        return parts[0] if len(parts) == 1 else Join("and", tuple(parts))

    def negated(self, depth: int) -> Expression:
        turned = 0
        while self.take("not"):
            turned += 1
        found = self.condition(depth)
        return Not(found) if turned % 2 else found

    def condition(self, depth: int) -> Expression:
        if self.take("("):
            inner = self.either(depth + 1)
            if not self.take(")"):
                raise ExpressionError(self.peek().offset, "a bracket is not closed", "write `)`")
            return inner
        if self.take("known"):
            return Known(self._fact(self.next()).name)
        start = self.peek()
        left, left_kind = self._operand()
        token = self.peek()
        operator = _OPERATORS.get(token.text) if token.kind in ("op", "word") else None
        if operator is not None:
            self.position += 1
            at = self.peek()
            right, right_kind = self._operand()
            self._fits(left_kind, operator, right_kind, right, left, at)
            for one, other, token in ((left, right, at), (right, left, start)):
                if isinstance(one, Fact) and one.name == "countries" and isinstance(other, Constant):
                    _known_countries(other, token)
            return Compare(left, operator, right)
        if left_kind != "yesno":
            how = _COMPARED.get(left_kind, "> 1000")
            raise ExpressionError(
                start.offset,
                f"`{start.text}` is not yes or no by itself",
                f"compare it: {start.text} {how}",
            )
        return left

    def _operand(self) -> tuple[Constant | Fact, Kind]:
        token = self.next()
        if token.kind == "number":
            return Constant(int(token.text.replace("_", "")[:18])), "count"
        if token.kind == "text":
            return Constant(token.text), "word"
        if token.kind == "word" and token.text in ("yes", "no"):
            return Constant(token.text == "yes"), "yesno"
        if token.kind == "mark" and token.text == "{":
            return Constant(self._set()), "words"
        if token.kind == "name" and token.text in SETS:
            return Constant(SETS[token.text]), "words"
        fact = self._fact(token)
        known = kind_of(fact.name)
        return fact, known.kind if known else "yesno"

    def _fact(self, token: _Token) -> Fact:
        if token.kind != "name":
            raise ExpressionError(
                token.offset, f"a fact is expected, not {token.text}", "name one, such as personal_data"
            )
        if kind_of(token.text) is None:
            raise ExpressionError(token.offset, f"`{token.text}` is no fact", nearest(token.text))
        return Fact(token.text)

    def _set(self) -> frozenset[str]:
        words: set[str] = set()
        while True:
            token = self.next()
            if token.kind != "text":
                raise ExpressionError(token.offset, "a set holds 'words'", "write {'likely', 'high'}")
            words.add(token.text)
            if self.take("}"):
                return frozenset(words)
            if not self.take(","):
                raise ExpressionError(self.peek().offset, "a set is not closed", "write `}`")

    def _fits(
        self,
        left: Kind,
        operator: Operator,
        right: Kind,
        value: Constant | Fact,
        fact: Constant | Fact,
        at: _Token,
    ) -> None:
        """Raise where the two can never be held against each other so."""
        good = {
            "in": left == "word" and right == "words",
            "meets": left == right == "words",
        }.get(operator, left == right and (operator in ("=", "!=") or left in ("count", "time")))
        if not good:
            raise ExpressionError(
                at.offset,
                f"`{operator}` cannot hold a {_SAID[left]} against a {_SAID[right]}",
                "use `in` for a word of a set, `meets` for two sets, `<` and `>` for numbers",
            )
        if isinstance(fact, Fact) and isinstance(value, Constant):
            choices = (known.choices if (known := kind_of(fact.name)) else ()) or None
            asked = value.value if isinstance(value.value, frozenset) else {value.value}
            strange = sorted(str(one) for one in asked if choices and one not in choices)
            if strange and choices:
                raise ExpressionError(
                    at.offset,
                    f"{fact.name} is never '{strange[0]}'",
                    f"it is one of {', '.join(choices)}",
                )


def _known_countries(value: Constant, at: _Token) -> None:
    """Raise for a word that no country has: it would never hold, and nobody would see why."""
    words = value.value if isinstance(value.value, frozenset) else {value.value}
    strange = sorted(str(word) for word in words if word not in COUNTRIES)
    if strange:
        raise ExpressionError(
            at.offset, f"`{strange[0]}` is no country", "write two letters of ISO 3166: 'JP'"
        )


_SAID: dict[Kind, str] = {
    "time": "time",
    "count": "number",
    "yesno": "yes or no",
    "word": "word",
    "words": "set",
}
