"""What is told of what comes in, and what is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.watch.watched import Watched

from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.run import audit
from sekisho.inventory.register import Inventory
from sekisho.model.findings import Life, finding_id
from sekisho.model.flows import Flag, Orientation, State
from sekisho.model.verdicts import FOUND
from sekisho.policy.compile import CompiledPolicy
from sekisho.state.state import State as Decisions
from sekisho.watch.alerts import Alert, Member
from sekisho.watch.base import Remark, Seen
from sekisho.watch.describing import Describer
from sekisho.watch.people import People
from sekisho.watch.run import Rounds

Watch = Callable[..., Watched]
Flow = Callable[..., dict[str, Any]]


def members(store: Any) -> list[Member]:
    found = [text for name in store.alerts() for text in store.members(name, 1000)]
    return [Member.model_validate_json(text) for text in found]


def test_the_watch_says_of_each_connection_what_the_audit_says(
    company: Any, register: tuple[Inventory, CompiledPolicy], now: Any
) -> None:
    inventory, compiled = register
    with open_lake(Workspace(company)) as lake, Decisions.open(company / "s.db") as state:
        lake.refresh(traits_of(inventory))
        document = audit(lake, inventory, compiled, begin=None, end=None, now=now)
        rounds = Rounds(lake, state.alerts(), {}, most=1)
        assert rounds.judge(Describer(inventory, compiled), People(), now) is not None
        while rounds.judge(Describer(inventory, compiled), People(), now):
            pass
        found = {m.finding: m for m in members(state.alerts())}
    assert {f.verdict for f in document.findings} == set(FOUND)
    said = {f.id: (f.verdict, f.established, f.flows, f.bytes_out.low) for f in document.findings}
    assert {m.finding: (m.verdict, m.established, m.flows, m.bytes_out) for m in found.values()} == said
    for finding in document.findings:
        member = found[finding.id]
        assert (member.src, member.dst) == (finding.src, finding.dst)
        assert member.nearest_rule == finding.nearest_rule


@pytest.mark.parametrize("seed", range(6))
def test_it_says_the_same_of_halves_however_they_are_spread_over_files(
    watched: Watch, flow: Flow, seed: int, register: tuple[Inventory, CompiledPolicy]
) -> None:
    dice = random.Random(seed)
    ends = [("10.40.2.10", "10.1.20.5"), ("10.40.9.9", "10.1.20.5"), ("10.60.1.1", "10.40.9.9")]
    rows = []
    for number in range(60):
        src, dst = dice.choice(ends)
        port, sport = dice.choice([445, 8443, 22]), dice.randrange(50_000, 50_006)
        at = number // 3 * 60.0 + dice.choice([0, 86_400])
        half = dice.choice(["both", "both", "sent", "answered"])
        size = dice.choice([60, 900, 3000])
        for reply in (False, True):
            if half == ("sent" if reply else "answered"):
                continue
            way = {"bytes_out": 0, "packets_out": 0} if reply else {"bytes_in": 0, "packets_in": 0}
            way |= (
                {"bytes_in": size, "packets_in": 1} if reply else {"bytes_out": size, "packets_out": 1}
            )
            flags = int(Flag.ONE_WAY | (Flag.REVERSED if reply else 0))
            row = flow(
                src, dst, port, at, sport=sport, state=State.UNKNOWN, flags=flags, lasts=1, **way
            )
            rows.append(row | {"orientation": int(Orientation.KNOWN_SERVICE)})
    watch = watched()
    while rows:
        count = dice.randrange(1, 8)
        watch.take(*rows[:count])
        rows = rows[count:]
    watch.lake.refresh({})
    document = audit(watch.lake, *register, begin=None, end=None, now=watch.now)
    said = {m.finding: m.verdict for m in members(watch.store)}
    assert said == {f.id: f.verdict for f in document.findings}
    assert len(said) >= 6


def test_an_unauthorised_connection_is_told_once(watched: Watch, flow: Flow) -> None:
    watch = watched()
    (alert,) = watch.take(flow())
    assert (alert.change, alert.revision, alert.status) == ("raised", 1, "open")
    assert alert.labels["src_site"] == "th-plant"
    assert alert.late == pytest.approx(3)
    assert watch.take(flow(at=36_100)) == []
    watch.later(hours=5)
    assert watch.review() == []
    assert watch.alerts()[0].flows == 2
    assert len(watch.store.waiting("sink", watch.now, 10)) == 1


def test_what_is_authorised_raises_nothing(watched: Watch, flow: Flow) -> None:
    watch = watched()
    assert watch.take(flow("10.40.2.10", "10.1.20.5", 8443)) == []
    assert watch.alerts() == []


def test_an_attempt_that_is_established_escalates_the_same_alert(watched: Watch, flow: Flow) -> None:
    watch = watched()
    quiet = {"bytes_in": 0, "packets_in": 0, "bytes_out": 60, "state": State.NO_REPLY}
    (tried,) = watch.take(flow(**quiet))
    assert (tried.members[0].verdict, tried.severity) == ("attempted", "low")
    (worse,) = watch.take(flow(at=36_050))
    assert worse.id == tried.id
    assert (worse.change, worse.revision, worse.members[0].verdict) == ("escalated", 2, "unauthorized")


def test_bytes_one_way_add_up_over_files_of_a_day(watched: Watch, flow: Flow) -> None:
    watch = watched()
    quiet = {"bytes_in": 0, "packets_in": 0, "bytes_out": 2500, "state": State.NO_REPLY}
    watch.take(flow(**quiet))
    (worse,) = watch.take(flow(at=36_050, sport=50_001, **quiet))
    assert worse.change == "escalated"
    assert worse.established == 1
    # Another day's bytes are another day's.
    (other,) = watch.take(flow(dst="10.1.50.1", port=22, **quiet))
    assert other.change == "raised"
    assert watch.take(flow(dst="10.1.50.1", port=22, at=36_050 + 86_400, **quiet)) == []


def test_connections_of_one_missing_rule_are_one_alert(watched: Watch, flow: Flow) -> None:
    watch = watched()
    (alert,) = watch.take(*(flow(dst=f"10.1.40.{n}") for n in range(1, 6)))
    assert (alert.connections, alert.labels["src"]) == (5, "10.40.9.9")
    # One more host that is reached waits a little; another source is told at once.
    assert watch.take(flow(dst="10.1.40.9")) == []
    (more,) = watch.take(flow("10.40.9.8", "10.1.40.1"))
    assert (more.id, more.change, more.connections) == (alert.id, "escalated", 7)


def test_more_of_the_same_is_told_a_minute_later_without_further_records(
    watched: Watch, flow: Flow
) -> None:
    watch = watched()
    watch.take(flow())
    assert watch.take(flow(dst="10.1.10.97")) == []
    assert watch.review() == []
    watch.later(seconds=61)
    (grown,) = watch.review()
    assert (grown.change, grown.connections) == ("grown", 2)
    assert watch.review() == []


def test_a_scanner_is_one_alert_and_what_answered_it_another(watched: Watch, flow: Flow) -> None:
    watch = watched()
    quiet = {"bytes_in": 0, "packets_in": 0, "bytes_out": 60, "state": State.NO_REPLY}
    probes = [flow(dst=f"10.1.{n // 250}.{n % 250 + 1}", port=22 + n % 3, **quiet) for n in range(400)]
    scanner, other = sorted(watch.take(*probes, flow(dst="10.1.40.1")), key=lambda a: a.connections)[
        ::-1
    ]
    assert (scanner.kind, scanner.connections, scanner.established) == ("scanner", 400, 0)
    assert len(scanner.members) == 20
    assert (other.kind, other.connections, other.severity) == ("connection", 1, "critical")
    (answered,) = watch.take(flow(dst="10.1.0.1", port=22, at=36_010))
    assert (answered.kind, answered.change, answered.connections) == ("connection", "raised", 1)


def test_what_somebody_accepted_raises_nothing_until_it_runs_out(watched: Watch, flow: Flow) -> None:
    watch = watched()
    finding = finding_id("10.40.9.9", "10.1.0.5", "tcp", 445)
    watch.people = People(lives={finding: Life(status="accepted", who="aiko")})
    assert watch.take(flow()) == []
    assert watch.alerts() == []
    watch.people = People(lives={finding: Life(reopened="the acceptance ran out")})
    assert [a.change for a in watch.take(flow(at=36_002))] == ["raised"]


def test_what_comes_back_after_a_week_is_told_again(watched: Watch, flow: Flow) -> None:
    watch = watched()
    watch.take(flow())
    watch.later(days=8)
    assert [a.change for a in watch.take(flow(at=36_002 + 8 * 86_400))] == ["returned"]


def test_late_evidence_is_judged_and_says_how_late(watched: Watch, flow: Flow) -> None:
    (alert,) = watched().take(flow(at=36_000 - 3 * 86_400))
    assert alert.late is not None
    assert timedelta(days=3) < timedelta(seconds=alert.late) < timedelta(days=3, seconds=9)
    assert "came 3 days after they ended" in alert.text


def test_a_round_that_is_stopped_is_judged_again_and_told_once(
    watched: Watch, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watched()
    monkeypatch.setattr("sekisho.watch.book.Book.settle", _stop)
    with pytest.raises(KeyboardInterrupt):
        watch.take(flow())
    assert watch.store.cursor() is None
    monkeypatch.undo()
    assert [a.change for a in watch.judge()] == ["raised"]
    assert watch.judge() == []
    assert len(watch.store.waiting("sink", watch.now, 10)) == 1


def _stop(_book: Any) -> list[Alert]:
    raise KeyboardInterrupt


def test_a_remark_is_told_once_with_what_was_usual(watched: Watch, flow: Flow) -> None:
    class Busy:
        name = "busy"

        def observe(self, seen: Seen, lake: Any) -> list[Remark]:
            if not seen.rows.num_rows:
                return []
            (row,) = seen.rows.to_pylist()
            assert (row["flows"], row["bytes_out"], row["day"]) == (1, 1000, 19_786)
            assert watch.store.cursor() == watch.number
            return [Remark("busy|10.40.2.10", "low", "busy", "ten times as much", "1 MB a day")]

        def begin(self, file: int) -> None:
            pass

        def memory(self) -> bytes:
            return b""

        def remember(self, memory: bytes) -> None:
            raise AssertionError

    watch = watched(observers=[Busy()])
    (alert,) = watch.take(flow("10.40.2.10", "10.1.20.5", 8443))
    assert (alert.kind, alert.severity, alert.status) == ("behaviour", "low", "open")
    assert alert.baseline == "1 MB a day"
    assert watch.take(flow("10.40.2.10", "10.1.20.5", 8443, at=36_010)) == []


def test_a_sink_waits_only_for_what_is_severe_enough(watched: Watch, flow: Flow) -> None:
    watch = watched()
    watch.rounds = Rounds(watch.lake, watch.store, {"all": "info", "pager": "high"})
    quiet = {"bytes_in": 0, "packets_in": 0, "bytes_out": 60, "state": State.NO_REPLY}
    watch.take(flow(**quiet))
    assert watch.store.unsent() == {("all", False): 1}
    watch.take(flow(at=36_001))
    assert watch.store.unsent() == {("all", False): 2, ("pager", False): 1}


def test_what_the_lake_held_before_raises_nothing_unless_asked_for(watched: Watch, flow: Flow) -> None:
    watch = watched()
    watch.put(watch.lake, "th-edge", [flow()], "old.log")
    assert watch.rounds.begin(watch.now)
    assert not watch.rounds.begin(watch.now)
    assert watch.judge() == []
    assert [a.change for a in watch.take(flow(dst="10.1.9.9"))] == ["raised"]


def test_since_takes_in_what_was_taken_after_it(watched: Watch, flow: Flow) -> None:
    watch = watched()
    watch.put(watch.lake, "th-edge", [flow()], "old.log")
    watch.rounds.begin(watch.now, watch.now - timedelta(hours=1))
    assert [a.change for a in watch.judge()] == ["raised"]
