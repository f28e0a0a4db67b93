"""What can go wrong, and the exit status each kind ends with.

Findings are values; these are for runs that cannot go on, and for files that a person wrote wrongly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

EXIT_DONE = 0
EXIT_FINDINGS = 1
EXIT_REQUEST = 2
EXIT_PARTLY_READ = 3
EXIT_REFUSED = 4
EXIT_INTEGRITY = 5
EXIT_INTERNAL = 70


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a file a person wrote, with its place and its mend.

    `line` and `column` count from 1; 0 where the whole file is meant. `code` is a stable id such as
    `site/prefix-twice` that the documentation explains.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    mend: str = ""
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}"
        if self.column:
            place += f":{self.column}"
        text = f"{place}: {self.level}: {self.message} [{self.code}]"
        return f"{text}\n  help: {self.mend}" if self.mend else text


class SekishoError(Exception):
    """A run that cannot go on. `mend` says what the person can do about it."""

    exit_status = EXIT_INTERNAL

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.mend = mend


class RequestError(SekishoError):
    """The request, or a file that a person wrote, is wrong."""

    exit_status = EXIT_REQUEST


class FileProblems(RequestError):
    """Every problem of the files a person wrote, collected rather than stopped at the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PartlyRead(SekishoError):
    """Some input could not be read; what could be was kept, the rest was set aside and listed."""

    exit_status = EXIT_PARTLY_READ


class Refused(SekishoError):
    """A safety rule forbids what was asked."""

    exit_status = EXIT_REFUSED


class IntegrityError(SekishoError):
    """Stored data is not what was written: a hash, a link or a signature does not hold."""

    exit_status = EXIT_INTEGRITY
