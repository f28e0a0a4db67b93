"""`missing_rule`: one rule that nobody wrote.

Connections from one group (else site) to one group (else site) on the same service, of which at least
one was established. The text says how many hosts are on either side, since one source that reaches many
hosts may also be somebody moving on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sekisho.audit.base import Claim, Claims, Neighbour
from sekisho.audit.causes.words import address_key, name, place, plural
from sekisho.model.findings import CauseKind, Finding
from sekisho.model.verdicts import FindingKind

LEAST = 2


class MissingRuleCause:
    """Groups unauthorized and attempted connections by the rule that would allow them all."""

    kind: CauseKind = "missing_rule"
    of: FindingKind = "verdict"

    def claim(self, findings: Sequence[Finding], neighbours: Sequence[Neighbour]) -> Claims:
        """One claim a (place, place, service)."""
        by_rule: dict[tuple[str, str, str, int], list[Finding]] = defaultdict(list)
        for finding in findings:
            if finding.verdict in ("unauthorized", "attempted"):
                key = (place(finding.src), place(finding.dst), finding.protocol, finding.port)
                by_rule[key].append(finding)
        claims = []
        for (src, dst, protocol, port), rows in by_rule.items():
            if len(rows) < LEAST or not any(f.established for f in rows):
                continue
            service = f"{protocol}/{port}" if port else protocol
            text = f"no rule allows {src} -> {dst} : {service}; {_hosts(rows)}"
            claims.append(Claim("|".join((src, dst, service)), text, frozenset(f.id for f in rows)))
        return Claims(tuple(claims))


def _hosts(rows: Sequence[Finding]) -> str:
    sources = {address_key(f.src) for f in rows}
    destinations = {address_key(f.dst) for f in rows}
    if len(sources) == 1:
        return f"{name(rows[0].src)} alone reaches {plural(len(destinations), 'host')}"
    return f"{plural(len(sources), 'source')}, {plural(len(destinations), 'destination')}"
