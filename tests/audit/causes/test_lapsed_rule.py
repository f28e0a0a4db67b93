from __future__ import annotations

from collections.abc import Callable

from sekisho.audit.causes.lapsed_rule import LapsedRuleCause
from sekisho.model.findings import Finding, NearestRule

Make = Callable[..., Finding]


def test_what_one_rule_no_longer_covers_is_one_row(make_finding: Make) -> None:
    nearest = NearestRule(id="TH-EDI", why_not="expired 2024-02-29")
    rows = [make_finding(src=f"10.1.0.{n}", verdict="lapsed", nearest_rule=nearest) for n in range(3)]
    others = [
        make_finding(src="10.1.0.7", nearest_rule=nearest),
        make_finding(
            src="10.1.0.8", verdict="lapsed", nearest_rule=NearestRule(id="X", why_not="expired")
        ),
    ]
    (claim,) = LapsedRuleCause().claim([*rows, *others], ()).claims
    assert (claim.key, claim.members) == ("TH-EDI", {f.id for f in rows})
    assert claim.text == "rule TH-EDI was not valid at the time of 3 connections"
