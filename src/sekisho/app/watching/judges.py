"""The register that judges, as the files stand: an edit counts at once, a mistake in it never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sekisho.app.decisions import Decisions
from sekisho.app.register import Register, load_register
from sekisho.app.wiring import traits_of
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems
from sekisho.inventory.files import files_sha256, inventory_files
from sekisho.policy.files import policy_files
from sekisho.watch.alerts import Alert
from sekisho.watch.describing import Describer

KEY = "register"
"""What the alert about files with mistakes is named after."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the files: what judges now, and the alert about them where there is a new one."""

    describer: Describer
    sound: bool
    notice: Alert | None = None


class Judges:
    """Reads the register again where its files changed. `by` is who uses a version first."""

    def __init__(self, workspace: Workspace, decisions: Decisions, by: str, now: datetime) -> None:
        self._workspace = workspace
        self._decisions = decisions
        self._by = by
        self._mark = self._marked()
        register = load_register(workspace, decisions, now=now, by=by)
        self._describer = _describer(register)
        self._sound = True

    def _marked(self) -> tuple[str, ...]:
        root = self._workspace.root
        accepted = len(self._decisions.state.acceptances())
        return files_sha256(inventory_files(root)), files_sha256(policy_files(root)), str(accepted)

    @property
    def describer(self) -> Describer:
        """What judges, as of the last look."""
        return self._describer

    def look(self, now: datetime) -> Look:
        """What judges at `now`. With mistakes in the files the last good version goes on judging."""
        try:
            mark = self._marked()
            if mark == self._mark:
                return Look(self._describer, self._sound)
            self._mark = mark
            register = load_register(self._workspace, self._decisions, now=now, by=self._by)
        except FileProblems as error:
            self._sound = False
            return Look(self._describer, sound=False, notice=_broken(error, now))
        self._describer = _describer(register)
        mended, self._sound = not self._sound, True
        return Look(self._describer, sound=True, notice=_mended(now) if mended else None)


def _describer(register: Register) -> Describer:
    inventory = register.inventory
    return Describer(inventory, register.compiled, traits_of(inventory))


def _broken(error: FileProblems, now: datetime) -> Alert:
    problems = [one for one in error.problems if one.level == "error"]
    first = "; ".join(str(one).replace("\n", " ") for one in problems[:3])
    more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
    return _notice(
        now,
        change="raised",
        title="the register has mistakes: the last good version judges",
        text=f"Nothing that was changed since counts before this is mended: {first}{more}",
    )


def _mended(now: datetime) -> Alert:
    return _notice(
        now,
        change="cleared",
        status="cleared",
        title="the register is whole again",
        text="The files as they stand judge from now on.",
    )


def _notice(now: datetime, **fields: str) -> Alert:
    values = {
        "id": KEY,
        "revision": 1,
        "delivery": "",
        "at": now,
        "status": "open",
        "kind": "register",
        "severity": "high",
        "first_seen": now,
        "last_seen": now,
        "raised_at": now,
        "labels": {"kind": "register"},
    }
    return Alert.model_validate(values | fields)
