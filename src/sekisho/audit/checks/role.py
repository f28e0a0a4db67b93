"""`role`: what the service lets its user do.

Remote administration (ssh, rdp, winrm, rpc …) runs commands on the other end; file services carry
tools in and data out and, with SMB, control services too: 20 points each. Directories and databases
hold what an intruder comes for: 15. Name service, time, logs and the like are what hosts do by
themselves: 10 fewer.
"""

from __future__ import annotations

from types import MappingProxyType

from sekisho.audit.base import Factor, Subject
from sekisho.model.services import Role

POINTS: MappingProxyType[Role, tuple[int, str]] = MappingProxyType(
    {
        "administration": (20, "runs commands on the other end"),
        "file": (20, "moves files between hosts"),
        "directory": (15, "reaches accounts and credentials"),
        "database": (15, "reaches stored data"),
        "infrastructure": (-10, "is what hosts use by themselves"),
    }
)


class RoleCheck:
    """Points by the role of the service."""

    id = "role"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor for every role but web and other."""
        found = POINTS.get(subject.role)
        return Factor(found[0], f"{subject.service} {found[1]}") if found else None
