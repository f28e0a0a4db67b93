"""`missing_prefix`: a network that sites.yaml does not know.

At least three addresses of one /24 (IPv6: /64) in no site, which are an end of unmapped connections:
more likely a network that nobody registered than a single stranger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from ipaddress import ip_network

from sekisho.audit.base import Claim, Claims, Neighbour
from sekisho.audit.causes.words import plural
from sekisho.model.findings import CauseKind, End, Finding
from sekisho.model.verdicts import FindingKind

LEAST_ADDRESSES = 3


class MissingPrefixCause:
    """Groups unmapped connections by the network of the end that no site has."""

    kind: CauseKind = "missing_prefix"
    of: FindingKind = "verdict"

    def claim(self, findings: Sequence[Finding], neighbours: Sequence[Neighbour]) -> Claims:
        """One claim a network; a finding between two such networks goes to the source's."""
        by_network: dict[tuple[str, str], list[tuple[str, Finding]]] = defaultdict(list)
        for finding in findings:
            if finding.verdict == "unmapped":
                end = finding.src if finding.src.site is None else finding.dst
                by_network[end.realm or "", _network(end)].append((end.address, finding))
        claims = []
        for (realm, network), rows in by_network.items():
            addresses = len({address for address, _ in rows})
            if addresses < LEAST_ADDRESSES:
                continue
            where = f"{network} in realm {realm}" if realm else network
            text = (
                f"{where} belongs to no site; {addresses} addresses, {plural(len(rows), 'connection')}"
            )
            claims.append(Claim(f"{realm}|{network}", text, frozenset(f.id for _, f in rows)))
        return Claims(tuple(claims))


def _network(end: End) -> str:
    return str(ip_network(f"{end.address}/{64 if ':' in end.address else 24}", strict=False))
