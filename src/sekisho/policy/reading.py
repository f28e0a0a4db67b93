"""Policy documents as rules and tests, with every problem of their contents noted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from sekisho.inventory.documents import Document, Path
from sekisho.inventory.located import Problems, did_you_mean, shaped
from sekisho.inventory.register import Inventory
from sekisho.model.protocols import NUMBERS
from sekisho.model.rules import PolicyTest, Rule
from sekisho.model.services import SERVICES, PortRange
from sekisho.model.validity import in_utc, midnight
from sekisho.policy.language import Slip, read_words
from sekisho.policy.selectors import touches
from sekisho.policy.sentences import Parts, read_parts
from sekisho.policy.services import read_services
from sekisho.policy.shapes import ConnectionShape, PolicyFile, TestShape


class Reading:
    """Merges the files of a register. Services first, since rules of any file may name them."""

    def __init__(self, inventory: Inventory, problems: Problems) -> None:
        self.inventory, self.problems = inventory, problems
        self.rules: list[Rule] = []
        self.tests: list[PolicyTest] = []
        self.services: dict[str, tuple[PortRange, ...]] = {}
        self._named_at: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._intra: set[str] = set()
        self._intra_all = False

    def services_of(self, document: Document) -> None:
        """Take the service names that one file adds."""
        data = self._data(document)
        own = data.get("services")
        if not isinstance(own, dict):
            return  # a wrong type is reported with the rest of the file
        for name, value in own.items():
            words = [value] if isinstance(value, str) else value
            if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
                continue
            self._service(document, name, words)

    def _service(self, document: Document, name: str, texts: Sequence[str]) -> None:
        folded, path = name.casefold(), ("services", name)
        at = document.place(path, key=True)
        if folded in SERVICES or folded in NUMBERS or folded in ("any", "icmp"):
            self.problems.add(
                document.file,
                at,
                "service/known",
                f"`{name}` has a meaning already",
                "choose another name: rules that use it would silently change",
            )
            return
        if (
            not folded
            or "/" in name
            or "," in name
            or any(c.isspace() for c in name)
            or folded.isdigit()
        ):
            self.problems.add(
                document.file,
                at,
                "service/name",
                f"{name!r} cannot be a service",
                "use one word without spaces, commas or slashes",
            )
            return
        if folded in self.services:
            self.problems.add(
                document.file,
                at,
                "service/twice",
                f"the service `{name}` is already at {self._named_at[folded]}",
                "keep one of them",
            )
            return
        ranges: list[PortRange] = []
        for position, text in enumerate(texts):
            words, slips = read_words(text)
            found, more = read_services(words, {})
            ranges.extend(found)
            for slip in (*slips, *more):
                self._slip(document, (*path, position), slip)
        self.services[folded] = tuple(dict.fromkeys(ranges))
        self._named_at[folded] = _where(document, at)

    def rules_of(self, document: Document) -> None:
        """Take the rules, tests and remaining keys of one file."""
        data = self._data(document)
        lists: dict[str, list[Any]] = {}
        for name in ("connections", "tests"):
            value = data.pop(name, None)
            if value is not None and not isinstance(value, list):
                self.problems.add(
                    document.file,
                    document.place((name,)),
                    "file/type",
                    f"`{name}` must be a list",
                    "write each below it as `- id: …`"
                    if name == "connections"
                    else "write `- deny: …`",
                )
                value = None
            lists[name] = value or []
        top = shaped(PolicyFile, document, (), data, document.file, self.problems)
        if top is not None:
            self._intra_site(document, top)
        for position, item in enumerate(lists["connections"]):
            self._connection(document, position, item)
        for position, item in enumerate(lists["tests"]):
            self._test(document, position, item)

    def _data(self, document: Document) -> dict[str, Any]:
        if document.root is None or document.root.kind == "null":
            return {}
        data = document.root.plain()
        if isinstance(data, dict):
            return data
        if not any(p.file == document.file and p.code == "file/type" for p in self.problems):
            self.problems.add(
                document.file,
                document.place(()),
                "file/type",
                "a policy file must be a map",
                "begin with `connections:`",
            )
        return {}

    def _intra_site(self, document: Document, top: PolicyFile) -> None:
        if top.intra_site == "audit":
            self._intra_all = True
            return
        for position, site in enumerate(top.intra_site):
            if site not in self.inventory.sites:
                self.problems.add(
                    document.file,
                    document.place(("intra_site", position)),
                    "rule/unknown-site",
                    f"there is no site `{site[:60]}`",
                    did_you_mean(site, self.inventory.sites),
                )
            self._intra.add(site)

    def _connection(self, document: Document, position: int, item: Any) -> None:
        path: Path = ("connections", position)
        name = item.get("id") if isinstance(item, dict) else None
        what = f"connection {str(name)[:60]}" if name else f"connection {position + 1}"
        shape = shaped(ConnectionShape, document, path, item, what, self.problems)
        if isinstance(name, str):
            self._id(document, path, name)
        sentence = item.get("allow") if isinstance(item, dict) else None
        parts = (
            self._sentence(document, (*path, "allow"), sentence) if isinstance(sentence, str) else None
        )
        if shape is None or parts is None:
            return
        line, column = document.place(path)
        self.rules.append(
            Rule(
                shape.id,
                *parts,
                owner=shape.owner.strip(),
                ticket=shape.ticket.strip(),
                why=shape.why.strip(),
                approved_by=shape.approved_by,
                validity=shape.validity,
                tier=shape.tier,
                state=shape.state,
                file=document.file,
                line=line,
                column=column,
            )
        )

    def _id(self, document: Document, path: Path, name: str) -> None:
        at = document.place((*path, "id"))
        if name in self._ids:
            self.problems.add(
                document.file,
                at,
                "rule/id-twice",
                f"the id {name[:80]} is already at {self._ids[name]}",
                "give each connection an id of its own",
            )
        else:
            self._ids[name] = _where(document, at)

    def _test(self, document: Document, position: int, item: Any) -> None:
        path: Path = ("tests", position)
        shape = shaped(TestShape, document, path, item, f"test {position + 1}", self.problems)
        expect: Literal["allow", "deny"] = (
            "deny" if isinstance(item, dict) and "deny" in item else "allow"
        )
        text = item.get(expect) if isinstance(item, dict) else None
        parts = self._sentence(document, (*path, expect), text) if isinstance(text, str) else None
        if shape is None or parts is None or not isinstance(text, str):
            return
        line, column = document.place(path)
        sources, destinations, services, _ = parts
        self.tests.append(
            PolicyTest(
                expect,
                sources,
                destinations,
                services,
                " ".join(text.split()),
                _instant(shape.at),
                document.file,
                line,
                column,
            )
        )

    def _sentence(self, document: Document, path: Path, text: str) -> Parts | None:
        parts, slips = read_parts(text, self.inventory, self.services)
        for slip in slips:
            self._slip(document, path, slip)
        return parts

    def _slip(self, document: Document, path: Path, slip: Slip) -> None:
        node = document.at(path) or document.at(path[:-1])
        at = (
            document.place_within(node, slip.offset)
            if node and node.kind == "text"
            else document.place(path)
        )
        self.problems.add(document.file, at, slip.code, slip.message, slip.mend)

    def intra_site(self) -> frozenset[str]:
        """The sites inside which rules are enforced: those listed, and under `audit` every site that
        some rule reaches with both ends."""
        if not self._intra_all:
            return frozenset(self._intra)
        reached = {
            site
            for site in self.inventory.sites
            for rule in self.rules
            if rule.state == "active"
            and any(touches(s, site, self.inventory) for s in rule.sources)
            and any(touches(s, site, self.inventory) for s in rule.destinations)
        }
        return frozenset(self._intra | reached)


def _where(document: Document, at: tuple[int, int]) -> str:
    return f"{document.file}:{at[0]}:{at[1]}"


def _instant(value: date | datetime | None) -> datetime | None:
    if value is None:
        return None
    return in_utc(value) if isinstance(value, datetime) else midnight(value)
