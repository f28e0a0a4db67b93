"""A register that lives in a spreadsheet or a firewall's export, as proposed rules.

Every problem of the file is located, all at once, and a row with an error gives no rule. What is wide
is kept and noted: it is what the company has, and an owner must look at it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sekisho.errors import Problem
from sekisho.inventory.files import read_bytes
from sekisho.inventory.located import Problems
from sekisho.inventory.register import Inventory
from sekisho.model.rules import Rule, Selector
from sekisho.policy.columns import columns
from sekisho.policy.ends import Limits
from sekisho.policy.proposal_ids import Ids, proposed_id, slug
from sekisho.policy.proposals import Proposal
from sekisho.policy.sheet_rows import Draft, Rows
from sekisho.policy.sheet_services import Own
from sekisho.policy.sheets import by_name, read_sheet
from sekisho.policy.unit import unit_of

MAX_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class Imported:
    """Proposals in the order of the rows, and every problem of the file in the order of its lines.

    Where a problem is an error, the proposals are those of the other rows: a caller that wants all or
    nothing raises FileProblems with `problems`.
    """

    proposals: tuple[Proposal, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Those that left a row, or the whole file, out."""
        return tuple(problem for problem in self.problems if problem.level == "error")


def import_csv(
    path: Path,
    inventory: Inventory,
    *,
    taken: Iterable[str] = (),
    own: Own = MappingProxyType({}),
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Imported:
    """Read one file. Raises RequestError where it cannot be opened; see `parse_csv`."""
    return parse_csv(path.name, read_bytes(path), inventory, taken=taken, own=own, limits=limits)


def parse_csv(
    file: str,
    content: bytes,
    inventory: Inventory,
    *,
    taken: Iterable[str] = (),
    own: Own = MappingProxyType({}),
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Imported:
    """Proposed rules from a sheet's bytes; `file` names it in problems and witnesses.

    `taken` are the ids in use, `own` the service names that the workspace adds; `limits` say what is
    noted as wide. Columns: see `sekisho.policy.columns.NAMES`; one `allow` stands for both ends and the
    services. Approvals are not taken over: they are given again, by hand.
    """
    problems = Problems()
    sheet = read_sheet(file, content, problems)
    names = columns(sheet, problems) if sheet.header else {}
    rows = Rows(sheet, inventory, own, problems)
    ids = Ids(taken)
    proposals: list[Proposal] = []
    for cells in sheet.rows if names else ():
        named = by_name(names, cells)
        draft = rows.read(named) if any(cell.text for cell in named.values()) else None
        if draft is not None:
            proposals.append(_proposal(draft, ids, inventory, own, limits))
        if len(problems) > MAX_PROBLEMS:
            del problems[MAX_PROBLEMS:]
            problems.add(file, (0, 0), "csv/problems", "there are more problems", "mend these first")
            break
    return Imported(tuple(proposals), tuple(sorted(problems)))


def _proposal(draft: Draft, ids: Ids, inventory: Inventory, own: Own, limits: Limits) -> Proposal:
    notes = list(draft.notes)
    wanted = slug(draft.id) or proposed_id(
        _home(draft.sources, inventory), _home(draft.destinations, inventory), _unit(draft, own)
    )
    if draft.id and wanted != draft.id:
        notes.append(f"its id was {draft.id[:80]!r}")
    name = ids.unique(wanted)
    if name != wanted:
        notes.append(f"the id {wanted} is in use already")
    for side, selectors in (("source", draft.sources), ("destination", draft.destinations)):
        wide = [str(s) for s in selectors if _wide(s, limits)]
        if wide:
            notes.append(f"wide {side}: {', '.join(wide[:6])}" + (" …" if len(wide) > 6 else ""))
    ports = [str(r) for r in draft.services if r.protocol is None or r.high - r.low >= 1_000]
    if ports:
        notes.append(f"wide services: {', '.join(ports[:6])}")
    rule = Rule(
        name,
        draft.sources,
        draft.destinations,
        draft.services,
        draft.service_text,
        owner=draft.owner,
        ticket=draft.ticket,
        why=draft.why,
        validity=draft.validity,
        tier=draft.tier,
        state="proposed",
    )
    return Proposal(rule, notes=tuple(notes), witnesses=(draft.place,))


def _wide(selector: Selector, limits: Limits) -> bool:
    """Whether a selector reaches further than a small prefix; groups and assets were meant by name."""
    if selector.prefix is not None:
        return selector.prefix.prefixlen < limits.cap(selector.prefix.version)
    return selector.kind in ("any", "internet", "site")


def _home(selectors: Iterable[Selector], inventory: Inventory) -> str:
    """The site that selectors are of, for an id; `ANY` where they are of several."""
    homes: set[str] = set()
    for selector in selectors:
        match selector.kind:
            case "site" | "zone":
                homes.add(selector.value)
            case "group":
                homes.add(selector.value.partition("/")[0])
            case "asset":
                homes.update(a.site for a in inventory.hostnames[selector.value.casefold()])
            case "prefix" if selector.prefix is not None:
                homes.update(inventory.sites_of(selector.realm, selector.prefix))
            case _:
                homes.add("internet" if selector.kind == "internet" else "any")
    return homes.pop() if len(homes) == 1 else "any"


def _unit(draft: Draft, own: Own) -> str:
    """The service for an id; `SERVICES` where there are several."""
    found = {"any" if r.protocol is None else unit_of(r.protocol, r.low, own) for r in draft.services}
    return found.pop() if len(found) == 1 else "services"
