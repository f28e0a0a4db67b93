from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address

from sekisho.inventory.files import parse_inventory
from sekisho.model.rules import Policy, Rule
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.files import parse_policy
from sekisho.policy.retroactive import content_hash, contents, recorded, versions_that_matter

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
groups: {th/edi: [10.40.2.10]}
"""
INVENTORY = parse_inventory({"sites.yaml": SITES})
EDI, OTHER, HQ = (
    ("", ip_address("10.40.2.10")),
    ("", ip_address("10.40.9.9")),
    ("", ip_address("10.1.0.1")),
)


def day(number: int, month: int = 6) -> datetime:
    return datetime(2020, month, number, tzinfo=UTC)


@dataclass(frozen=True)
class Record:
    rule_hash: str
    recorded_at: datetime
    by: str = "anong"
    baseline: bool = False
    rule_id: str = ""
    version: str = ""


@dataclass(frozen=True)
class Word:
    rule_hash: str
    by: str


def policy(*rules: str) -> Policy:
    text = "connections:\n" + "".join(f"  - {{{rule}}}\n" for rule in rules)
    return parse_policy({"p.yaml": text.encode()}, INVENTORY)


FIRST = "id: EDI, allow: 'th/edi -> jp/* : ssh', from: 2020-01-01"
LATER = "id: LATE, allow: 'th/* -> jp/* : smb', from: 2020-01-01"


def kept(at: datetime, *rules: Rule, by: str = "anong", baseline: bool = False) -> list[Record]:
    return [Record(content_hash(rule), at, by, baseline) for rule in rules]


def verdict(found: Policy, src: object, port: int, at: datetime) -> Rank:
    return CompiledPolicy(found, INVENTORY).verdict(src, HQ, 6, port, at)  # type: ignore[arg-type]


def test_the_first_register_is_not_retroactive_and_a_later_rule_is() -> None:
    now = policy(FIRST, LATER)
    first, later = now.rules
    known = kept(day(1), first, baseline=True) + kept(day(11), later)
    found = recorded(now, INVENTORY, known, (), (), day(20))
    assert [rule.recorded for rule in found.rules] == [None, day(11)]
    assert verdict(found, EDI, 22, day(1, 2)) == Rank.AUTHORIZED
    assert verdict(found, OTHER, 445, day(10)) == Rank.UNAUTHORIZED
    assert verdict(found, OTHER, 445, day(12)) == Rank.AUTHORIZED
    assert replace(found, rules=()) == replace(now, rules=())


def test_nothing_kept_yet_is_the_first_register() -> None:
    now = policy(FIRST, LATER)
    assert recorded(now, INVENTORY, (), (), (), day(20)) == now


def test_a_content_never_kept_counts_from_now_and_one_of_the_future_is_in_time() -> None:
    now = policy(FIRST, LATER, "id: SOON, allow: 'th/* -> jp/* : rdp', from: 2020-07-01")
    known = kept(day(1), now.rules[0], baseline=True)
    found = recorded(now, INVENTORY, known, (), (), day(20))
    assert [rule.recorded for rule in found.rules] == [None, day(20), None]


def test_only_a_second_person_accepts() -> None:
    now = policy(FIRST, LATER)
    known = kept(day(1), now.rules[0], baseline=True) + kept(day(11), now.rules[1], by="anong")
    name = content_hash(now.rules[1])
    same = recorded(now, INVENTORY, known, [Word(name, " Anong ")], (), day(20))
    other = recorded(now, INVENTORY, known, [Word(name, "tanaka")], (), day(20))
    assert (same.rules[1].recorded, other.rules[1].recorded) == (day(11), None)
    elsewhere = recorded(now, INVENTORY, known, [Word("0" * 64, "tanaka")], (), day(20))
    assert elsewhere.rules[1].recorded == day(11)


def test_of_a_widened_rule_only_what_is_new_is_retroactive() -> None:
    old = policy(FIRST)
    now = policy("id: EDI, allow: 'th/* -> jp/* : ssh, rdp', from: 2020-01-01")
    known = kept(day(1), *old.rules, baseline=True) + kept(day(11), *now.rules)
    found = recorded(now, INVENTORY, known, (), old.rules, day(20))
    assert verdict(found, EDI, 22, day(5)) == Rank.AUTHORIZED
    assert verdict(found, OTHER, 22, day(5)) == Rank.UNAUTHORIZED
    assert verdict(found, EDI, 3389, day(5)) == Rank.UNAUTHORIZED
    assert verdict(found, OTHER, 3389, day(12)) == Rank.AUTHORIZED
    assert {rule.id for rule in found.rules} == {"EDI"}
    unread = recorded(now, INVENTORY, known, (), (), day(20))
    assert verdict(unread, EDI, 22, day(5)) == Rank.UNAUTHORIZED


def test_a_renewal_does_not_put_the_past_in_the_wrong() -> None:
    old = policy("id: EDI, allow: 'th/edi -> jp/* : ssh', from: 2020-01-01, expires: 2020-06-30")
    now = policy("id: EDI, allow: 'th/edi -> jp/* : ssh', from: 2020-01-01, expires: 2020-12-31")
    known = kept(day(1), *old.rules, baseline=True) + kept(day(10, 7), *now.rules)
    found = recorded(now, INVENTORY, known, (), old.rules, day(20, 8))
    assert verdict(found, EDI, 22, day(15)) == Rank.AUTHORIZED
    assert verdict(found, EDI, 22, day(5, 7)) == Rank.LAPSED
    assert verdict(found, EDI, 22, day(11, 7)) == Rank.AUTHORIZED


def test_content_is_what_is_permitted_and_when() -> None:
    (rule,) = policy("id: A, allow: 'th/edi, jp/* -> jp/* : ssh, rdp', owner: x").rules
    (same,) = policy(
        "id: B, allow: 'jp/*, th/edi -> jp/* : tcp/3389, tcp/22', owner: y, tier: essential"
    ).rules
    assert content_hash(rule) == content_hash(same)
    (longer,) = policy("id: A, allow: 'th/edi, jp/* -> jp/* : ssh, rdp', expires: 2030-01-01").rules
    (reverse,) = policy("id: A, allow: 'jp/* -> th/edi, jp/* : ssh, rdp'").rules
    assert len({content_hash(r) for r in (rule, longer, reverse)}) == 3


def test_proposed_rules_have_no_record() -> None:
    now = policy(FIRST, f"{LATER}, state: proposed")
    assert contents(now) == (("EDI", content_hash(now.rules[0])),)
    known = kept(day(1), now.rules[0], baseline=True)
    assert recorded(now, INVENTORY, known, (), (), day(20)).rules[1].recorded is None


def test_a_long_history_is_read_only_where_a_retroactive_rule_had_other_contents() -> None:
    first, later = policy(FIRST).rules[0], policy(LATER).rules[0]
    narrow = policy(LATER.replace("smb", "tcp/446")).rules[0]
    known = [
        Record(content_hash(first), day(1), baseline=True, rule_id="EDI", version="v1"),
        Record(content_hash(narrow), day(2), rule_id="LATE", version="v2"),
        Record(content_hash(later), day(3), rule_id="LATE", version="v3"),
    ]
    now = policy(FIRST, LATER)
    assert versions_that_matter(now, known, [], day(9)) == {"v2"}
    assert versions_that_matter(policy(FIRST), known, [], day(9)) == frozenset()
    said = [Word(content_hash(later), "tanaka")]
    assert versions_that_matter(now, known, said, day(9)) == frozenset()
