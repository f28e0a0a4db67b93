from __future__ import annotations

import math

import pytest
from tests.reports.incident_cases import large, nothing, ordinary
from tests.reports.incident_parts import AT, HOUR, hop

from sekisho.model.incidents import InvestigationDocument
from sekisho.reports.html.incident_map import MOST_PLACES, IncidentMap, Placing, incident_map, label_of
from sekisho.reports.naming import Names
from sekisho.reports.steps import steps
from sekisho.reports.units import Times


def drawn(document: InvestigationDocument) -> IncidentMap:
    found = incident_map(document, steps(document), Names(document, Times()))
    assert found is not None
    return found


def test_places_are_in_the_order_in_which_they_were_reached() -> None:
    document = ordinary()
    assert Placing(document, steps(document)).order == ("outside", "th-plant", "jp-hq", "us-plant")
    boxes = {box.name: box for box in drawn(document).boxes}
    assert [(name, box.kind) for name, box in boxes.items()] == [
        ("outside", "outside"),
        ("th-plant", "confirmed"),
        ("jp-hq", "confirmed"),
        ("us-plant", "suspected"),
    ]
    assert boxes["th-plant"].entry
    assert boxes["jp-hq"].lines == ("JP, 1 of 2 confirmed", "within: (3)")
    assert boxes["outside"].lines == ("203.0.113.9 and 1 more",)
    assert "jp-files01" in boxes["jp-hq"].title


def test_ways_say_number_certainty_and_direction_without_colour() -> None:
    ways = {way.label: way for way in drawn(ordinary()).ways}
    assert set(ways) == {"1↩", "2", "(4)", "4.1-4.6 GB"}
    assert [ways[label].kind for label in ("1↩", "(4)", "4.1-4.6 GB")] == [
        "confirmed",
        "suspected",
        "left",
    ]
    assert "1. 203.0.113.9 to th-app02" in ways["1↩"].title


def test_what_was_moved_to_a_host_that_is_not_in_scope_did_not_leave_the_company() -> None:
    document = ordinary()
    (left,) = document.exfiltration
    moved = left.model_copy(
        update={"dst": "10.99.0.1", "dst_site": "ph-office", "external": False, "party": None}
    )
    hiding = moved.model_copy(update={"dst": "192.168.7.7", "dst_site": None})
    found = drawn(document.model_copy(update={"exfiltration": (moved, hiding)}))
    titles = [way.title for way in found.ways if way.kind == "left"]
    assert titles == ["4.1-4.6 GB left jp-hq for ph-office", "4.1-4.6 GB left jp-hq for no site"]
    boxes = {box.name: box for box in found.boxes}
    assert (boxes["ph-office"].kind, boxes["ph-office"].lines) == ("apart", ("PH, none in scope",))
    assert "10.99.0.1" not in boxes["outside"].title


def test_many_steps_of_one_way_are_cut_and_counted() -> None:
    hops = [hop(("10.40.9.9", "th"), ("10.1.0.1", "jp"), at=AT + n * HOUR) for n in range(9)]
    path = ordinary().paths[0].model_copy(update={"hops": tuple(hops)})
    found = steps(ordinary().model_copy(update={"paths": (path,)}))
    assert label_of(found) == "1 2 3 4 +5"
    assert label_of(found[:5]) == "1 2 3 4 5"


@pytest.mark.parametrize("sites", [1, 2, 3, 5, 8, 9, 12, 40])
def test_nothing_overlaps_or_leaves_the_picture(sites: int) -> None:
    found = drawn(large(sites, 30))
    boxes = found.boxes
    assert len(boxes) <= sites + 1
    for n, one in enumerate(boxes):
        assert one.x >= 0
        assert one.x + one.width <= found.width
        assert one.y >= 0
        assert one.y + one.height <= found.height
        for other in boxes[n + 1 :]:
            apart = abs(one.x - other.x) >= one.width or abs(one.y - other.y) >= one.height
            assert apart, (one.name, other.name)
    for way in found.ways:
        assert way.room / 2 <= way.x <= found.width - way.room / 2
        assert all(math.isfinite(float(n)) for n in way.path.replace("Q", " ")[1:].split())


def test_places_that_are_too_many_are_counted() -> None:
    found = drawn(large(150, 120))
    assert len(found.boxes) == MOST_PLACES
    assert (
        found.left_out == len(Placing(large(150, 120), steps(large(150, 120))).order) - MOST_PLACES > 0
    )
    assert found.ways


def test_the_same_document_is_drawn_the_same_and_nothing_is_not_drawn() -> None:
    assert drawn(large()) == drawn(large())
    assert incident_map(nothing(), (), Names(nothing(), Times())) is None
