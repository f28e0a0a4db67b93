from __future__ import annotations

from tests.reports.incident_cases import large, nothing, ordinary
from tests.reports.incident_parts import AT, HOUR, hop

from sekisho.model.incidents import InvestigationDocument
from sekisho.reports.html.hop_lanes import MOST_STEPS, HopLanes, hop_lanes
from sekisho.reports.naming import Names
from sekisho.reports.steps import steps
from sekisho.reports.units import Times


def drawn(document: InvestigationDocument) -> HopLanes:
    found = hop_lanes(document, steps(document), Names(document, Times()), Times())
    assert found is not None
    return found


def test_a_lane_a_host_and_an_arrow_a_step() -> None:
    found = drawn(ordinary())
    assert [(lane.site, lane.host) for lane in found.lanes] == [
        ("outside", "203.0.113.9"),
        ("th-plant", "th-app02"),
        ("jp-hq", "jp-files01"),
        ("", "jp-dc01"),
        ("us-plant", "10.60.1.7"),
    ]
    y = {lane.host: lane.y for lane in found.lanes}
    first, second, third, _ = found.arrows
    assert (first.y1, first.y2, first.reverse) == (y["203.0.113.9"], y["th-app02"], True)
    assert (second.y1, second.y2, second.kind) == (y["th-app02"], y["jp-files01"], "confirmed")
    assert third.kind == "suspected"
    assert [arrow.x for arrow in found.arrows] == sorted({arrow.x for arrow in found.arrows})
    assert [arrow.day for arrow in found.arrows] == ["06-04", "", "", "06-05"]


def test_a_host_is_part_of_it_from_its_first_step_on() -> None:
    found = drawn(large())
    begins = {lane.title: lane.begin for lane in found.lanes}
    assert len(begins) == len(found.lanes)
    for arrow in found.arrows:
        for lane in found.lanes:
            if lane.y in (arrow.y1, arrow.y2):
                assert lane.begin <= arrow.x
    assert all(0 < arrow.x < found.width for arrow in found.arrows)
    assert all(0 < lane.y < found.height for lane in found.lanes)


def test_what_is_too_much_is_counted() -> None:
    hops = [hop(("10.40.9.9", "th"), ("10.1.0.1", "jp"), at=AT + n * HOUR) for n in range(70)]
    path = ordinary().paths[0].model_copy(update={"hops": tuple(hops)})
    found = drawn(ordinary().model_copy(update={"paths": (path,)}))
    assert (len(found.arrows), found.left_out) == (MOST_STEPS, 10)
    many = [hop(("10.40.9.9", "th"), (f"10.1.1.{n}", "jp"), at=AT + n * HOUR) for n in range(59)]
    star = ordinary().model_copy(
        update={"paths": (path.model_copy(update={"hops": (*many, *hops[:1])}),)}
    )
    assert drawn(star).left_out == 0
    assert hop_lanes(nothing(), (), Names(nothing(), Times()), Times()) is None
