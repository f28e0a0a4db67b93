"""`scanner`: one source that knocked on many doors and was hardly answered.

At least ten different targets (address, protocol, port) and four in five of its findings unanswered.
Only what was never answered is folded away. Where the same source did get through, that finding stays a
row of its own and joins no cause at all: noise is a good place to hide one session in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sekisho.audit.base import Claim, Claims, Neighbour
from sekisho.audit.causes.words import address_key, name, plural
from sekisho.model.findings import CauseKind, Finding
from sekisho.model.verdicts import FindingKind

LEAST_TARGETS = 10
UNANSWERED = 0.8


class ScannerCause:
    """Groups the unanswered attempts of each scanning source."""

    kind: CauseKind = "scanner"
    of: FindingKind = "verdict"

    def claim(self, findings: Sequence[Finding], neighbours: Sequence[Neighbour]) -> Claims:
        """One claim a source; its answered findings are set apart."""
        by_source: dict[tuple[str, str], list[Finding]] = defaultdict(list)
        for finding in findings:
            by_source[address_key(finding.src)].append(finding)
        claims: list[Claim] = []
        apart: set[str] = set()
        for key, rows in by_source.items():
            tried = [f for f in rows if not f.established]
            if len(tried) < LEAST_TARGETS or len(tried) < UNANSWERED * len(rows):
                continue
            targets = {(address_key(f.dst), f.protocol, f.port) for f in tried}
            if len(targets) < LEAST_TARGETS:
                continue
            answered = [f for f in rows if f.established]
            hosts = len({address_key(f.dst) for f in tried})
            services = len({(f.protocol, f.port) for f in tried})
            text = (
                f"{name(rows[0].src)} tried {plural(hosts, 'host')} on {plural(services, 'service')} "
                "without an answer"
            )
            if answered:
                text += f"; {len(answered)} that did answer are listed by themselves"
                apart.update(f.id for f in answered)
            claims.append(Claim("|".join(key), text, frozenset(f.id for f in tried)))
        return Claims(tuple(claims), frozenset(apart))
