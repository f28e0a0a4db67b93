"""One file's content held against compiled YARA rules, within a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import yara_x

LARGEST = 64 << 20
SECONDS = 20
MOST_RULES = 50
"""Rules that are told of one file."""
_PER_PATTERN = 1000


@dataclass
class YaraRules:
    """Rules for `Look`. `compiled` gives them; it is called once, when there is a first file, and may raise.

    `largest` is bytes of a file, `seconds` how long one may take.
    """

    compiled: Callable[[], yara_x.Rules]
    largest: int = LARGEST
    seconds: int = SECONDS

    def prepare(self) -> None:
        """Compile the rules. Raises what `compiled` raises."""
        _ = self._scanner

    def matches(self, name: str, content: bytes) -> Iterator[tuple[str, str]]:
        """Namespace and name of each rule that matches. Raises ValueError that says why it is not known."""
        import yara_x

        scanner = self._scanner
        file = name.rpartition("/")[2]
        scanner.set_global("filename", file)
        scanner.set_global("filepath", name)
        scanner.set_global("extension", f".{file.rpartition('.')[2]}" if "." in file else "")
        try:
            found = scanner.scan(content).matching_rules
        except yara_x.TimeoutError as error:
            raise ValueError(f"took longer than {self.seconds} s") from error
        except yara_x.ScanError as error:
            raise ValueError(str(error)[:200]) from error
        for rule in found[:MOST_RULES]:
            yield rule.namespace, rule.identifier

    @cached_property
    def _scanner(self) -> yara_x.Scanner:
        import yara_x

        scanner = yara_x.Scanner(self.compiled())
        scanner.set_timeout(self.seconds)
        scanner.max_matches_per_pattern(_PER_PATTERN)
        return scanner
