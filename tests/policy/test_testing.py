from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sekisho.inventory.register import Inventory
from sekisho.policy.files import parse_policy
from sekisho.policy.testing import TestsDocument as Results
from sekisho.policy.testing import run_tests

NOW = datetime(2020, 6, 2, tzinfo=UTC)
RULES = """
connections:
  - {id: EDI, allow: "th/edi -> jp/edi : tcp/8443, tcp/9000-9010"}
  - {id: WIDE, allow: "th/* -> jp/* : tcp/445", expires: 2020-12-31}
  - {id: MAYBE, allow: "us/* -> jp/* : ssh", state: proposed}
tests:
"""


def run(world: Inventory, test: str) -> Results:
    policy = parse_policy({"policy.yaml": f"{RULES}  - {test}\n".encode()}, world)
    return run_tests(policy, world, NOW)


@pytest.mark.parametrize(
    ("test", "witness", "rule"),
    [
        ("allow: 'th/edi -> jp/edi : tcp/8443'", None, None),
        ("allow: 'th/edi -> jp/edi : tcp/8443, tcp/9005, smb'", None, None),
        ("allow: 'th/edi -> jp/edi : tcp/9000-9011'", "th/edi -> jp/edi : tcp/9011 (of tcp/9011)", None),
        ("allow: 'th/* -> jp/edi : tcp/8443'", "th/* -> jp/edi : tcp/8443 (of tcp/8443)", None),
        ("deny: 'th/* -> jp/db : tcp/8443'", None, None),
        ("deny: 'th/* -> jp/edi : tcp/1-9005'", "th/* -> jp/edi : tcp/445 (of tcp/445", "WIDE"),
        ("deny: 'th/* -> jp/db : any'", "th/* -> jp/db : tcp/445 (of tcp/445)", "WIDE"),
        ("{deny: 'th/* -> jp/db : any', at: 2021-01-01}", None, None),
        ("{allow: 'th/* -> jp/db : smb', at: 2021-01-01}", "th/* -> jp/db : tcp/445 (of tcp/445)", None),
        ("deny: 'us/* -> jp/* : ssh'", None, None),
        ("deny: '10.41.7.0/24 -> jp/* : smb'", "10.41.7.0/24 -> jp/* : tcp/445 (of tcp/445)", "WIDE"),
        ("deny: 'jp/edi -> jp/db : any'", "jp/edi -> jp/db : tcp/1 (of any)", None),
        ("allow: 'jp/edi -> internet : any'", None, None),
        ("deny: 'th/old -> jp/* : any'", "its source means no address at that time", None),
    ],
)  # fmt: skip
def test_a_claim_holds_or_is_refuted_by_a_witness(
    world: Inventory, test: str, witness: str | None, rule: str | None
) -> None:
    found = run(world, test)
    (only,) = found.tests
    assert only.holds == (witness is None) == (found.failed == 0), only.witness
    assert (only.witness or "").startswith(witness or "")
    assert only.rule == rule
    assert (only.file, only.line) == ("policy.yaml", 7)


def test_a_register_without_tests(world: Inventory) -> None:
    found = run_tests(parse_policy({}, world), world, NOW)
    assert (found.tests, found.failed) == ((), 0)
