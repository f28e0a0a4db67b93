"""The whole audit in one sentence: what was found, since when, what could not be seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sekisho.model.findings import AuditDocument, Finding
from sekisho.model.verdicts import FOUND
from sekisho.reports.coverage import SensorCoverage, per_sensor
from sekisho.reports.units import Times, count, counted, lasting


def headline(document: AuditDocument, times: Times) -> str:
    """One sentence. "Nothing found" and "nothing recorded" never read alike."""
    sensors = per_sensor(document.coverage, document.window)
    unseen = unseen_clause(sensors)
    if document.findings:
        parts = [found_clause(document.findings), since_clause(document.findings, times), unseen]
        return "; ".join(part for part in parts if part) + "."
    if not document.totals.flows and all(sensor.never for sensor in sensors):
        return "Nothing was recorded in this period, so nothing can be said about it."
    if not document.totals.flows:
        return f"No flow was recorded in this period; {unseen or 'every sensor was alive throughout'}."
    among = f"among {counted(document.totals.connections, 'connection')}"
    if any(sensor.no_data for sensor in sensors):
        return f"Nothing was found in what was recorded, {among}; but {unseen}."
    if not sensors:
        return f"Nothing was found {among}; which sensors were recording is not known."
    return f"Nothing was found {among}, and every sensor recorded throughout."


def found_clause(findings: Sequence[Finding]) -> str:
    """`12 unauthorized and 22 attempted connections were found, 4 of them critical`."""
    counts = dict.fromkeys(FOUND, 0)
    others = 0
    for finding in findings:
        if finding.verdict in counts:
            counts[finding.verdict] += 1
        else:
            others += 1
    parts = [f"{count(number)} {verdict}" for verdict, number in counts.items() if number]
    if others:
        parts.append(f"{count(others)} otherwise remarkable")
    noun, verb = ("connection", "was") if len(findings) == 1 else ("connections", "were")
    text = f"{_and(parts)} {noun} {verb} found"
    for severity in ("critical", "high"):
        number = sum(finding.severity == severity for finding in findings)
        if number:
            every = "all" if number == len(findings) and number > 1 else count(number)
            text += f", {every} of them {severity}" if len(findings) > 1 else f", {severity}"
            break
    handled = sum(finding.life.status != "open" for finding in findings)
    return text + (f" ({count(handled)} already decided on)" if handled else "")


def since_clause(findings: Sequence[Finding], times: Times) -> str:
    """`the earliest began on 3 September 2019 or before`; of established ones first."""
    established = [finding for finding in findings if finding.established] or list(findings)
    if not established:
        return ""
    first = min(established, key=lambda finding: (finding.onset.at, finding.onset.kind == "observed"))
    when = times.in_words(first.onset.at)
    earliest = "it began" if len(findings) == 1 else "the earliest began"
    if first.onset.kind == "on_or_before":
        return f"{earliest} on {when} or before"
    return f"{earliest} on {when}"


def unseen_clause(sensors: Sequence[SensorCoverage]) -> str:
    """`2 of 5 sensors have no data for 61 h in all`; empty where nothing was missed."""
    never = [sensor for sensor in sensors if sensor.never]
    gaps = [sensor for sensor in sensors if sensor.no_data and not sensor.never]
    parts = []
    whole = f" of {counted(len(sensors), 'sensor')}"
    if never:
        verb = "has" if len(never) == 1 else "have"
        parts.append(f"{count(len(never))}{whole} {verb} recorded nothing")
    if gaps:
        lost = sum((sensor.no_data for sensor in gaps), timedelta())
        verb = "lacks" if len(gaps) == 1 else "lack"
        total = " in all" if len(gaps) > 1 else ""
        parts.append(
            f"{count(len(gaps))}{'' if never else whole} {verb} data for {lasting(lost)}{total}"
        )
    return " and ".join(parts)


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
