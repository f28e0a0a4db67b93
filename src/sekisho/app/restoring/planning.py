"""Plan a restoration: which restrictions are lifted, in which stages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sekisho.app.containing.grounds import in_force, plan_asked_for
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.register import load_register
from sekisho.app.restoring.records import Restoration, asked_for, restorations
from sekisho.app.restoring.staging import plans_of, staged
from sekisho.app.workspace import Workspace
from sekisho.audit.causes.words import plural
from sekisho.errors import Refused, RequestError
from sekisho.model.restrictions import Restriction
from sekisho.restore.stages import REST, Opening, Register, less, read_opening

MAX_TEXT = 4_000
MOST_STAGES = 100


def plan(
    workspace: Workspace,
    plans: Sequence[str],
    stages: Sequence[str],
    *,
    links: Sequence[str] = (),
    sites: Sequence[str] = (),
    reason: str = "",
    instead: Sequence[str] = (),
    now: datetime,
    by: str,
) -> Restoration:
    """Write a restoration into the ledger. Nothing is lifted by it.

    Without plans, every plan in force that cuts one of the links or sites. A stage is what it gives back,
    several things with `;` between; without stages, the links and sites are one each. Of plans that are
    named, whatever no stage gives back is a last stage of its own. A plan is given back by one restoration
    at a time; those of `instead` end with this one. Raises RequestError for what is not in the register,
    Refused for a plan that is not in force, or that a restoration gives back which is not over.
    """
    if len(reason) > MAX_TEXT:
        raise RequestError(f"at most {MAX_TEXT} characters of a reason")
    if len(stages) > MOST_STAGES:
        raise RequestError(f"at most {MOST_STAGES} stages")
    words = [[part.strip() for part in text.split(";") if part.strip()] for text in stages]
    named = [*(f"link:{one}" for one in links), *(f"site:{one}" for one in sites)]
    words = words or [[one] for one in named]
    if not plans and not named:
        raise RequestError("say what is given back", "a plan, --link 'A <-> B' or --site SITE")
    with open_decisions(workspace) as decisions:
        loaded = load_register(workspace, decisions, now=now, by=by)
        register = Register(loaded.inventory, loaded.policy, now)
        with decisions.exclusive():
            chosen = _chosen(decisions, plans, named, register)
            replaces = _replaced(decisions, chosen, instead, reason, register)
            if plans and not _whole(words, chosen, register):
                words.append([REST])
            name = f"R-{len(restorations(decisions.state.restorations())) + 1}"
            planned = Restoration(
                name, now, by, tuple(chosen), tuple(map(tuple, words)), reason.strip(), ()
            )
            for stage in staged(planned, decisions.state.plans(), register):
                if not stage.steps or not stage.pairs:
                    raise RequestError(
                        f"stage {stage.number} ({'; '.join(stage.words)}) gives back nothing that"
                        f" {', '.join(chosen)} cuts",
                        "a host or group that was cut off is given back with its site, or by `rest`",
                    )
            body = {
                "restoration": name,
                "plans": list(chosen),
                "stages": words,
                "reason": reason.strip(),
                **({"replaces": replaces} if replaces else {}),
                "text": f"{plural(len(words), 'stage')} of {', '.join(chosen)}"
                + (f", in place of {', '.join(replaces)}" if replaces else ""),
            }
            decisions.decide("restore.plan", body, at=now, by=by)
            return asked_for(decisions.state.restorations(), name)


def _chosen(
    decisions: Decisions, plans: Sequence[str], named: Sequence[str], register: Register
) -> dict[str, Restriction]:
    store = decisions.state.plans()
    held = in_force(store)
    chosen: dict[str, Restriction] = {}
    for asked in plans:
        one = plan_asked_for(store, asked)
        if one.id not in held:
            raise Refused(f"{one.id} is not in force: there is nothing to give back")
        chosen[one.id] = held[one.id]
    opening = read_opening(named, register)
    if not plans:
        chosen = {n: r for n, r in held.items() if less(r, opening, register).restriction != r}
        if not chosen:
            raise RequestError(
                f"no plan in force cuts {', '.join(named)} so that it can be taken out",
                "`sekisho contain list` shows what is; name the plan",
            )
    return chosen


def _replaced(
    decisions: Decisions,
    chosen: Iterable[str],
    instead: Sequence[str],
    reason: str,
    register: Register,
) -> list[str]:
    """The restorations that end with a new one of these plans: both at once would each lift the plan, and
    hold another part of it."""
    asked = {one.upper() if one.upper().startswith("R-") else f"R-{one}" for one in instead}
    replaced: list[str] = []
    for one in restorations(decisions.state.restorations()):
        left = [s for s in staged(one, decisions.state.plans(), register) if not s.done]
        both = sorted(plans_of(one, left) & set(chosen))
        if one.replaced_by is not None or not left or not both:
            continue
        if one.id not in asked:
            raise Refused(
                f"{one.id} gives {', '.join(both)} back already: stage {left[0].number} of"
                f" {len(one.stages)} is next",
                f"go on with it (sekisho restore status {one.id}); or, to plan anew what is left,"
                f" --instead {one.id} --reason 'in words'",
            )
        if any(stage.under_way for stage in left):
            raise Refused(
                f"stage {left[0].number} of {one.id} waits to be confirmed",
                "; ".join(f"sekisho contain confirm {step.lifts.id}" for step in left[0].steps),
            )
        replaced.append(one.id)
    if strangers := sorted(asked - set(replaced)):
        raise RequestError(
            f"{', '.join(strangers)} gives back nothing of {', '.join(chosen)} that is left",
            f"leave out --instead {strangers[0]}",
        )
    if replaced and not reason.strip():
        raise RequestError("a restoration in place of another needs a reason", "--reason 'in words'")
    return replaced


def _whole(words: Sequence[Sequence[str]], chosen: dict[str, Restriction], register: Register) -> bool:
    given = Opening()
    for one in words:
        given |= read_opening(one, register)
    return all(less(one, given, register).restriction is None for one in chosen.values())
