"""Times as people type them: `2h`, `3d`, `yesterday`, `tuesday`, `2026-11-24`, RFC 3339.

All are UTC, as everything that Reenact prints is. A day stands for the whole of it: `--since
tuesday` begins at its first moment and `--until tuesday` includes its last.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from reenact.errors import UsageError

_AGO = re.compile(r"(\d{1,6})\s*([smhdw])(?:\s+ago)?", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def since(text: str, *, now: datetime) -> datetime:
    """Return the first moment that `text` names.

    Raises:
        UsageError: when it names none.
    """
    found = _moment_or_day(text, now, flag="--since")
    return found if isinstance(found, datetime) else datetime.combine(found, time(), UTC)


def until(text: str, *, now: datetime) -> datetime:
    """Return the moment just after what `text` names: a day is included as a whole.

    Raises:
        UsageError: when it names none.
    """
    found = _moment_or_day(text, now, flag="--until")
    if isinstance(found, datetime):
        return found
    try:
        return datetime.combine(found + timedelta(days=1), time(), UTC)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def span(text: str, *, flag: str) -> timedelta:
    """Return the length of time that `text` names: 45m, 12h, 30d, 8w.

    Raises:
        UsageError: when it names none.
    """
    found = _AGO.fullmatch(text.strip().lower())
    if found is None:
        raise UsageError(
            f"{text[:60]!r} is not a length of time", where=flag, next_step="write 12h, 30d or 8w"
        )
    return timedelta(**{_UNITS[found[2].lower()]: int(found[1])})


def shown_span(length: timedelta) -> str:
    """Return a length of time in its largest whole unit: `30d`, `12h`, `90m`."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def shown_time(moment: datetime | None) -> str:
    """Return `moment` as lists show it, with its weekday: `Tue 2026-11-24 18:30:00Z`."""
    return "-" if moment is None else f"{moment.astimezone(UTC):%a %Y-%m-%d %H:%M:%S}Z"


def shown_minute(moment: datetime | None) -> str:
    """Return `moment` for a narrow column, to the minute: `Tue 2026-11-24 18:30`."""
    return "-" if moment is None else f"{moment.astimezone(UTC):%a %Y-%m-%d %H:%M}"


def _moment_or_day(text: str, now: datetime, *, flag: str) -> datetime | date:
    word = text.strip().lower()
    try:
        if ago := _AGO.fullmatch(word):
            return now - timedelta(**{_UNITS[ago[2].lower()]: int(ago[1])})
        return _named_day(word, now.date()) or _written(text.strip())
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text[:60]!r} is not a time",
            where=flag,
            next_step="write 2h, 3d, today, yesterday, tuesday, 2026-11-24 or 2026-11-24T18:30:00Z",
        ) from None


def _named_day(word: str, today: date) -> date | None:
    if word in ("today", "yesterday"):
        return today - timedelta(days=word == "yesterday")
    named = [n for n, day in enumerate(_WEEKDAYS) if word in (day, day[:3])]
    return today - timedelta(days=(today.weekday() - named[0]) % 7) if named else None


def _written(text: str) -> datetime | date:
    if len(text) <= len("2026-11-24"):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
