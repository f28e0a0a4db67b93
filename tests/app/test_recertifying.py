from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sekisho.app.policy import explain
from sekisho.app.recertifying import recertifications, recertify
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def test_an_owner_confirms_rules_as_they_stand(raw: Workspace, now: datetime) -> None:
    first = recertify(raw, ["TH-HQ-EDI", "TH-HQ-STOCK"], "th-plant", "it-th", now=now, by="aiko")
    assert [(one.rule, one.site, one.owner, one.by) for one in first] == [
        ("TH-HQ-EDI", "th-plant", "it-th", "aiko"),
        ("TH-HQ-STOCK", "th-plant", "it-th", "aiko"),
    ]
    policy = (raw.root / "policy.yaml").read_text()
    (raw.root / "policy.yaml").write_text(policy.replace("tcp/8443", "tcp/8444"))
    (again,) = recertify(
        raw, ["TH-HQ-EDI"], "th-plant", "IT-TH", now=now + timedelta(days=1), by="aiko", why="orders"
    )
    assert again.rule_hash != first[0].rule_hash
    assert len(recertifications(raw)) == 3


@pytest.mark.parametrize(
    ("rules", "site", "owner", "message"),
    [
        (["NONE"], "th-plant", "it-th", "no rule 'NONE'"),
        (["TH-HQ-EDI"], "th", "it-th", "no site `th`"),
        (["TH-HQ-EDI"], "us-plant", "it-us", "no end at us-plant"),
        (["TH-HQ-EDI"], "th-plant", "it-jp", "it-jp is not the owner of th-plant"),
        ([], "th-plant", "it-th", "which rules"),
    ],
)
def test_what_is_refused_writes_nothing(
    raw: Workspace, now: datetime, rules: list[str], site: str, owner: str, message: str
) -> None:
    with pytest.raises(RequestError, match=message):
        recertify(raw, rules, site, owner, now=now, by="aiko")
    assert recertifications(raw) == ()


def test_a_site_without_an_owner(raw: Workspace, now: datetime) -> None:
    sites = (raw.root / "sites.yaml").read_text().replace("owner: it-th, ", "")
    (raw.root / "sites.yaml").write_text(sites)
    with pytest.raises(RequestError, match="names no owner of th-plant"):
        recertify(raw, ["TH-HQ-EDI"], "th-plant", "it-th", now=now, by="aiko")


def test_an_explanation_says_who_confirmed_a_rule_as_it_stands(raw: Workspace, now: datetime) -> None:
    def words() -> dict[str, str]:
        asked = ("10.40.2.10", "10.1.20.5", "tcp/8443")
        (trace,) = explain(raw, *asked, at=now, now=now, by="aiko").traces
        return next(rule for rule in trace.rules if rule.id == "TH-HQ-EDI").recertified

    assert words() == {}
    recertify(raw, ["TH-HQ-EDI"], "jp-hq", "it-jp", now=now, by="aiko")
    assert words() == {"jp-hq": "2020-06-08T00:00:00.000000Z"}
    policy = (raw.root / "policy.yaml").read_text()
    (raw.root / "policy.yaml").write_text(
        policy.replace("jp-hq/edi : tcp/8443", "jp-hq/edi : tcp/8440-8450")
    )
    assert words() == {}
