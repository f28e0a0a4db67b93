"""Commands that come back over a session that the controlled host opened."""

from collections.abc import Callable

import pytest

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.factors.base import Step
from sekisho.investigate.factors.control import control
from sekisho.investigate.moments import HOUR
from sekisho.investigate.talks import Talk, Talks
from sekisho.model.verdicts import Rank

Woven, Hour = Callable[..., Fabric], Callable[[float], int]


def total(made: Fabric, talks: Talks, row: int, onward: list[int], **more: object) -> float:
    step = Step(row, "reverse", int(made.dst[row]), int(made.src[row]))
    known = bool(more.get("known"))
    shared = int(str(more.get("shared", 0)))
    return sum(w.value for w in control(made, talks, step, onward, None, shared, known=known))


def test_a_beat_to_a_party_nobody_else_calls_and_browsing(woven: Woven, at_hour: Hour) -> None:
    rows = [("10.1.0.1", "203.0.113.1", 443, Rank.EXTERNAL, 50, 60)]
    rows += [(f"10.1.0.{n}", "198.51.100.1", 443, Rank.EXTERNAL, 3, 60) for n in range(1, 20)]
    made = woven(rows)
    start = at_hour(50)
    beat = tuple(
        Talk(start + n * HOUR // 4, start + n * HOUR // 4 + 10**6, 1, 1, "a") for n in range(60)
    )
    talks = Talks({0: beat, 1: beat})
    acts = [start + 3 * HOUR]
    assert total(made, talks, 0, acts) > 1.5
    assert total(made, talks, 1, acts) < total(made, talks, 0, acts) - 2
    assert total(made, talks, 0, acts, shared=1) > total(made, talks, 0, acts) + 1
    assert total(made, talks, 0, acts, known=True) > total(made, talks, 0, acts) + 1


def test_inside_something_must_come_of_it(woven: Woven, at_hour: Hour) -> None:
    made = woven([("10.2.0.1", "10.1.0.1", 4444, Rank.UNAUTHORIZED, 50, 1)])
    start = at_hour(50)
    short = Talks({0: (Talk(start, start + HOUR // 20, 1, 1, "a"),)})
    held = Talks({0: (Talk(start, start + 9 * HOUR, 1, 1, "a"),)})
    idle = total(made, short, 0, [])
    assert total(made, held, 0, []) > idle + 1
    assert total(made, short, 0, [start + HOUR]) > idle + 1
    assert idle < -2


@pytest.mark.parametrize(
    ("unwatched", "reached", "acts", "telling"),
    [
        (None, None, 60, False),
        (40, None, 60, True),
        (65, None, 60, False),
        (None, 45, None, False),
        (50, 45, None, True),
        (60, 45, None, False),
    ],
)
def test_what_may_have_begun_while_nobody_watched_may_be_prompt(
    woven: Woven,
    at_hour: Hour,
    unwatched: float | None,
    reached: float | None,
    acts: float | None,
    telling: bool,
) -> None:
    made = woven(
        [("10.1.0.1", "203.0.113.1", 443, Rank.EXTERNAL, 70, 60)]
        + [(f"10.1.1.{n}", "198.51.100.1", 443, Rank.EXTERNAL, n % 200, 9) for n in range(200)]
    )
    start = at_hour(70)
    talks = Talks({0: (Talk(start, start + HOUR // 60, 1, 1, "a"),)})
    step = Step(0, "reverse", int(made.dst[0]), int(made.src[0]))
    hidden, came = (None if at is None else at_hour(at) for at in (unwatched, reached))
    onward = [] if acts is None else [at_hour(acts)]
    weights = control(made, talks, step, onward, came, 0, known=False, unwatched=hidden)
    prompt = [weight for weight in weights if weight.id == "prompt"]
    assert bool(prompt) is telling
    assert all(one.value > 0.5 and "nobody watched" in one.text for one in prompt)


def test_the_longer_nobody_watched_the_less_it_says(woven: Woven, at_hour: Hour) -> None:
    rows = [("10.1.0.1", "203.0.113.1", 443, Rank.EXTERNAL, 190, 60)]
    rows += [(f"10.1.1.{n}", f"198.51.100.{n}", 443, Rank.EXTERNAL, 30 + n, 60) for n in range(40)]
    rows += [(f"10.1.2.{n}", "10.1.0.200", 53, Rank.INTRA_SITE, 1, 1) for n in range(200)]
    made = woven(rows)
    start = at_hour(190)
    talks = Talks({0: (Talk(start, start + HOUR // 60, 1, 1, "a"),)})
    step = Step(0, "reverse", int(made.dst[0]), int(made.src[0]))

    def prompt(since: float) -> float:
        found = control(
            made, talks, step, [at_hour(189)], None, 0, known=False, unwatched=at_hour(since)
        )
        return next(weight.value for weight in found if weight.id == "prompt")

    assert prompt(40) < prompt(185)
