from __future__ import annotations

from collections.abc import Callable

from sekisho.model.findings import AuditDocument, Finding, Span
from sekisho.reports.html.timeline import LANES, timeline
from sekisho.reports.inventory import InventorySummary
from sekisho.reports.units import Times


def test_lanes_begin_with_the_worst_and_share_their_axis(
    audit: AuditDocument, inventory_summary: InventorySummary
) -> None:
    drawn = timeline(audit, inventory_summary, Times())
    assert drawn is not None
    first = drawn.lanes[0]
    assert (first.label, first.findings, first.severity) == ("th-plant → jp-hq", 2, "critical")
    assert [mark.observed for mark in first.marks] == [False, True]
    assert first.begin == 0.0
    assert all(0 <= m.at <= 100 for lane in drawn.lanes for m in lane.marks)
    strips = {strip.sensor.sensor: strip for strip in drawn.strips}
    assert [piece.state for piece in strips["th-edge"].pieces] == ["seen", "no_data", "seen"]
    assert (strips["th-edge"].site, strips["th-edge"].percent) == ("th-plant", "89 %")
    gap = strips["th-edge"].pieces[1]
    assert round(gap.begin + gap.width, 1) == round(100 * 14.0833 / 28, 1)


def test_many_links_share_the_last_lane(
    audit: AuditDocument, build_audit: Callable[..., AuditDocument]
) -> None:
    def at(finding: Finding, n: int) -> Finding:
        src = finding.src.model_copy(update={"site": f"site-{n:02}"})
        return finding.model_copy(update={"src": src})

    findings = tuple(at(audit.findings[0], n) for n in range(LANES + 9))
    drawn = timeline(build_audit(findings, ()), None, Times())
    assert drawn is not None
    assert len(drawn.lanes) == LANES
    assert (drawn.lanes[-1].label, drawn.lanes[-1].findings) == ("all other links", 10)


def test_onsets_close_together_are_one_larger_mark(
    audit: AuditDocument, build_audit: Callable[..., AuditDocument]
) -> None:
    many = timeline(build_audit((audit.findings[0],) * 40, audit.coverage), None, Times())
    one = timeline(build_audit((audit.findings[0],), audit.coverage), None, Times())
    assert many is not None
    assert one is not None
    assert len(many.lanes[0].marks) == 1
    assert many.lanes[0].marks[0].radius > one.lanes[0].marks[0].radius
    assert many.lanes[0].marks[0].label.startswith("40 findings")


def test_nothing_to_draw_is_none(build_audit: Callable[..., AuditDocument]) -> None:
    assert timeline(build_audit((), (), window=Span(begin=None, end=None)), None, Times()) is None


def test_one_instant_alone_has_an_axis(
    audit: AuditDocument, build_audit: Callable[..., AuditDocument]
) -> None:
    finding = audit.findings[0].model_copy(update={"last_seen": audit.findings[0].onset.at})
    drawn = timeline(build_audit((finding,), (), window=Span(begin=None, end=None)), None, Times())
    assert drawn is not None
    assert drawn.lanes[0].marks[0].at == 0.0
