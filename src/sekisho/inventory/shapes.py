"""What stands in sites.yaml, as shapes: they check it, and the editor's JSON Schema is made of them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    WithJsonSchema,
    model_validator,
)

from sekisho.inventory.located import Shape, wrong
from sekisho.inventory.values import (
    Address,
    Country,
    Name,
    Prefix,
    Realm,
    Timezone,
    When,
    read_name,
    validity,
)
from sekisho.model.sites import DatedPrefix, External, RelayKind, Sees
from sekisho.model.validity import Validity


class Dated(Shape):
    """Anything that may begin and end."""

    begin: When | None = Field(
        default=None, alias="from", description="First UTC day or time at which it holds"
    )
    until: When | None = Field(
        default=None, description="Last UTC day (inclusive), or the time at which it ends"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Dated:
        validity(self.begin, self.until)
        return self

    @property
    def validity(self) -> Validity:
        """From and until as an interval."""
        return validity(self.begin, self.until)


class PrefixShape(Dated):
    """A prefix or address, and when it belongs."""

    prefix: Prefix

    @property
    def dated(self) -> DatedPrefix:
        """As the model holds it."""
        return DatedPrefix(self.prefix, self.validity)


def _prefix_map(value: Any) -> Any:
    return {"prefix": value} if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    """One value where a list may stand is a list of one; nothing is an empty list."""
    if value is None:
        return []
    return [value] if isinstance(value, (str, dict)) else value


def _nothing_is_empty(value: Any) -> Any:
    return {} if value is None else value


_PREFIX_SCHEMA = {
    "anyOf": [
        {"type": "string", "examples": ["10.1.0.0/16"]},
        {
            "type": "object",
            "properties": {
                "prefix": {"type": "string"},
                "from": {"type": "string"},
                "until": {"type": "string"},
            },
            "required": ["prefix"],
            "additionalProperties": False,
        },
    ]
}
DatedPrefixShape = Annotated[PrefixShape, BeforeValidator(_prefix_map), WithJsonSchema(_PREFIX_SCHEMA)]
Prefixes = Annotated[
    tuple[DatedPrefixShape, ...],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "array", "items": _PREFIX_SCHEMA}, *_PREFIX_SCHEMA["anyOf"]]}),
]
_TEXTS_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
Texts = Annotated[tuple[str, ...], BeforeValidator(_listed), WithJsonSchema(_TEXTS_SCHEMA)]
Fields = Annotated[dict[str, str], BeforeValidator(_nothing_is_empty)]


class GroupShape(RootModel[Prefixes]):
    """The members of a group."""

    model_config = ConfigDict(frozen=True)


class MustRunShape(Dated):
    """When a site must run."""


def _must_run_map(value: Any) -> Any:
    words: dict[str, Any] = {"true": {}, "false": None}
    return words.get(str(value).casefold(), value) if isinstance(value, (bool, str)) else value


_MUST_RUN_SCHEMA = {
    "anyOf": [
        {"type": "boolean"},
        {
            "type": "object",
            "properties": {"from": {"type": "string"}, "until": {"type": "string"}},
            "additionalProperties": False,
        },
    ]
}
MustRun = Annotated[
    MustRunShape | None, BeforeValidator(_must_run_map), WithJsonSchema(_MUST_RUN_SCHEMA)
]


class SiteShape(Dated):
    """One site of the company."""

    name: str = Field(default="", description="What people call it")
    country: Country | None = Field(default=None, description="ISO 3166-1 alpha-2, such as JP")
    timezone: Timezone = Field(default="UTC", description="IANA name, such as Asia/Tokyo")
    owner: str = Field(default="", description="Who answers for it")
    prefixes: Prefixes = Field(description="Its prefixes; the longest match wins between sites")
    realm: Realm = Field(default="", description="Address space, where it is not the company's own")
    external: External | None = Field(
        default=None, description="Whether rules judge traffic with outsiders"
    )
    must_run: MustRun = Field(
        default=None, description="Nothing cuts it by itself, or {from, until} when; people still may"
    )


class ZoneShape(Shape):
    """A party outside the sites."""

    name: str = Field(default="", description="What people call it")
    prefixes: Prefixes
    realm: Realm = Field(default="", description="Address space in which its prefixes are seen")


def zone_map(value: Any) -> Any:
    """A zone may be written as its prefixes alone."""
    return {"prefixes": value} if isinstance(value, (str, list)) or value is None else value


Zones = Annotated[ZoneShape, BeforeValidator(zone_map)]


class RealmMatchShape(Shape):
    """Which of a sensor's records belong to a realm."""

    match: Fields = Field(description="Fields of the record and their values, such as {vlan: 12}")
    realm: Realm


def _positive(value: int) -> int:
    if value < 1:
        raise wrong(
            "sensor/sampling",
            f"sampling {value} is no rate",
            "write 1 for every packet, 1000 for 1 in 1000",
        )
    return value


def _rate(value: Any) -> Any:
    if isinstance(value, str) and (":" in value or "/" in value):
        raise wrong(
            "sensor/sampling", f"sampling {value!r} is no whole number", "write 1000 for 1 in 1000"
        )
    return value


def _flags(value: Any) -> Any:
    return [value] if isinstance(value, str) else ([] if value is None else value)


class SensorShape(Dated):
    """Where flows are observed."""

    site: str = Field(description="The site it stands in")
    kind: str = Field(
        default="any", description="Family of its logs: zeek, netflow, windows, generic, … or any"
    )
    address: Address | None = None
    sampling: Annotated[int, BeforeValidator(_rate), AfterValidator(_positive)] = Field(
        default=1, description="1 for every packet, N for one in N", json_schema_extra={"minimum": 1}
    )
    sees: Annotated[tuple[Sees, ...], BeforeValidator(_flags)] = Field(
        default=(), description="edge (what crosses its site's border), internet, inside, transit"
    )
    timezone: Timezone = Field(default="UTC", description="Of logs that carry no zone")
    paths: Texts = Field(default=(), description="Globs of its files, relative to the workspace")
    match: Fields = Field(default={}, description="Selects its records from a shared export")
    realm: Realm = Field(default="", description="Address space of all its records")
    realms: tuple[RealmMatchShape, ...] = Field(default=(), description="Address spaces by record")
    mapping: str | None = Field(default=None, description="Mapping file of a generic source")


def _ports(value: Any) -> Any:
    low, dash, high = str(value).partition("-")
    try:
        found = int(low), int(high if dash else low)
    except ValueError:
        found = -1, -1
    if not 0 <= found[0] <= found[1] <= 65535:
        raise wrong("nat/ports", f"ports {value!r} are no range", "write 1024-2047")
    return found


class NatShape(Dated):
    """An address, or each of a prefix in order, that sensors see in the place of another."""

    original: Prefix = Field(description="The end as it is: an address, or a prefix one to one")
    translated: Prefix = Field(description="What records show in its place, as many addresses")
    sensor: str | None = Field(default=None, description="Whose records; all where left out")
    realm: Realm = Field(default="", description="Address space of both")
    ports: Annotated[tuple[int, int], BeforeValidator(_ports)] = Field(
        default=(0, 65535),
        description="Ports of that end for which it holds, such as 1024-2047",
        json_schema_extra={"type": "string"},
    )


class RelayShape(Dated):
    """A host that opens connections for others."""

    kind: RelayKind = Field(
        description="proxy and load_balancer pass bytes on; jump and vpn let sessions through; nat"
    )
    addresses: Prefixes = Field(description="Its own addresses, on all its sides; no pools of clients")
    serves: Texts = Field(
        default=(), description="Sites, `site/group` or prefixes it forwards for; anybody if left out"
    )
    realm: Realm = Field(default="", description="Address space of its addresses")


def _names(value: Any) -> Any:
    if isinstance(value, dict):
        return {read_name(key): text or "" for key, text in value.items()}
    return {read_name(key): "" for key in _flags(value)}


class SitesFile(Shape):
    """sites.yaml."""

    sites: dict[Name, SiteShape] = Field(default={}, description="The company's sites")
    groups: dict[str, Prefixes] = Field(default={}, description="`site/group` and its members")
    zones: dict[Name, Zones] = Field(default={}, description="Outside parties and their prefixes")
    sensors: dict[Name, SensorShape] = Field(default={}, description="Where flows are observed")
    nat: dict[Name, NatShape] = Field(default={}, description="Addresses seen in the place of others")
    relays: dict[Name, RelayShape] = Field(default={}, description="Hosts that forward for others")
    realms: Annotated[dict[str, str], BeforeValidator(_names)] = Field(
        default={}, description="Names of the address spaces in use, with a remark each"
    )
    external: External = Field(
        default="observe",
        description="Whether rules judge traffic with the internet; a site may differ",
    )
