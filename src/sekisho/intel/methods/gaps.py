"""Of each technique what could show it, where that is on record, what looks for it, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sekisho.intel.attack.catalogue import Catalogue, Technique
from sekisho.intel.methods.known import Known
from sekisho.model.methods import (
    Exercise,
    LooksItem,
    Recorded,
    SiteStanding,
    SourceItem,
    Standing,
    TechniqueItem,
    Version,
)

NAMED = 6
"""Logs that nothing here reads, and rules, that a sentence names."""
SOURCES = 3
"""Sources that a sentence names."""
RULES = 50
"""Rules of one technique that are told; all are counted."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A Sigma rule. `logsource` is product/category/service; `runs` whether it is run here on what comes, `why`
    why it is not, although it is meant to be. `reads` are the sources that it is asked of, each with the sites
    at which such records of it are there lately (None: wherever it is seen); without, the log source says it.
    `of_terminals`: terminals' events are asked it."""

    id: str
    title: str
    techniques: tuple[str, ...]
    logsource: str
    level: str = ""
    feed: str = ""
    runs: bool = False
    why: str = ""
    reads: Mapping[str, frozenset[str] | None] | None = None
    of_terminals: bool = False

    def read(self, lists: Known) -> Mapping[str, frozenset[str] | None]:
        """The sources that it reads, and where."""
        return dict.fromkeys(lists.read_by(self.logsource)) if self.reads is None else self.reads


@dataclass(frozen=True, slots=True)
class Here:
    """What there is: `recorded` of every source at every site that is asked about, `rules`, and when a look or
    a rule was last exercised, by its id; `steps` are the last steps of incidents' paths, by technique."""

    sites: tuple[str, ...]
    recorded: Sequence[Recorded] = ()
    rules: Sequence[Rule] = ()
    exercised: Mapping[str, Exercise] = field(default_factory=dict)
    steps: Mapping[str, Exercise] = field(default_factory=dict)


def version_of(catalogue: Catalogue) -> Version:
    """What a document says of the catalogue that it is by."""
    return Version(
        domain=catalogue.domain,
        version=catalogue.version,
        date=catalogue.date,
        source=catalogue.source,
        notice=catalogue.notice,
    )


def techniques(catalogue: Catalogue, lists: Known, here: Here) -> tuple[TechniqueItem, ...]:
    """Every technique in scope, by tactic and id."""
    joined = _Joined(catalogue, lists, here)
    found = [joined.item(one) for one in lists.scope(catalogue)]
    found.sort(key=lambda one: (_tactic(lists, one.tactics), one.id))
    return tuple(found)


def _tactic(lists: Known, tactics: Sequence[str]) -> int:
    order = ("initial-access", *lists.tactics)
    return min((order.index(one) for one in tactics if one in order), default=len(order))


class _Joined:
    def __init__(self, catalogue: Catalogue, lists: Known, here: Here) -> None:
        self._catalogue, self._lists, self._here = catalogue, lists, here
        self._at = {(one.source, one.site): one for one in here.recorded}
        self._rules: dict[str, list[Rule]] = {}
        for rule in here.rules:
            for name in rule.techniques:
                self._rules.setdefault(name, []).append(rule)

    def item(self, one: Technique) -> TechniqueItem:
        sources = tuple(self._sources(one))
        looks = tuple(self._looks(one))
        rules = self._rules.get(one.id, [])
        sites = tuple(self._site(site, sources, looks, rules) for site in self._here.sites)
        not_here = tuple(self._not_here(one))
        exercised = self._exercised(one, looks, rules)
        return TechniqueItem(
            id=one.id,
            name=self._catalogue.named(one.id),
            tactics=one.tactics,
            text=one.text,
            sources=sources,
            not_here=not_here,
            looked_for_by=looks,
            rules=len(rules),
            sites=sites,
            exercised=exercised,
            missing=tuple(self._missing(sources, not_here, looks, sites, rules)),
        )

    def _exercised(
        self, one: Technique, looks: Sequence[LooksItem], rules: Sequence[Rule]
    ) -> Exercise | None:
        """The last; that a rule was asked shows less than whatever was found, however long ago."""
        by_rules = [found for rule in rules if (found := self._here.exercised.get(rule.id)) is not None]
        last = [
            look.exercised for look in looks if look.where != "sigma" and look.exercised is not None
        ]
        last += [found for found in by_rules if found.kind == "match"]
        last += [self._here.steps[one.id]] if one.id in self._here.steps else []
        return max(last or by_rules, key=lambda found: found.at, default=None)

    def _sources(self, one: Technique) -> Iterator[SourceItem]:
        for source in self._lists.sources.values():
            by = next((c for c in source.components for s in one.shown_by if c.is_of(s, one)), None)
            if by is not None:
                why = f"{by.name}: {by.why}"
                yield SourceItem(id=source.id, title=source.title, why=why, by="attack")
                continue
            own = next(
                (s for s in self._lists.shows if s.source == source.id and one.id in s.techniques), None
            )
            if own is not None:
                yield SourceItem(id=source.id, title=source.title, why=own.why, by="sekisho")

    def _not_here(self, one: Technique) -> Iterator[str]:
        """Where ATT&CK says that it shows, and nothing here reads that."""
        said: dict[str, None] = {}
        for shown in one.shown_by:
            if not any(c.is_of(shown, one) for s in self._lists.sources.values() for c in s.components):
                said[f"{shown.component} ({shown.log})" if shown.log else shown.component] = None
        yield from said

    def _looks(self, one: Technique) -> Iterator[LooksItem]:
        for look in self._lists.looks:
            if one.id in look.techniques:
                yield LooksItem(
                    id=look.id,
                    title=look.title,
                    where=look.where,
                    why=look.why,
                    needs=look.needs,
                    exercised=self._here.exercised.get(look.id),
                )
        rules = self._rules.get(one.id, [])
        for rule in sorted(rules, key=lambda rule: (not rule.runs, rule.title, rule.id))[:RULES]:
            needs = tuple(rule.read(self._lists))
            reads = rule.why or f"reads {rule.logsource or 'no named log'}"
            if not needs and not rule.why:
                reads += ", which is on no record here"
            yield LooksItem(
                id=rule.id,
                title=rule.title,
                where="sigma",
                why=f"tagged with this technique; {reads}",
                needs=needs,
                runs=rule.runs,
                exercised=self._here.exercised.get(rule.id),
            )

    def _site(
        self,
        site: str,
        sources: Sequence[SourceItem],
        looks: Sequence[LooksItem],
        rules: Sequence[Rule],
    ) -> SiteStanding:
        at = [found for one in sources if (found := self._at.get((one.id, site))) is not None]
        seen = tuple(one.source for one in at if one.standing == "seen")
        lapsed = any(one.standing == "lapsed" for one in at)
        standing: Standing = "seen" if seen else "lapsed" if lapsed else "nothing_recorded"
        return SiteStanding(
            site=site,
            standing=standing,
            seen_by=seen,
            last=max((one.last for one in at if one.last is not None), default=None),
            missing=tuple(one.id for one in sources if one.id not in seen),
            looked_for=any(set(look.needs) & set(seen) for look in looks if look.where != "sigma")
            or (bool(seen) and any(self._asked_at(site, rule) for rule in rules if rule.runs)),
        )

    def _asked_at(self, site: str, rule: Rule) -> bool:
        """Whether a rule has something to read there: that it shows the technique is what its author says."""
        return any(
            (at is None or site in at)
            and (found := self._at.get((source, site))) is not None
            and found.standing == "seen"
            for source, at in rule.read(self._lists).items()
        )

    def _missing(
        self,
        sources: Sequence[SourceItem],
        not_here: Sequence[str],
        looks: Sequence[LooksItem],
        sites: Sequence[SiteStanding],
        rules: Sequence[Rule],
    ) -> Iterator[str]:
        if not sources:
            named = _named(not_here)
            yield "nothing that is read here could show it" + (
                f": it shows in {named}" if named else ""
            )
            return
        kinds = self._lists.sources
        blind = [one.site for one in sites if one.standing == "nothing_recorded"]
        if blind:
            could = _or([kinds[one.id].title for one in sources])
            yield f"nothing that could show it is recorded at {_named(blind)}: {could}"
        lapsed = [one for one in sites if one.standing == "lapsed"]
        if lapsed:
            last = max(one.last for one in lapsed if one.last is not None)
            where = _named([one.site for one in lapsed])
            yield f"at {where} nothing that could show it was recorded since {last:%Y-%m-%d}"
        if not any(look.runs for look in looks):
            number = "1 Sigma rule is" if len(rules) == 1 else f"{len(rules)} Sigma rules are"
            also = f", though {number} known that would" if rules else ""
            whys = [rule.why for rule in rules if rule.why]
            yield f"nothing looks for it{also}" + (f" ({_or(whys)})" if whys else "")
            return
        deaf = [one.site for one in sites if one.standing == "seen" and not one.looked_for]
        if deaf:
            needs = dict.fromkeys(kinds[n].title for look in looks if look.runs for n in look.needs)
            yield f"what looks for it has nothing to read at {_named(deaf)}: {_or(list(needs))}"


def _named(names: Iterable[str]) -> str:
    some = list(names)
    more = f" and {len(some) - NAMED} more" if len(some) > NAMED else ""
    return ", ".join(some[:NAMED]) + more


def _or(names: Sequence[str]) -> str:
    some = list(dict.fromkeys(names))
    rest = len(some) - SOURCES
    more = f"; {rest} other{'' if rest == 1 else 's'}" if rest > 0 else ""
    return "; ".join(some[:SOURCES]) + more
