"""The events of a YAML text: from libyaml where it is known to read alike, else from the pure parser.

libyaml is fifteen times as fast, but reads YAML 1.1 and counts some places otherwise. It is asked only
about texts without anchors, aliases, tags, directives, block scalars, complex keys and the characters
that the two break lines at differently; there a test holds both to the same events, places included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import ScalarEvent

try:
    from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]
except ImportError:  # an interpreter for which there is no build of libyaml
    CParser = None

_UNLIKE = re.compile(
    r"[\t\r\x85\u2028\u2029\ufeff]"  # line breaks, tabs, byte order marks
    r"|(?<![^\s\[\]{},:])[&*!%|>?@`]"  # what begins anything but text, a map or a list
    r"|^(?:---|\.\.\.)"  # where documents begin and end
    r"|[^\n]\Z",  # a last line without an end
    re.MULTILINE,
)


class Unlike(Exception):
    """The text has to be read by the pure parser."""


def events(source: str) -> Iterator[Any]:
    """The events of the pure parser. Raises what ruamel.yaml raises."""
    return iter(YAML(typ="safe", pure=True).parse(source))


def quick_events(source: str) -> Iterator[Any]:
    """The same from libyaml. Raises Unlike where they might differ, at any event, and where the text has
    an error: the pure parser then says where.
    """
    if CParser is None or _UNLIKE.search(source):
        raise Unlike
    try:
        parser = CParser(source)
        while parser.check_event():
            event = parser.get_event()
            if isinstance(event, ScalarEvent) and not event.value and not event.style:
                raise Unlike  # the two place a value that was left out differently
            yield event
    except (YAMLError, ValueError) as error:
        raise Unlike from error
