from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from tests.contain.conftest import NOW

from sekisho.contain.probing.known import Known
from sekisho.model.probes import Asking, Probe, Said, Trial

TRIAL = Trial("tls", "10.1.20.5", 443)
ASKING = Asking(7, "th-pc", "10.40.2.10", "th", ((TRIAL, "jp"),))
MINUTE = timedelta(minutes=1)
PROBE = Probe(
    12, 2, "P-1", NOW, NOW + 15 * MINUTE, "ken", (ASKING,), said={7: Said(7, NOW + 3 * MINUTE)}
)


def asked(first: datetime, last: datetime, *, src: str = "10.40.2.10", port: int = 443) -> str | None:
    return Known([PROBE]).of(src, "10.1.20.5", port, first, last)


def test_what_was_asked_for_is_named() -> None:
    assert asked(NOW, NOW + MINUTE) == "asked for by our probe 2 of P-1 (th-pc)"


def test_what_nobody_asked_for_is_not() -> None:
    assert asked(NOW, NOW, port=445) is None
    assert asked(NOW, NOW, src="10.40.2.11") is None
    assert asked(NOW + 5 * MINUTE, NOW + 6 * MINUTE) is None, "it had answered by then"
    assert asked(NOW - 9 * MINUTE, NOW - 2 * MINUTE) is None


def test_what_was_more_than_that_is_said_to_be() -> None:
    assert asked(NOW - 9 * MINUTE, NOW) == "partly asked for by our probe 2 of P-1 (th-pc)"
    assert not Known()


def test_what_somebody_may_have_done_between_two_probes_is_not_ours() -> None:
    later = replace(PROBE, number=3, at=NOW + 60 * MINUTE, until=NOW + 75 * MINUTE, said={})
    names = "asked for by our probe 2 of P-1 (th-pc), probe 3 of P-1 (th-pc)"
    ends = "10.40.2.10", "10.1.20.5", 443
    assert Known([later, PROBE]).of(*ends, NOW, NOW + 61 * MINUTE) == f"partly {names}"
    at_once = replace(later, at=NOW + 4 * MINUTE, until=NOW + 19 * MINUTE)
    assert Known([at_once, PROBE]).of(*ends, NOW, NOW + 6 * MINUTE) == names
