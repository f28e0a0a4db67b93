"""What the sensors recorded, as a page."""

from __future__ import annotations

from datetime import timedelta

from sekisho.audit.coverage import CoverageDocument
from sekisho.reports.base import Options
from sekisho.reports.coverage import extent, per_sensor
from sekisho.reports.html.axis import ticks
from sekisho.reports.html.page import render
from sekisho.reports.html.pairs import picture
from sekisho.reports.html.strips import Scale, strips
from sekisho.reports.pairs import links_of
from sekisho.reports.units import count, lasting


def render_coverage(document: CoverageDocument, headline: str, options: Options) -> str:
    """One self-contained HTML file: links week by week, a strip for each sensor, and all as tables."""
    times, items, window = options.times, document.coverage, document.window
    period = extent(items, window) or (document.made, document.made + timedelta(hours=1))
    sensors = per_sensor(items, window)
    state = "partly" if any(sensor.no_data for sensor in sensors) else "clear"
    links = links_of(document.pairs)
    drawn = picture(links, times)
    if links.rows and links.dark:
        state = "dark"
    return render(
        "coverage.html.j2",
        style="report.css",
        title=options.titled("Coverage"),
        headline=headline,
        state="blind" if all(sensor.never for sensor in sensors) else state,
        begin=times.minute(period[0]),
        end=times.minute(period[1]),
        made=times.minute(document.made),
        zone=times.label,
        ticks=ticks(*period, times),
        strips=strips(items, window, Scale(*period), options.inventory_summary, times),
        picture=drawn,
        link_ticks=ticks(drawn.begin, drawn.end, times) if drawn else (),
        links=len(links.rows),
        unmapped=document.unmapped,
        notes=document.notes,
        items=items,
        minute=times.minute,
        lasting=lasting,
        count=count,
    )
