from __future__ import annotations

import json
import zlib

from msgspec import Raw
from tests.fleet.service.conftest import Clerk, enrol

from sekisho.fleet.service.asking import Answer, Config, Log, Read, Write
from sekisho.fleet.service.dispatch import Outcome


def write(key: str, address: str = "10.1.0.5", **rows: str) -> Write:
    return Write(
        key,
        address,
        {
            query: Answer(Outcome(0, "", f"digest of {text}"), Raw(text.encode()))
            for query, text in rows.items()
        },
    )


def test_who_shows_a_good_secret_gets_a_key_and_others_do_not(clerk: Clerk) -> None:
    good, bad = clerk.ask(enrol("pc1", key="k1"), enrol("pc2", key="k2", secret="x" * 43))
    assert json.loads(good.body) == {"node_key": "key of pc1", "node_invalid": False}
    assert (json.loads(bad.body)["node_invalid"], bad.invalid) == (True, True)
    assert [n.who.hostname for n in clerk.store.nodes()] == ["pc1"]
    assert clerk.refused() == {(0, "bad_secret"): 1}
    (config,) = clerk.ask(Config("k1", "10.1.0.5"))
    assert config.body == b'{"schedule":{}}'


def test_secrets_overlap_while_they_rotate_and_end_when_they_are_retired(clerk: Clerk) -> None:
    clerk.ledger("fleet.secret", {"id": "S-2", "hash": enrol("", secret="t" * 43).enrolling.secret})
    both = clerk.ask(enrol("a", key="k1"), enrol("b", key="k2", secret="t" * 43))
    assert not any(reply.invalid for reply in both)
    clerk.ledger("fleet.secret_retire", {"id": "S-1"})
    old, new = clerk.ask(enrol("c", key="k3"), enrol("d", key="k4", secret="t" * 43))
    assert (old.invalid, new.invalid) == (True, False)
    assert {n.identifier: n.secret for n in clerk.store.nodes()} == {"a": "S-1", "b": "S-2", "d": "S-2"}
    assert not clerk.read("k1").invalid


def test_a_secret_of_one_site_is_none_elsewhere(clerk: Clerk) -> None:
    hashed = enrol("", secret="t" * 43).enrolling.secret
    clerk.ledger("fleet.secret", {"id": "S-2", "hash": hashed, "site": "th-plant"})
    there, elsewhere, nowhere = clerk.ask(
        enrol("a", key="k1", secret="t" * 43, site="th-plant"),
        enrol("b", key="k2", secret="t" * 43, site="jp-hq"),
        enrol("c", key="k3", secret="t" * 43),
    )
    assert (there.invalid, elsewhere.invalid, nowhere.invalid) == (False, True, True)
    assert clerk.refused() == {(0, "wrong_site"): 2}


def test_who_enrols_again_gets_a_new_key_and_the_old_one_is_refused_and_shown(clerk: Clerk) -> None:
    old, new = clerk.enrol("pc1"), clerk.enrol("pc1")
    assert not clerk.read(new).invalid
    # What was under way when the key ended tells of no second machine; what comes later does.
    assert clerk.read(old).invalid
    clerk.later(seconds=5)
    assert clerk.read(old).invalid
    (node,) = clerk.store.nodes()
    assert node.enrolments == 2
    assert clerk.refused() == {(node.id, "late_key"): 1, (node.id, "old_key"): 1}


def test_who_enrols_again_and_again_is_slowed_for_an_hour(clerk: Clerk) -> None:
    last = [clerk.enrol("pc1") for _ in range(5)][-1]
    (reply,) = clerk.ask(enrol("pc1", key="k6"))
    assert reply.status == 429
    assert not clerk.read(last).invalid
    (node,) = clerk.store.nodes()
    assert clerk.refused() == {(node.id, "enrols_too_often"): 1}
    clerk.later(hours=1)
    clerk.enrol("pc1")


def test_a_key_that_nobody_was_given(clerk: Clerk) -> None:
    assert clerk.read("no key").invalid
    assert clerk.refused() == {(0, "unknown_key"): 1}


def test_a_key_that_two_hosts_use_is_ended_for_both(clerk: Clerk) -> None:
    key = clerk.enrol("pc1", address="10.1.0.5")
    answers = []
    for n in range(12):
        clerk.later(seconds=30)
        answers.append(clerk.read(key, ("10.1.0.5", "10.66.0.6")[n % 2]).invalid)
    assert answers == [False] * 5 + [True] * 7
    (node,) = clerk.store.nodes()
    assert clerk.refused()[node.id, "two_hosts"] == 1
    assert clerk.refused()[node.id, "old_key"] == 6


def test_an_answer_is_kept_once_and_only_to_what_was_asked(clerk: Clerk) -> None:
    seq = clerk.campaign("services")
    key, other = clerk.enrol("pc1"), clerk.enrol("pc2", address="10.1.0.6")
    (query,) = json.loads(clerk.read(key).body)["queries"]
    assert query == f"sekisho_{seq}_t_services"
    given = {query: '[{"name":"x"}]', "sekisho_9_t_services": "[]", "nonsense": "[]"}
    clerk.ask(write(key, **given))
    clerk.ask(write(key, **given), write(other, "10.1.0.6", **{query: "[]"}))
    (letter,) = clerk.store.letters(10)
    assert json.loads(zlib.decompress(letter.body)) == {
        "campaign": seq,
        "questions": {"t_services": {"status": 0, "message": "", "rows": [{"name": "x"}]}},
    }
    first, second = clerk.store.nodes()
    assert clerk.refused() == {(first.id, "not_handed"): 4, (second.id, "not_handed"): 1}


def test_who_asks_twice_at_once_is_told_once(clerk: Clerk) -> None:
    clerk.campaign("services")
    key = clerk.enrol("pc1")
    one, two = clerk.ask(Read(key, "10.1.0.5"), Read(key, "10.1.0.5"))
    assert json.loads(one.body)["queries"]
    assert not json.loads(two.body)["queries"]


def test_a_log_of_another_host_is_refused_and_ones_own_is_kept(clerk: Clerk) -> None:
    key = clerk.enrol("pc1")
    lines = [("pc1", Raw(b'{"n":1}')), ("pc2", Raw(b'{"n":2}')), ("", Raw(b'{"n":3}'))]
    (reply,) = clerk.ask(Log(key, "10.1.0.5", "result", lines, refused=2))
    assert not reply.invalid
    (letter,) = clerk.store.letters(10)
    assert zlib.decompress(letter.body) == b'{"n":1}\n{"n":3}'
    (node,) = clerk.store.nodes()
    assert clerk.refused() == {(node.id, "foreign_log"): 1, (node.id, "wrong_shape"): 2}
    (all_foreign,) = clerk.ask(Log(key, "10.1.0.5", "result", lines[1:2]))
    assert all_foreign.invalid


def test_what_was_refused_before_is_counted_at_the_node_where_it_can_be(clerk: Clerk) -> None:
    key = clerk.enrol("pc1", address="10.1.0.5")
    notes = {
        (key, "10.9.9.9", "too_large"): (3, "by its key"),
        ("", "10.1.0.5", "not_json"): (2, "by its address\x1b[31m"),
        ("", "10.9.9.9", "cut_off"): (1, "nobody's"),
    }
    clerk.ask(notes=notes)
    (node,) = clerk.store.nodes()
    assert clerk.refused() == {
        (node.id, "too_large"): 3,
        (node.id, "not_json"): 2,
        (0, "cut_off"): 1,
    }
    assert all("\x1b" not in r.detail for r in clerk.store.refusals())


def test_what_is_counted_adds_up(clerk: Clerk) -> None:
    clerk.campaign("services")
    key = clerk.enrol("pc1")
    (query,) = json.loads(clerk.read(key).body)["queries"]
    clerk.ask(write(key, **{query: "[]"}))
    clerk.ask(write(key, **{query: "[]"}))
    found = clerk.store.counts(clerk.now)
    assert found.counts == {
        "enrol": 1,
        "read": 1,
        "handed": 1,
        "write": 2,
        "answers": 1,
        "letters": 1,
        "repeated": 1,
    }
    assert (found.nodes, found.fresh, found.waiting) == (1, 1, 1)
