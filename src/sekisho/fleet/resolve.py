"""Which sightings are one terminal. The answer is the same in whatever order they came.

The strongest identity decides: hardware UUID, then serial number, then the directory's GUID, then name and
site. Two that contradict each other in a stronger one are two terminals, however alike the rest: they are shown
as alike, and a person may merge them. A renamed or re-imaged machine keeps its UUID and is one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sekisho.fleet.contested import NOTHING, Contested
from sekisho.fleet.identity import name_key, serial_key, uuid_key
from sekisho.model.terminals import Sighted, Sighting, TerminalDecision

ID_LENGTH = 12
SHARED = 3
"""So many names with one UUID or serial number in one file, and it is the vendor's, not the machine's: a rename
leaves an old name behind at most."""
_KEYS = ("uuid", "serial", "guid", "name")
_WORDS = {
    "uuid": "the hardware UUID",
    "serial": "the serial number",
    "guid": "the directory's GUID",
    "name": "the name and site",
}


@dataclass(frozen=True, slots=True)
class Joined:
    """A sighting that was taken for a terminal that is known, and why."""

    sighted: Sighted
    why: str


@dataclass(frozen=True, slots=True)
class Terminal:
    """One machine. `id` is that of its earliest sighting; `ids` those of all. Each value is the latest
    that is known."""

    id: str
    ids: tuple[str, ...]
    hostname: str
    site: str | None
    sighted: Sighted
    uuid: str = ""
    serial: str = ""
    guid: str = ""
    address: str = ""
    os: str = ""
    names: tuple[str, ...] = ()
    joined: tuple[Joined, ...] = ()
    alike: tuple[str, ...] = ()


@dataclass(slots=True)
class _Cluster:
    members: list[tuple[Sighted, str | None]] = field(default_factory=list)
    keys: dict[str, set[str]] = field(default_factory=lambda: {key: set() for key in _KEYS})
    domains: set[str] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)
    joined: list[Joined] = field(default_factory=list)
    alike: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        return min((s.first, s.id) for s, _ in self.members)[1]

    @property
    def last(self) -> tuple[object, str]:
        return max((s.last, s.id) for s, _ in self.members)


Place = Callable[[Sighting], str | None]


class Resolved:
    """All terminals, and the way from a sighting to its own."""

    def __init__(
        self,
        clusters: Sequence[_Cluster],
        shared: Mapping[str, frozenset[str]],
        contested: Contested = NOTHING,
    ) -> None:
        self._shared = shared
        self._contested = contested
        self.terminals = tuple(
            sorted((_terminal(c) for c in clusters), key=lambda t: (t.hostname, t.id))
        )
        self.by_id = {one: t for t in self.terminals for one in t.ids}
        self._index: dict[tuple[str, str], list[Terminal]] = defaultdict(list)
        for cluster in clusters:
            found = self.by_id[cluster.id]
            for key in _KEYS:
                for value in cluster.keys[key]:
                    self._index[key, value].append(found)

    def placed(self, sites: Mapping[str, str]) -> None:
        """Give terminals that the register has at no site the site that is said here, by their ids."""
        there = {
            t.id: replace(t, site=sites[t.id])
            for t in self.terminals
            if t.site is None and t.id in sites
        }
        if there:
            self.terminals = tuple(there.get(t.id, t) for t in self.terminals)
            self.by_id = {one: there.get(t.id, t) for one, t in self.by_id.items()}
            for place, found in self._index.items():
                self._index[place] = [there.get(t.id, t) for t in found]

    def find(self, asked: str) -> tuple[Terminal, ...]:
        """Terminals of that id (or the beginning of one, eight characters at least), hostname or UUID."""
        text = asked.strip().casefold().removeprefix("t-")
        short, domain = name_key(text)
        named = [
            t
            for t in self._index["name", short]
            if not domain or any(name_key(n)[1] in ("", domain) for n in t.names)
        ]
        if named:
            return tuple(named)
        if len(text) >= 8 and (ids := {t.id: t for i, t in self.by_id.items() if i.startswith(text)}):
            return tuple(ids.values())
        return tuple(t for t in self.terminals if text and text in (t.uuid, t.address))

    def match(self, who: Sighting) -> Terminal | None:
        """The terminal that a collection, or a node, is of; None where none is, or where several could be.

        Under a key that is contested only who bears a name of the terminal is it.
        """
        own = _keys_of(who, self._shared)
        for key in _KEYS:
            if not own[key]:
                continue
            fitting = [
                t
                for t in self._index[key, own[key]]
                if not _against(own, key, t, self._shared)
                and ((key, own[key]) not in self._contested or own["name"] in _short_names(t))
            ]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                return None
        return None


def resolve(
    sightings: Iterable[Sighted],
    place: Place,
    merges: Iterable[TerminalDecision] = (),
    contested: Contested = NOTHING,
) -> Resolved:
    """Terminals of sightings. `place` says the site of one; `merges` are people's, by any ids of both;
    `contested` are keys under which several machines are there at one time."""
    listed = list({s.id: s for s in sightings}.values())
    shared = _shared(listed, contested)
    keyed = [(_keys_of(s.sighting, shared), s) for s in listed]
    # The strongest first, so that what knows less finds what knows more, whichever file came first.
    keyed.sort(key=lambda one: (_rank(one[0]), one[1].first, one[1].id))
    clusters: list[_Cluster] = []
    index: dict[tuple[str, str], list[_Cluster]] = defaultdict(list)
    for keys, sighted in keyed:
        site = place(sighted.sighting)
        cluster, why = _home(keys, sighted, site, index)
        if cluster is None:
            cluster = _Cluster()
            clusters.append(cluster)
        else:
            cluster.joined.append(Joined(sighted, why))
        _add(cluster, keys, sighted, site, index)
    _note_alike(index)
    return Resolved(_merged(clusters, merges), shared, contested)


def _rank(keys: Mapping[str, str]) -> int:
    return next(n for n, key in enumerate(_KEYS) if keys[key])


def _keys_of(sighting: Sighting, shared: Mapping[str, frozenset[str]]) -> dict[str, str]:
    found = {
        "uuid": uuid_key(sighting.uuid),
        "serial": serial_key(sighting.serial),
        "guid": sighting.guid,
        "name": name_key(sighting.hostname)[0],
    }
    return {key: "" if value in shared.get(key, ()) else value for key, value in found.items()}


def _shared(listed: Iterable[Sighted], contested: Contested) -> dict[str, frozenset[str]]:
    names: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    there: dict[tuple[str, str], set[str]] = defaultdict(set)
    for s in listed:
        short = name_key(s.sighting.hostname)[0]
        for key, value in (
            ("uuid", uuid_key(s.sighting.uuid)),
            ("serial", serial_key(s.sighting.serial)),
        ):
            if value:
                names[key, value, s.intake].add(short)
                if short in contested.get((key, value), ()):
                    there[key, value].add(short)
    many: dict[str, set[str]] = {"uuid": set(), "serial": set()}
    for (key, value), found in there.items():
        # Two that the register names are both there: clones of one image, and no machine with a new name.
        if len(found) > 1:
            many[key].add(value)
    for (key, value, _), found in names.items():
        if len(found) >= SHARED:
            many[key].add(value)
    return {key: frozenset(values) for key, values in many.items()}


def _home(
    keys: Mapping[str, str],
    sighted: Sighted,
    site: str | None,
    index: Mapping[tuple[str, str], list[_Cluster]],
) -> tuple[_Cluster | None, str]:
    for n, key in enumerate(_KEYS):
        fitting = [
            c
            for c in (index.get((key, keys[key]), ()) if keys[key] else ())
            if not any(keys[s] and c.keys[s] and keys[s] not in c.keys[s] for s in _KEYS[:n])
            and (key != "name" or _same_place(c, sighted, site))
        ]
        if fitting:
            best = max(fitting, key=lambda c: c.last)
            why = f"same by {_WORDS[key]}"
            if len(fitting) > 1:
                why += f"; {len(fitting)} could be meant, the one seen last was taken"
            return best, why
    return None, ""


def _same_place(cluster: _Cluster, sighted: Sighted, site: str | None) -> bool:
    domain = name_key(sighted.sighting.hostname)[1]
    if domain and cluster.domains and domain not in cluster.domains:
        return False
    return site is None or not cluster.sites or site in cluster.sites


def _add(
    cluster: _Cluster,
    keys: Mapping[str, str],
    sighted: Sighted,
    site: str | None,
    index: dict[tuple[str, str], list[_Cluster]],
) -> None:
    cluster.members.append((sighted, site))
    for key, value in keys.items():
        if value and value not in cluster.keys[key]:
            cluster.keys[key].add(value)
            index[key, value].append(cluster)
    if domain := name_key(sighted.sighting.hostname)[1]:
        cluster.domains.add(domain)
    if site is not None:
        cluster.sites.add(site)


def _note_alike(index: Mapping[tuple[str, str], list[_Cluster]]) -> None:
    for (key, _), found in index.items():
        if len(found) > 1:
            for one in found:
                one.alike |= {
                    f"{_WORDS[key].replace('name and site', 'name')} of T-{other.id[:ID_LENGTH]} too"
                    for other in found[:20]
                    if other is not one
                }


def _merged(clusters: Sequence[_Cluster], merges: Iterable[TerminalDecision]) -> list[_Cluster]:
    home = {s.id: c for c in clusters for s, _ in c.members}
    gone: set[int] = set()
    for merge in sorted(merges, key=lambda m: m.seq):
        into, other = home.get(merge.terminal), home.get(merge.body.get("other", ""))
        if into is None or other is None or into is other:
            continue
        gone.add(id(other))
        why = f"merged by {merge.by}: {merge.why}"
        into.joined += [*other.joined, *(Joined(s, why) for s, _ in other.members[:1])]
        into.members += other.members
        for key in _KEYS:
            into.keys[key] |= other.keys[key]
        into.alike |= other.alike
        home.update({s.id: into for s, _ in other.members})
    return [c for c in clusters if id(c) not in gone]


def _short_names(terminal: Terminal) -> set[str]:
    return {name_key(name)[0] for name in terminal.names}


def _against(
    own: Mapping[str, str], key: str, terminal: Terminal, shared: Mapping[str, frozenset[str]]
) -> bool:
    theirs = {
        "uuid": uuid_key(terminal.uuid),
        "serial": serial_key(terminal.serial),
        "guid": terminal.guid,
    }
    return any(
        own[s] and theirs[s] and theirs[s] not in shared.get(s, ()) and own[s] != theirs[s]
        for s in _KEYS[: _KEYS.index(key)]
    )


def _terminal(cluster: _Cluster) -> Terminal:
    seen = sorted(
        cluster.members,
        key=lambda one: (one[0].last, one[0].first, one[0].row, one[0].id),
        reverse=True,
    )

    def latest(name: str) -> str:
        return next((value for s, _ in seen if (value := getattr(s.sighting, name))), "")

    return Terminal(
        id=cluster.id,
        ids=tuple(sorted(s.id for s, _ in cluster.members)),
        hostname=latest("hostname"),
        site=next((site for _, site in seen if site is not None), None),
        sighted=seen[0][0],
        uuid=latest("uuid"),
        serial=latest("serial"),
        guid=latest("guid"),
        address=latest("address"),
        os=latest("os"),
        names=tuple(dict.fromkeys(s.sighting.hostname for s, _ in seen)),
        joined=tuple(sorted(cluster.joined, key=lambda j: (j.sighted.first, j.sighted.id))),
        alike=tuple(sorted(cluster.alike)),
    )
