"""What logons say, as documents: of each hop, of accounts, of traces removed, in the timeline, in the notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sekisho.inventory.register import Inventory
from sekisho.investigate.fabric import Fabric
from sekisho.investigate.logbook.book import Looked
from sekisho.investigate.logons.acts import Act
from sekisho.investigate.logons.base import Answer, Corroboration, Source, Switch, label, user_of
from sekisho.investigate.logons.corroborate import NAMING, nobody
from sekisho.model import protocols
from sekisho.model.addresses import parse_address
from sekisho.model.hops import AccountSwitch, Evidence, HopLogons
from sekisho.model.incidents import (
    LOGONS,
    AccountDocument,
    AccountHop,
    LogonTally,
    TimelineItem,
    TracesRemoved,
)
from sekisho.model.logons import LogonKind
from sekisho.model.services import service_label
from sekisho.model.techniques import technique_name

EACH = 4
"""Records that one claim names."""
NAMED = 3
CLEARING = "T1070.001"
_NOT_ASKED = frozenset({Answer.NOT_ASKED})
_CHECKED = frozenset({Answer.SEEN, Answer.REFUSED, Answer.TRACES_REMOVED, Answer.TOO_LITTLE})


@dataclass(frozen=True, slots=True)
class LogonTeller:
    """Writes what was looked up; `rows` are all connections of the hops, in order of time."""

    looked: Looked
    inventory: Inventory
    fabric: Fabric
    rows: Sequence[int] = field(default=())

    def hop(self, row: int) -> HopLogons | None:
        """Of one connection; None where nothing was asked: control ran against its session, or that is not
        on record."""
        said = self.looked.said.get(row)
        if said is None:
            return None
        return HopLogons(
            answer=said.answer.value,
            why=said.why,
            accounts=said.accounts,
            switched=tuple(map(_switch, said.switched)),
            evidence=evidence(said.evidence),
        )

    def account(self, row: int) -> str | None:
        """Who travelled; None where nobody is named for certain, or only a machine."""
        said = self.looked.said.get(row)
        if said is None or said.answer not in NAMING or not said.accounts:
            return None
        account = said.carried or said.accounts[0]
        return None if nobody(account) else account

    def accounts(self) -> tuple[AccountDocument, ...]:
        """Who travelled, in order of time; ways of writing one account are one, told as first met."""
        hops: dict[str, list[tuple[str, Corroboration]]] = {}
        for row in self.rows:
            account = self.account(row)
            if account is not None:
                hops.setdefault(user_of(account), []).append((account, self.looked.said[row]))
        return tuple(_account(those) for those in hops.values())

    def removed(self) -> Iterator[TracesRemoved]:
        """Logons that should be on record and are not, and logs that were cleared, each once."""
        cleared: set[tuple[str, Source]] = set()
        for row in self.rows:
            said = self.looked.said.get(row)
            if said is None:
                continue
            if said.answer is Answer.TRACES_REMOVED:
                covering = tuple(
                    Evidence(
                        sensor=hour.sensor,
                        at=hour.hour,
                        text=f"log of {hour.host}: {hour.logons} logons in the hour from"
                        f" {hour.hour:%Y-%m-%d %H:%M} UTC by its own clock",
                    )
                    for hour in said.covering[:EACH]
                )
                yield self._removed(row, said, "logon_missing", said.step.begin, said.why, covering)
            for act in self.looked.done.get(row, ()):
                if act.kind is LogonKind.LOG_CLEARED and (act.host, act.source) not in cleared:
                    cleared.add((act.host, act.source))
                    at, why = act.at, f"traces removed: {act.text}"
                    yield self._removed(row, said, "log_cleared", at, why, evidence((act.source,)))

    def timeline(self) -> Iterator[TimelineItem]:
        """Who came, what was done then, and what is missing."""
        told: set[tuple[LogonKind, Source]] = set()
        for row in self.rows:
            said = self.looked.said.get(row)
            if said is None:
                continue
            site = self._site(row)
            if said.answer in (*NAMING, Answer.REFUSED, Answer.TRACES_REMOVED):
                yield TimelineItem(
                    at=said.step.begin,
                    kind="logon",
                    text=f"{said.step.src} to {said.step.dst} by {self._service(row)}: {said.why}",
                    evidence=evidence(said.evidence),
                    site=site,
                    source=LOGONS,
                )
            for switch in said.switched:
                yield TimelineItem(
                    at=switch.at,
                    kind="account",
                    text=f"at {switch.host} {switch.came} was changed for {switch.left}",
                    evidence=evidence(switch.evidence or said.evidence),
                    site=self.fabric.site(self.fabric.ends(row)[0]),
                    source=LOGONS,
                )
            for act in self.looked.done.get(row, ()):
                if (act.kind, act.source) not in told:
                    told.add((act.kind, act.source))
                    yield _act(act, site)

    def tally(self) -> LogonTally:
        """How many connections of hops could be checked."""
        said = [self.looked.said[row] for row in self.rows if row in self.looked.said]
        asked = [one for one in said if one.answer not in _NOT_ASKED]
        answers = Counter(one.answer for one in asked)
        return LogonTally(
            connections=len(self.rows),
            asked=len(asked),
            checked=sum(answers[answer] for answer in _CHECKED),
            told_elsewhere=answers[Answer.TOLD_ELSEWHERE],
            no_log=answers[Answer.NO_LOG],
            incomplete=answers[Answer.INCOMPLETE],
            unclear=answers[Answer.UNCLEAR],
            traces_removed=answers[Answer.TRACES_REMOVED],
        )

    def notes(self) -> Iterator[str]:
        """How many could be checked, and what could not be read or be put to a host."""
        told = self.tally()
        if told.connections:
            yield _checked(told)
        gathered = self.looked.gathered
        if gathered.cut:
            yield "more logons are on record than were looked at: a hop without one may yet have one"
        if gathered.damaged:
            yield f"{gathered.damaged} damaged files of logons in the lake could not answer"
        known = {label(name) for name in self.inventory.hostnames}
        strange = sorted(
            {
                hour.host
                for hour in gathered.hours
                if label(hour.host) not in known and not _is_address(hour.host)
            }
        )
        if strange:
            more = ", ..." if len(strange) > NAMED else ""
            yield (
                f"logs of {', '.join(strange[:NAMED])}{more} are on record, but assets.csv gives no address of"
                " that name: nothing in them was put to a hop"
            )
        measured = self.looked.clocks.of_host
        for (sensor, host), ahead in sorted(measured.items())[:NAMED]:
            if abs(ahead) > timedelta(minutes=1):
                way = "ahead" if ahead > timedelta() else "behind"
                seconds = abs(ahead).total_seconds()
                yield f"the clock of {host} ({sensor}) ran {seconds:.0f} s {way} and was reckoned with"

    def _service(self, row: int) -> str:
        return service_label(int(self.fabric.protocol[row]), int(self.fabric.port[row]))

    def _site(self, row: int) -> str | None:
        src, dst = self.fabric.ends(row)
        return self.fabric.site(dst) or self.fabric.site(src)

    def _removed(
        self,
        row: int,
        said: Corroboration,
        kind: str,
        at: object,
        why: str,
        evidence: tuple[Evidence, ...],
    ) -> TracesRemoved:
        step = said.step
        fields = {
            "kind": kind,
            "address": step.dst,
            "realm": step.dst_realm or None,
            "asset": min(step.dst_names, default=None),
            "site": self._site(row),
            "at": at,
            "src": step.src,
            "port": step.port,
            "protocol": step.protocol,
            "service": self._service(row),
            "technique": CLEARING,
            "technique_name": technique_name(CLEARING),
            "why": why,
            "evidence": evidence,
        }
        return TracesRemoved.model_validate(fields)


def evidence(sources: Iterable[Source]) -> tuple[Evidence, ...]:
    """The records that a claim rests on, at most EACH."""
    found = [Evidence(path=s.path, sha256=s.sha256, row=s.row, sensor=s.sensor) for s in sources]
    return tuple(found[:EACH])


def _switch(one: Switch) -> AccountSwitch:
    return AccountSwitch(
        host=one.host, came=one.came, left=one.left, at=one.at, evidence=evidence(one.evidence)
    )


def _account(those: Sequence[tuple[str, Corroboration]]) -> AccountDocument:
    account = those[0][0]
    own = user_of(account)
    steps = [said.step for _, said in those]
    return AccountDocument(
        account=account,
        since=steps[0].begin,
        until=max(step.begin for step in steps),
        hops=tuple(
            AccountHop(
                src=step.src,
                dst=step.dst,
                port=step.port,
                service=service_label(protocols.number(step.protocol), step.port),
                at=step.begin,
            )
            for step in steps
        ),
        switched=tuple(
            _switch(switch)
            for _, said in those
            for switch in said.switched
            if user_of(switch.left) == own
        ),
        evidence=evidence(source for _, said in those for source in said.evidence[:1]),
    )


def _act(act: Act, site: str | None) -> TimelineItem:
    return TimelineItem(
        at=act.at,
        kind=act.kind.value,
        text=act.text,
        evidence=evidence((act.source,)),
        site=site,
        source=LOGONS,
    )


def _checked(told: LogonTally) -> str:
    some = f"{told.connections} connection{'' if told.connections == 1 else 's'} of its hops"
    if not told.asked:
        return f"logons: of {some} none is to a service that writes logons down"
    rest = [
        (told.told_elsewhere, "told by others than the host alone"),
        (told.no_log, "at hosts of which no log covers the time"),
        (told.incomplete, "at hosts whose log lacks records"),
        (told.unclear, "that cannot be told apart"),
    ]
    more = "; ".join(f"{count} {text}" for count, text in rest if count)
    return (
        f"logons: of {some} {told.asked} can have one on record, {told.checked} could be checked"
        f"{'; ' + more if more else ''}"
    )


def _is_address(host: str) -> bool:
    try:
        parse_address(host)
    except ValueError:
        return False
    return True
