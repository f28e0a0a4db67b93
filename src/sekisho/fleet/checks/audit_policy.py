"""Kinds of security events that Windows is told not to write down (ATT&CK T1562.002).

Subcategories are known by their GUID, which is the same in every language. Source: [MS-GPAC] 2.2.1.2, and
`auditpol /get /category:* /r` or `auditpol /backup`, whose CSV this reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sekisho.fleet.checks.base import Failed
from sekisho.fleet.collections.base import Row

_WANTED: Mapping[str, str] = {
    "0cce9215": "logons",
    "0cce922b": "the creation of processes",
    "0cce9235": "changes of accounts",
    "0cce9237": "changes of groups",
    "0cce922f": "changes of the audit policy",
}
_REST = "-69ae-11d9-bed3-505054503030"
_WORDS = {"no auditing": "0", "success": "1", "failure": "2", "success and failure": "3"}


class AuditPolicy:
    """`audit-policy`. osquery has no such table."""

    name = "audit-policy"
    tables = ("audit_policy",)
    never_empty = True
    queries: Mapping[str, str] = {}

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        said: dict[str, str] = {}
        for row in tables["audit_policy"]:
            guid = row.get("subcategory guid", "") or row.get("guid", "")
            value = row.get("setting value", "")
            words = row.get("inclusion setting", "") or row.get("setting", "")
            said[guid.strip("{} ").casefold()] = value.strip() or _WORDS.get(
                words.strip().casefold(), words.strip()
            )
        for short, what in _WANTED.items():
            value = said.get(short + _REST, "")
            if value in ("0", "2"):
                yield f"{what}: those that succeed are not written down"
            elif value not in ("1", "3"):
                yield Failed(f"{what}: the setting was not recorded, or in words of another language")
