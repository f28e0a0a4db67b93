from __future__ import annotations

from datetime import timedelta

from tests.restore.conftest import SINCE, Make, hours

from sekisho.restore.base import Escaped
from sekisho.restore.gates.escaped import SHOWN, EscapedGate


def test_whatever_got_across_closes_it(subject: Make) -> None:
    assert EscapedGate().judge(subject()).verdict == "open"
    answer = EscapedGate().judge(subject(escaped=Escaped(("a -> b smb",), ("P-1: 2 escaped",))))
    assert (answer.verdict, answer.why) == ("closed", "2 escaped")
    assert answer.evidence == ("P-1: 2 escaped", "a -> b smb")
    many = EscapedGate().judge(subject(escaped=Escaped(("x",) * (SHOWN + 1))))
    assert many.evidence[-1] == "and 1 more"


def test_where_nobody_looked_nothing_is_known(subject: Make) -> None:
    assert EscapedGate().judge(subject(escaped=None)).verdict == "unknown"
    before = (hours(SINCE - timedelta(days=1), SINCE),)
    answer = EscapedGate().judge(subject({"jp-edge": before}))
    assert (answer.verdict, answer.why) == ("unknown", "nothing was recorded at jp since the cut")
    silent = (hours(SINCE, SINCE + timedelta(days=2), state="quiet", shown=False),)
    assert EscapedGate().judge(subject({"jp-edge": silent})).verdict == "unknown"
