"""The rules' meaning: what the lake answers is what the specification says, on random rules and events."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.fleet.sigma.conftest import ask, event, keep, rule, rules
from tests.fleet.sigma.oracle import holds

from sekisho.store import events as store_events
from sekisho.store.lake import Lake

FIELDS = ("Image", "CommandLine", "User", "Odd'Name", "Details")
LETTERS = "aAbB\\*?%_'\".-/ é$"
ADDRESSES = (
    *("10.1.2.3", "10.1.255.1", "192.168.0.1", "fe80::1", "fe80:0:0:0:0:0:0:1", "FE80::1%12", "::1"),
    *(
        "::ffff:10.1.2.3",
        "2001:db8::",
        "1:2:3:4:5:6:7:8",
        "1::2:3:4:5:6:7:8",
        "010.1.2.3",
        "10.1.2.3.4",
    ),
    *("::", "10.1.2", "1:2:3:4:5:6:7::", ":::", "g::1", "::ffff:a01:203", ""),
)
NUMBERS = (
    "0",
    "443",
    "0443",
    "443.0",
    "-5",
    "+5",
    "0x1bb",
    "0X1BB",
    "1e3",
    " 443",
    "99999999999999999",
    "",
)
NETWORKS = ("10.1.0.0/16", "10.1.2.3/32", "0.0.0.0/0", "fe80::/10", "::/0", "::1/128", "2001:db8::/33")
EXPRESSIONS = ("a+b", "^a", "b$", "(?i)AB", "a.b", "[%_']", "\\\\", "^$", "a{2,3}", "é", "(a|b)*\\.")

texts = st.text(LETTERS, max_size=5)
events = st.fixed_dictionaries(
    {},
    optional={
        **{
            name: st.one_of(texts, st.sampled_from(("aAb", "a%b_", "x -a /b y", "YWFi")))
            for name in FIELDS
        },
        "DestinationIp": st.sampled_from(ADDRESSES),
        "DestinationPort": st.sampled_from(NUMBERS),
    },
)
names = st.sampled_from((*FIELDS, "DestinationIp", "DestinationPort", "Nowhere"))


def _many(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.lists(values, min_size=1, max_size=3))


_WAYS = (
    "",
    "|neq",
    "|contains",
    "|startswith",
    "|endswith",
    "|contains|all",
    "|cased",
    "|contains|cased",
)
plain = st.tuples(st.builds(str.__add__, names, st.sampled_from(_WAYS)), _many(texts))
dashed = st.tuples(
    st.builds(str.__add__, names, st.sampled_from(("|windash|contains", "|windash"))),
    _many(st.sampled_from(("-a", " -a ", "x /b", "a-b", "/b y"))),
)
encoded = st.tuples(
    st.builds(str.__add__, names, st.sampled_from(("|base64offset|contains", "|base64|contains"))),
    _many(st.sampled_from(("aab", "a", "ab.", "b-"))),
)
matched = st.tuples(
    st.builds(str.__add__, names, st.sampled_from(("|re", "|re|i", "|re|s", "|re|m"))),
    _many(st.sampled_from(EXPRESSIONS)),
)
within = st.tuples(st.builds(lambda n: f"{n}|cidr", names), _many(st.sampled_from(NETWORKS)))
counts = st.one_of(st.integers(-6, 500), st.sampled_from((443.5, 0.0, 99_999_999_999_999_999)))
compared = st.tuples(
    st.builds(str.__add__, names, st.sampled_from(("", "|lt", "|lte", "|gt", "|gte", "|neq"))),
    _many(counts),
)
missing = st.tuples(names, st.none())
present = st.tuples(st.builds(lambda n: f"{n}|exists", names), st.booleans())
likened = st.tuples(
    st.builds(
        str.__add__,
        names,
        st.sampled_from(
            ("|fieldref", "|fieldref|startswith", "|fieldref|endswith", "|fieldref|contains")
        ),
    ),
    names,
)
items = st.one_of(plain, plain, dashed, encoded, matched, within, compared, missing, present, likened)
searches = st.one_of(
    st.lists(items, min_size=1, max_size=3).map(dict),
    st.lists(items.map(lambda one: dict([one])), min_size=1, max_size=3),
    st.lists(st.text("abé%_'. ", min_size=1, max_size=3), min_size=1, max_size=2),
)
conditions = st.sampled_from(
    (
        *("s1", "not s1", "s1 and s2", "s1 or not s2", "s1 and not (s2 or f1)", "1 of s*", "all of s*"),
        *("all of them", "1 of them and not f1", "not 1 of s* or f1", "s1 or s2 and f1"),
        "not (s1 and not (s2 or not f1))",
    )
)
detections = st.fixed_dictionaries(
    {"s1": searches, "s2": searches, "f1": searches, "condition": conditions}
)
seen: Counter[bool] = Counter()


# A case is a rule and an event of several: it is read quicker than it is shrunk.
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(
    st.lists(detections, min_size=6, max_size=12),
    st.lists(events, min_size=4, max_size=12),
    st.sampled_from((0, 3, 1000)),
)
def _answers_are_those_of_the_specification(
    asked: list[dict[str, Any]], happened: list[dict[str, str]], few: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        # Values are looked up where there are few of them, and tried one by one where there are many.
        patch.setattr(store_events, "FEW", few)
        ready = rules(Path(folder) / "rules", [rule(one) for one in asked])
        assert not ready.refused, [one.why for one in ready.refused]
        with Lake.open(Path(folder) / "lake", create=True) as lake:
            keep(
                lake,
                [event(one, host=f"pc-{at}", record=at) for at, one in enumerate(happened)],
            )
            found = {(row["rule"], row["terminal"]) for row in ask(lake, ready).summed.to_pylist()}
    for number, detection in enumerate(asked):
        for at, one in enumerate(happened):
            expected = holds(detection, one)
            seen[expected] += 1
            assert ((number, f"pc-{at}") in found) == expected, (detection, one)


def test_the_lake_answers_as_the_specification_says() -> None:
    seen.clear()
    _answers_are_those_of_the_specification()
    # A generator that makes only rules that never hold proves nothing.
    assert min(seen[True], seen[False]) > 200, seen


HOSTILE = (
    *(
        "'",
        "''",
        "'; DROP TABLE lines; --",
        '"',
        "\\",
        "\\\\",
        "\\*",
        "%",
        "_",
        "$1",
        "?1",
        "{}",
        "{{x}}",
    ),
    *(
        "\0",
        "a\0b",
        "a\nb",
        "\t",
        "--",
        "/* */",
        "chr(0)",
        "é' OR 1=1",
        "😀",
        ".*",
        "(((((",
        "[",
        "\u202e",
    ),
)


@pytest.mark.parametrize("way", ["", "|contains", "|startswith", "|endswith", "|cased"])
def test_hostile_text_is_only_ever_text(tmp_path: Path, way: str) -> None:
    bodies = [
        rule({"s": {f"CommandLine{way}": _escaped(text)}, "condition": "s"}) for text in HOSTILE
    ] + [rule({"s": {f"{text}{way}": "x"}, "condition": "s"}) for text in HOSTILE if "|" not in text]
    ready = rules(tmp_path / "rules", bodies)
    assert not ready.refused, [one.why for one in ready.refused]
    with Lake.open(tmp_path / "lake", create=True) as lake:
        keep(
            lake,
            [
                event({"CommandLine": text}, host=f"line-{at}", record=at)
                for at, text in enumerate(HOSTILE)
            ]
            + [event({text: "x"}, host=f"name-{at}", record=at) for at, text in enumerate(HOSTILE)],
        )
        found = {(row["rule"], row["terminal"]) for row in ask(lake, ready).summed.to_pylist()}
    for at, text in enumerate(HOSTILE):
        expected = {f"line-{other}" for other, one in enumerate(HOSTILE) if _meets(one, text, way)}
        assert {terminal for number, terminal in found if number == at} == expected, text
        assert {t for number, t in found if number == at + len(HOSTILE)} == {f"name-{at}"}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")


def _meets(said: str, text: str, way: str) -> bool:
    said, text = (said, text) if way == "|cased" else (said.lower(), text.lower())
    match way:
        case "|contains":
            return text in said
        case "|startswith":
            return said.startswith(text)
        case "|endswith":
            return said.endswith(text)
    return said == text


def test_patterns_that_others_take_for_ever_over_take_no_time(tmp_path: Path) -> None:
    long = "a" * 30_000
    bombs = [
        rule({"s": {"CommandLine|re": "(a+)+$"}, "condition": "s"}),
        rule({"s": {"CommandLine|re": "(a|a)*b"}, "condition": "s"}),
        rule({"s": {"CommandLine": "*a" * 25 + "*b"}, "condition": "s"}),
        rule({"s": {"CommandLine": "*?a?" * 25}, "condition": "s"}),
    ]
    ready = rules(tmp_path / "rules", bombs)
    with Lake.open(tmp_path / "lake", create=True) as lake:
        assert not lake.events.refusals(ready.questions())
        keep(lake, [event({"CommandLine": long})])
        found = {row["rule"] for row in ask(lake, ready).summed.to_pylist()}
    assert found == {0, 3}


def test_what_cannot_be_asked_is_refused_by_name(tmp_path: Path) -> None:
    bodies = {
        "placeholder": rule({"s": {"User|expand": "%admins%"}, "condition": "s"}),
        "part of a time": rule({"s": {"UtcTime|hour": 3}, "condition": "s"}),
        "Unknown modifier": rule({"s": {"User|soundslike": "x"}, "condition": "s"}),
        "invalid": rule({"s": {"User|re": "(?=x)"}, "condition": "s"}),
        "not defined": rule({"s": {"User": "x"}, "condition": "t"}),
        "doesn't match any": rule({"s": {"User": "x"}, "condition": "1 of t*"}),
        "nested deeper": rule({"s": {"User": "x"}, "condition": "(" * 40 + "s" + ")" * 40}),
        "pipe": rule({"s": {"User": "x"}, "condition": "s | count() > 5"}),
        "characters": rule({"s": {"User": "x"}, "condition": "s and " * 1000 + "s"}),
        "name is empty": rule({"s": {"x" * 500: "x"}, "condition": "s"}),
    }
    ready = rules(tmp_path / "rules", list(bodies.values()))
    assert not ready.compiled
    for why, one in zip(bodies, sorted(ready.refused, key=lambda r: r.rule.path), strict=True):
        assert why in one.why, (why, one.why)
        assert not one.unrecorded
