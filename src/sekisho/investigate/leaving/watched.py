"""Whether anybody could have seen what left an asset: nothing seen and nobody looking are different answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.audit.coverage import Coverage
from sekisho.audit.sight import Sight
from sekisho.investigate.telling import blind
from sekisho.model.incidents import NO_SENSOR, Exfiltration, Leaving, LeavingState, Unobservable
from sekisho.model.sizes import sizes

DARK = timedelta(hours=24)
"""So long without a sensor, or a tenth of the time, and nothing seen is no answer."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An asset that is asked about, reached at `since`."""

    address: str
    realm: str | None
    asset: str | None
    site: str | None
    since: datetime


def statements(
    subjects: Iterable[Subject],
    left: Sequence[Exfiltration],
    sight: Sight,
    coverage: Coverage,
    end: datetime,
) -> Iterator[Leaving]:
    """One for each asset: what left, that nothing did as far as was seen, or that nobody could see it."""
    sent: dict[tuple[str | None, str], list[Exfiltration]] = {}
    for one in left:
        if one.external:
            sent.setdefault((one.src_realm or None, one.src), []).append(one)
    for subject in subjects:
        sensors = sight.able(subject.site, None, outside=True)
        gaps = list(blind(coverage, sensors, subject.since, end)) if sensors else []
        whole = max(end - subject.since, timedelta())
        dark = sum((until - at for at, until in gaps), timedelta()) if sensors else whole
        state, why = _state(
            subject, sent.get((subject.realm, subject.address), []), sensors, gaps, dark, whole
        )
        yield Leaving(
            address=subject.address,
            realm=subject.realm,
            asset=subject.asset,
            site=subject.site,
            state=state,
            since=subject.since,
            sensors=tuple(sorted(sensors)),
            watched=round((whole - dark).total_seconds() / 3600, 1),
            unwatched=round(dark.total_seconds() / 3600, 1),
            why=why,
        )


def _state(
    subject: Subject,
    sent: Sequence[Exfiltration],
    sensors: frozenset[str],
    gaps: Sequence[tuple[datetime, datetime]],
    dark: timedelta,
    whole: timedelta,
) -> tuple[LeavingState, str]:
    site = subject.site or "its site"
    hidden = _gaps_text(gaps, dark, whole)
    if sent:
        low, high = sum(one.bytes.low for one in sent), sum(one.bytes.high for one in sent)
        parties = "a party" if len(sent) == 1 else f"{len(sent)} parties"
        text = f"{sizes(low, high)} went to {parties} outside"
        return "left", f"{text}; {hidden}" if hidden else text
    if not sensors:
        why = f"no sensor sees what {site} exchanges with the internet: what left could not be seen"
        return "no_coverage", why
    names = ", ".join(sorted(sensors))
    if dark >= whole or dark >= DARK or dark >= whole / 10:
        return "no_coverage", f"{names} saw nothing unusual leave, but {hidden or 'did not record'}"
    seen = f"watched by {names} since {subject.since:%Y-%m-%d %H:%M} UTC: no evidence that more than usual left"
    return "no_evidence", f"{seen}; {hidden}" if hidden else seen


def _gaps_text(gaps: Sequence[tuple[datetime, datetime]], dark: timedelta, whole: timedelta) -> str:
    if not gaps:
        return ""
    hours = dark.total_seconds() / 3600
    first = f"{gaps[0][0]:%Y-%m-%d %H:%M} UTC"
    share = f"{hours:.0f} of {whole.total_seconds() / 3600:.0f} h, from {first}"
    return f"what left in {share}, could not be seen"


def hidden(
    found: Iterable[Leaving],
    known: Sequence[Unobservable],
    coverage: Coverage,
    end: datetime,
) -> Iterator[Unobservable]:
    """Times in which a sensor that sees the internet recorded nothing, beside what is `known`; where a site
    has no such sensor, all of the time."""
    since: dict[tuple[str, tuple[str, ...]], datetime] = {}
    for one in found:
        site = one.site or ""
        at = since.setdefault((site, one.sensors), one.since)
        since[site, one.sensors] = min(at, one.since)
    spans: dict[str, list[tuple[datetime, datetime]]] = {
        sensor: [] for _, sensors in since for sensor in sensors
    }
    for item in known:
        if item.sensor in spans:
            spans[item.sensor].append((item.begin, item.end))
    for (site, sensors), begin in sorted(since.items()):
        if not sensors:
            why = f"no sensor sees what {site or 'its site'} exchanges with the internet: what left is unknown"
            yield _item(NO_SENSOR, begin, end, why)
        for sensor in sensors:
            for at, until in blind(coverage, frozenset({sensor}), begin, end):
                if not any(a <= at and until <= b for a, b in spans[sensor]):
                    spans[sensor].append((at, until))
                    why = f"it recorded nothing: what left {site} for the internet then is not known from it"
                    yield _item(sensor, at, until, why)


def _item(sensor: str, begin: datetime, end: datetime, why: str) -> Unobservable:
    fields: dict[str, Any] = {"sensor": sensor, "from": begin, "to": end}
    return Unobservable(**fields, why=why)
