"""Accounts that administer a terminal and should not, or did not before (ATT&CK T1136, T1098).

Who may is said by a list (`fleet.administrators`). Without one everybody but the accounts that Windows itself
makes administrators is told, and those are left out who administered it before the campaign began.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase

from sekisho.fleet.collections.base import Gathered, Row
from sekisho.model.terminals import CheckAnswer

NAME = "local-admins"
TABLE = "local_admins"
RAW = ("users", "groups", "user_groups")
"""osquery's own tables, of which the same is made where no query asked for it."""
_GROUP = "S-1-5-32-544"
_OWN = ("-500", "-512")
"""The ends of the SIDs of the built-in administrator and of the domain's administrators ([MS-DTYP] 2.4.2.4)."""
_NO_LIST = "administers this machine, and no list says who may"


@dataclass(frozen=True, slots=True)
class LocalAdmins:
    """`local-admins`. `expected` are names or SIDs, `*` standing for anything; None where there is no list."""

    expected: tuple[str, ...] | None = None
    name: str = NAME
    tables: tuple[str, ...] = (TABLE,)
    never_empty: bool = True

    @property
    def queries(self) -> Mapping[str, str]:
        """See `Question.queries`."""
        return {
            TABLE: (
                "SELECT u.username AS username, u.uuid AS sid FROM user_groups m JOIN users u ON"
                " u.uid = m.uid JOIN groups g ON g.gid = m.gid"
                " WHERE g.group_sid = 'S-1-5-32-544'"
            )
        }

    def judge(self, tables: Mapping[str, Sequence[Row]]) -> Iterable[str]:
        """See `Timeless.judge`."""
        for row in tables[TABLE]:
            sid = row.get("sid", "") or row.get("uuid", "")
            name = row.get("username", "") or row.get("name", "") or sid
            if sid.startswith("S-1-5-21-") and sid.endswith(_OWN):
                continue
            who = f"{name} ({sid})" if sid and sid != name else name or "an account without a name"
            if self.expected is None:
                yield f"{who} {_NO_LIST}"
            elif not _listed(self.expected, name, sid):
                yield f"{who} administers this machine and is on no list"


def fresh(answers: Sequence[CheckAnswer], begin: datetime | None) -> list[CheckAnswer]:
    """One terminal's answers, those without a list compared with the newest from before `begin` (the first of
    all where there is none). The same in whatever order they came."""
    own = sorted((a for a in answers if a.check == NAME), key=lambda a: (a.at, a.id))
    earlier = [a for a in own if a.outcome in ("clean", "findings") and (begin is None or a.at < begin)]
    if not earlier:
        return list(answers)
    before = earlier[0] if begin is None else earlier[-1]
    return [_less(a, before.findings) if a.check == NAME and a.at > before.at else a for a in answers]


def derived(tables: Mapping[str, Gathered]) -> Gathered | None:
    """The administrators of osquery's own tables; None where one of them was not collected."""
    if any(name not in tables for name in RAW):
        return None
    users, groups, members = (tables[name] for name in RAW)
    names = {row.get("uid", ""): row for row in users.rows}
    gids = {row.get("gid", "") for row in groups.rows if row.get("group_sid", "") == _GROUP}
    found = Gathered(
        collected=min((t.collected for t in (users, groups, members) if t.collected), default=None)
    )
    for part in (users, groups, members):
        found.failure = found.failure or part.failure
        if not part.whole:
            found.whole, found.why = False, part.why
    for row in members.rows:
        if row.get("gid", "") in gids:
            uid = row.get("uid", "")
            user = names.get(uid, {})
            found.add(
                {"username": user.get("username", "") or f"uid {uid}", "sid": user.get("uuid", "")}
            )
    return found


def _less(answer: CheckAnswer, before: Sequence[str]) -> CheckAnswer:
    known = {text for text in before if text.endswith(_NO_LIST)}
    left = tuple(text for text in answer.findings if text not in known)
    if answer.outcome != "findings" or left == answer.findings:
        return answer
    if left:
        return replace(answer, findings=left)
    # What could not be read stays unread, though everything that was read is known.
    return replace(answer, findings=(), outcome="failed" if answer.reason else "clean")


def _listed(expected: Iterable[str], name: str, sid: str) -> bool:
    plain = name.casefold()
    own = (plain, plain.rpartition("\\")[2], sid.casefold())
    return any(fnmatchcase(one, pattern.casefold()) for pattern in expected for one in own if one)
