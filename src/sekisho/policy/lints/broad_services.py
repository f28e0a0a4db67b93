"""`lint/broad-services`: a rule that opens far more ports than a service needs."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.model.services import PortRange
from sekisho.policy.lints.base import Subject, problem

MOST = 1024
"""Ports of one protocol in one range that a service may need."""
DYNAMIC = (49_152, 65_535)
"""RFC 6335, 6: what RPC is answered on; no narrower range can be written for it."""


class BroadServices:
    """`any`, or a range of more than 1,024 ports that is not exactly the dynamic one."""

    id = "broad-services"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        for rule in subject.active:
            wide = next(filter(broad, rule.services), None)
            if wide is not None:
                what = "every service" if wide.protocol is None else f"{wide.high - wide.low + 1} ports"
                yield problem(
                    rule,
                    self.id,
                    f"opens {what} ({rule.service_text})",
                    "name the services that are used; `sekisho policy suggest` shows them",
                )


def broad(service: PortRange) -> bool:
    """Whether it is more than a service needs."""
    if service.protocol is None:
        return True
    span = (service.low, service.high)
    return span != DYNAMIC and service.high - service.low + 1 > MOST
