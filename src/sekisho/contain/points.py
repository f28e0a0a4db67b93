"""gateways.yaml: which gateway stands on which link, and what must never be cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sekisho.contain.platforms import PLATFORMS, Delivery
from sekisho.contain.shapes import GatewaysFile, GatewayShape
from sekisho.contain.targets import link_end
from sekisho.contain.windows import Window, read_window
from sekisho.errors import RequestError
from sekisho.inventory.documents import Document, read_document
from sekisho.inventory.files import files_sha256
from sekisho.inventory.located import Problems, shaped
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import IPAddress
from sekisho.model.rules import Selector
from sekisho.model.services import PortRange
from sekisho.model.validity import Validity
from sekisho.policy.sentences import read_parts

FILE = "gateways.yaml"
Services = Mapping[str, tuple[PortRange, ...]]
Side = tuple[Selector, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """Connections that something depends on, as a sentence says them."""

    text: str
    sources: Side
    destinations: Side
    services: tuple[PortRange, ...]


@dataclass(frozen=True, slots=True)
class Gateway:
    """One enforcement point. `links` are the pairs of places whose traffic passes it."""

    name: str
    platform: str
    address: IPAddress
    links: tuple[tuple[Side, Side], ...]
    realm: str = ""
    deliver: Delivery = "render"
    user: str = "root"
    port: int = 22
    host_keys: tuple[str, ...] = ()
    management: tuple[Path, ...] = ()
    logs: tuple[Path, ...] = ()
    owner: str = ""
    windows: tuple[Window, ...] = ()
    interfaces: tuple[str, ...] = ()
    validity: Validity = field(default_factory=Validity)


@dataclass(frozen=True, slots=True)
class Points:
    """All of gateways.yaml. `sha256` is over the file as it was."""

    gateways: Mapping[str, Gateway] = field(default_factory=dict)
    never_cut: Mapping[str, Path] = field(default_factory=dict)
    lifelines: Mapping[str, Path] = field(default_factory=dict)
    sha256: str = ""

    @property
    def selectors(self) -> Iterable[Selector]:
        """Every selector that the file names."""
        for gateway in self.gateways.values():
            for near, far in gateway.links:
                yield from (*near, *far)
            for path in (*gateway.management, *gateway.logs):
                yield from (*path.sources, *path.destinations)
        for path in (*self.never_cut.values(), *self.lifelines.values()):
            yield from (*path.sources, *path.destinations)


def parse_points(content: bytes, inventory: Inventory, services: Services) -> Points:
    """What the file says. `services` are the register's own names.

    Raises FileProblems with everything that is wrong in it.
    """
    problems = Problems()
    document, found = read_document(FILE, content, ("management", "logs"))
    problems.extend(found)
    data = document.root.plain() if document.root is not None else None
    shape = shaped(GatewaysFile, document, (), data or {}, FILE, problems)
    if shape is None:
        problems.check()
        raise AssertionError("a shape that could not be read has a problem")
    reading = _Reading(document, inventory, services, problems)
    gateways = {name: reading.gateway(name, one) for name, one in shape.gateways.items()}
    kept = [
        {name: reading.path((key, name), text) for name, text in sentences.items()}
        for key, sentences in (("never_cut", shape.never_cut), ("lifelines", shape.lifelines))
    ]
    problems.check()
    never_cut, lifelines = ({n: p for n, p in one.items() if p is not None} for one in kept)
    return Points(gateways, never_cut, lifelines, files_sha256({FILE: content}))


@dataclass(frozen=True, slots=True)
class _Reading:
    document: Document
    inventory: Inventory
    services: Services
    problems: Problems

    def gateway(self, name: str, shape: GatewayShape) -> Gateway:
        at: tuple[str | int, ...] = ("gateways", name)
        links = [self._link((*at, "links", n), text) for n, text in enumerate(shape.links)]
        management, logs = (
            tuple(
                path
                for n, text in enumerate(texts)
                if (path := self.path((*at, key, n), text)) is not None
            )
            for key, texts in (("management", shape.management), ("logs", shape.logs))
        )
        return Gateway(
            name=name,
            platform=shape.platform,
            address=shape.address,
            links=tuple(link for link in links if link is not None),
            realm=shape.realm,
            deliver=shape.deliver or PLATFORMS[shape.platform].delivery,
            user=shape.user,
            port=shape.port,
            host_keys=shape.host_keys,
            management=management,
            logs=logs,
            owner=shape.owner,
            windows=tuple(map(read_window, shape.windows)),
            interfaces=shape.interfaces,
            validity=shape.validity,
        )

    def _link(self, at: tuple[str | int, ...], text: str) -> tuple[Side, Side] | None:
        near, arrow, far = text.partition("<->")
        try:
            if not arrow or not near.strip() or not far.strip():
                raise RequestError(f"`{text[:80]}` is no link", "write it as `th-plant <-> *`")
            return link_end(near, self.inventory), link_end(far, self.inventory)
        except RequestError as error:
            place = self.document.place(at)
            self.problems.add(FILE, place, "gateway/link", str(error), error.mend)
            return None

    def path(self, at: tuple[str | int, ...], text: str) -> Path | None:
        parts, slips = read_parts(text, self.inventory, self.services)
        for slip in slips:
            node = self.document.at(at)
            text_at = node is not None and node.kind == "text"
            place = (
                self.document.place_within(node, slip.offset)
                if node is not None and text_at
                else self.document.place(at)
            )
            self.problems.add(FILE, place, slip.code, slip.message, slip.mend)
        if parts is None:
            return None
        return Path(" ".join(text.split()), *parts[:3])
