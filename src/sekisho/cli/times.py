"""Times as a person types them on the command line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from sekisho.errors import RequestError
from sekisho.model.validity import in_utc, midnight

_AGO = re.compile(r"(\d{1,4})([mhdw])")
_UNIT = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def window(
    first: str | None, last: str | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """What `--since` and `--until` ask for together; an open side is None.

    From some time ago, without an end, is until now: a sensor that fell silent meanwhile shows.
    """
    begin, end = since(first, now), until(last, now)
    if begin is not None and end is None and begin > now:
        raise RequestError(f"--since {first} lies ahead of now", "name a time that is past")
    if begin is not None and end is not None and begin >= end:
        raise RequestError(
            f"nothing lies from {first} until {last}",
            "--since names the earlier time, --until the later",
        )
    if end is None and first is not None and _AGO.fullmatch(first.strip()):
        return begin, now
    return begin, end


def since(text: str | None, now: datetime) -> datetime | None:
    """The first instant of a window: a day, a time (UTC unless it has a zone), or `7d` ago."""
    return None if text is None else _instant(text, now, last=False)


AHEAD = "write 8h for eight hours from now, 90d, 2020-06-11 or 2020-06-11T09:30"


def until(text: str | None, now: datetime) -> datetime | None:
    """The instant at which a window ends, excluded; a day is taken in whole."""
    return None if text is None else _instant(text, now, last=True)


def ahead(text: str | None, now: datetime) -> datetime | None:
    """The instant at which something ends that holds from now on: a day in whole, or in `90d`."""
    span = _AGO.fullmatch((text or "").strip())
    if span:
        try:
            return now + timedelta(**{_UNIT[span[2]]: int(span[1])})
        except OverflowError as error:
            raise RequestError(f"{text!r} is no time: {error}", AHEAD) from error
    try:
        return until(text, now)
    except RequestError as error:
        raise RequestError(str(error), AHEAD) from error


def span(text: str) -> timedelta:
    """How long something lasts: `30m`, `2h`, `1d`; a bare number is seconds."""
    match = _AGO.fullmatch(text.strip())
    if match:
        return timedelta(**{_UNIT[match[2]]: int(match[1])})
    if text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 9:
        return timedelta(seconds=int(text.strip()))
    raise RequestError(f"{text[:40]!r} is no length of time", "write 90 (seconds), 30m or 2h")


def _instant(text: str, now: datetime, *, last: bool) -> datetime:
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return now - timedelta(**{_UNIT[ago[2]]: int(ago[1])})
        if len(text.strip()) == len("2020-06-11"):
            return midnight(date.fromisoformat(text.strip()) + timedelta(days=last))
        return in_utc(datetime.fromisoformat(text.strip())).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RequestError(
            f"{text!r} is no time" + ("" if "isoformat" in str(error) else f": {error}"),
            "write 2020-06-11, 2020-06-11T09:30, or 7d for seven days ago",
        ) from error
