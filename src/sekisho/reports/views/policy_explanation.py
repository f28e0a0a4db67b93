"""Why the register judges a connection as it does."""

from __future__ import annotations

from sekisho.policy.explain import EndTrace, PolicyExplanation, Trace
from sekisho.reports.base import Column, Sheet
from sekisho.reports.screen import VERDICT, Screen
from sekisho.reports.units import Times, counted
from sekisho.reports.view import View

RULES = (
    Column("id", "Rule", "code"),
    Column("why_not", "Says"),
    Column("allow", "Allows"),
    Column("owner", "Owner"),
    Column("place", "Written in"),
)


SHOWN = 8
"""Pairs of ends on a screen; the other formats give all."""


class PolicyExplanationView(View[PolicyExplanation]):
    """`sekisho policy explain`."""

    name = "policy explanation"

    def headline(self, document: PolicyExplanation, times: Times) -> str:
        """The verdicts, at what time."""
        found = {trace.verdict for trace in document.traces}
        at = f"{times.minute(document.at)} {times.label}"
        if len(found) == 1:
            return f"{document.asked} at {at}: {found.pop().replace('_', ' ')}."
        return f"{document.asked} at {at}: {counted(len(document.traces), 'pair')} of ends."

    def sheets(self, document: PolicyExplanation) -> tuple[Sheet, ...]:
        """Each pair of ends, then the rules that speak of any of them."""
        columns = (
            Column("verdict", "Verdict", "verdict"),
            Column("src", "From"),
            Column("dst", "To"),
            Column("service", "Service"),
            Column("because", "Because"),
            Column("nearest", "Nearest rule", "code"),
            Column("why_not", "Why it does not apply"),
        )
        rows = [
            (
                trace.verdict,
                end_words(trace.src),
                end_words(trace.dst),
                trace.service,
                trace.because,
                trace.nearest.id if trace.nearest else None,
                trace.nearest.why_not if trace.nearest else None,
            )
            for trace in document.traces
        ]
        return (Sheet("pair", "", columns, rows, "Nothing was asked."), rules_sheet(document.traces))

    def notes(self, document: PolicyExplanation) -> tuple[str, ...]:
        """What was left out."""
        return document.notes

    def show(self, document: PolicyExplanation, screen: Screen) -> None:
        """One paragraph a pair: verdict, ends, why."""
        screen.headline(self.headline(document, screen.times))
        shown = telling(document.traces)
        for trace in shown:
            show_trace(trace, screen)
        screen.more(len(document.traces) - len(shown))
        screen.notes(document.notes)


def telling(traces: tuple[Trace, ...]) -> list[Trace]:
    """As many as a person reads, in their order, each verdict among them."""
    firsts = {trace.verdict: number for number, trace in reversed([*enumerate(traces)])}
    order = [*sorted(firsts.values()), *(n for n in range(len(traces)) if n not in firsts.values())]
    return [traces[number] for number in sorted(order[:SHOWN])]


def end_words(end: EndTrace) -> str:
    """An end with its place."""
    named = f" ({end.asset})" if end.asset else ""
    where = end.site or end.scope
    if end.realm:
        where = f"{end.realm}:{where}"
    return f"{end.address}{named} at {where}"


def rules_sheet(traces: tuple[Trace, ...]) -> Sheet:
    """The rules that name both ends and the service, each once; a rule that was widened later has a
    row for each of its parts."""
    rows = dict.fromkeys(
        (rule.id, rule.why_not or "permits", rule.allow, rule.owner, f"{rule.file}:{rule.line}")
        for trace in traces
        for rule in trace.rules
    )
    return Sheet("rule", "Rules that speak of it", RULES, list(rows), "No rule names it.")


def show_trace(trace: Trace, screen: Screen) -> None:
    """Verdict, ends with their groups, the reason and the rules."""
    line = screen.text(trace.verdict.replace("_", " "), VERDICT.get(trace.verdict, ""))
    screen.line(line.append_text(screen.text(f"  {trace.service}  {trace.because}")))
    for word, end in (("from", trace.src), ("to", trace.dst)):
        inside = [*(f"group {g}" for g in end.groups), *(f"zone {z}" for z in end.zones)]
        more = f", {', '.join(inside)}" if inside else ""
        screen.indented(screen.text(f"{word:5}{end_words(end)}{more}"))
    for rule in trace.rules:
        says = f"does not: {rule.why_not}" if rule.why_not else "permits it"
        owner = f"; {rule.owner}, {rule.ticket}" if rule.owner else ""
        screen.indented(screen.text(f"rule {rule.id} {says} ({rule.file}:{rule.line}{owner})"))
        if rule.recertified:
            words = ", ".join(f"{site} on {at[:10]}" for site, at in sorted(rule.recertified.items()))
            screen.indented(screen.text(f"  needed still, as its owners said: {words}"))
    if trace.nearest is not None:
        screen.indented(screen.text(f"nearest rule {trace.nearest.id}: {trace.nearest.why_not}"))
    screen.line()
