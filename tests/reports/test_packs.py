from __future__ import annotations

from sekisho.model.fleet import PackItem, PacksDocument, PackStep
from sekisho.reports.packs import pack_report, packs_report

STEPS = (
    PackStep(check="rdp", why="A way in.", by_osquery=True, ready=True),
    PackStep(check="yara", why="Renamed tools.", by_osquery=False, ready=False),
)
DOCUMENT = PacksDocument(
    packs=(PackItem(name="p", title="A server", scenario="kawasaki", why="So.", steps=STEPS),)
)


def test_a_line_each() -> None:
    assert packs_report(DOCUMENT).sheets[0].rows == (("p", "A server", 2),)


def test_check_by_check_with_what_is_left_out() -> None:
    found = pack_report(DOCUMENT)
    assert found.sheets[0].rows == (
        (1, "rdp", "osquery", "A way in."),
        (2, "yara", "collection", "Renamed tools."),
    )
    assert found.notes == ("left out, as nothing is set up for it here: yara",)
