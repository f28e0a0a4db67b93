"""Sites, groups, zones, sensors and assets: who is where, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sekisho.model.addresses import IPAddress, IPNetwork
from sekisho.model.validity import ALWAYS, Validity

DEFAULT_REALM = ""
External = Literal["observe", "audit"]
Sees = Literal["edge", "internet", "inside", "transit"]
RelayKind = Literal["proxy", "jump", "nat", "vpn", "load_balancer"]
Criticality = Literal["critical", "high", "normal", "low"]


@dataclass(frozen=True, slots=True)
class DatedPrefix:
    """A prefix (or single address) and when it belongs."""

    prefix: IPNetwork
    validity: Validity = ALWAYS


@dataclass(frozen=True, slots=True)
class Site:
    """A place of the company. `name` is its key in sites.yaml, `title` what people call it.

    `must_run` is when nothing may cut it by itself, None where it may.
    """

    name: str
    title: str
    country: str
    timezone: str
    owner: str
    prefixes: tuple[DatedPrefix, ...]
    realm: str = DEFAULT_REALM
    external: External = "observe"
    validity: Validity = ALWAYS
    must_run: Validity | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of addresses within one site; its full name is `site/name`."""

    site: str
    name: str
    members: tuple[DatedPrefix, ...]

    @property
    def label(self) -> str:
        """The name that selectors use."""
        return f"{self.site}/{self.name}"


@dataclass(frozen=True, slots=True)
class Zone:
    """A party outside the sites that rules may name."""

    name: str
    prefixes: tuple[DatedPrefix, ...]
    realm: str = DEFAULT_REALM


@dataclass(frozen=True, slots=True)
class RealmMatch:
    """Records of a sensor whose fields equal `match` belong to `realm` (VLAN, VRF, exporter …)."""

    match: Mapping[str, str]
    realm: str


@dataclass(frozen=True, slots=True)
class Sensor:
    """Where flows were observed.

    `kind` is a family of formats or `any`; `sampling` is 1 for every packet, N for one in N. `paths`
    are globs relative to the workspace; `match` selects its records from a shared export; `mapping`
    names the mapping file of a generic CSV or Parquet source, relative to the workspace.
    """

    name: str
    site: str
    kind: str = "any"
    address: IPAddress | None = None
    sampling: int = 1
    sees: frozenset[Sees] = frozenset()
    timezone: str = "UTC"
    paths: tuple[str, ...] = ()
    realm: str = DEFAULT_REALM
    realms: tuple[RealmMatch, ...] = ()
    match: Mapping[str, str] = field(default_factory=dict)
    mapping: str | None = None
    validity: Validity = ALWAYS

    @property
    def of_hosts(self) -> bool:
        """Whether it is the logs of hosts, which tell of logons and hold no flows."""
        return self.kind == "windows"


@dataclass(frozen=True, slots=True)
class Translation:
    """What an address stands for that sensors behind a gateway see in the place of `original`.

    Of records of `sensor` (None: all) in `realm` in which that end's port lies in `ports` (both included).
    """

    name: str
    original: IPAddress
    translated: IPAddress
    sensor: str | None = None
    realm: str = DEFAULT_REALM
    ports: tuple[int, int] = (0, 65535)
    validity: Validity = ALWAYS


@dataclass(frozen=True, slots=True)
class Relay:
    """A host that opens connections for others. `addresses` are its own, on all its sides.

    `serves` names whom it forwards for: sites, groups (`site/group`) or prefixes; empty is anybody.
    """

    name: str
    kind: RelayKind
    addresses: tuple[DatedPrefix, ...]
    serves: tuple[str | IPNetwork, ...] = ()
    realm: str = DEFAULT_REALM
    validity: Validity = ALWAYS


@dataclass(frozen=True, slots=True)
class Asset:
    """One address with a name. A dual-stack host is several of them with one hostname.

    `data` are the kinds of data it keeps and `people` how many people these are about, None where nobody
    said.
    """

    address: IPAddress
    hostname: str
    site: str
    realm: str = DEFAULT_REALM
    groups: tuple[str, ...] = ()
    owner: str = ""
    criticality: Criticality = "normal"
    validity: Validity = ALWAYS
    division: str = ""
    data: tuple[str, ...] = ()
    people: int | None = None
