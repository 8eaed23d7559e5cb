"""When an event happened, in microseconds since 1970 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

TimeSource = Literal["event", "broker"]

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
MAX_AHEAD_US = 600 * SECOND_US
MAX_BEHIND_US = 365 * 24 * HOUR_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MAX_CHARACTERS = 64  # no date is longer; keeps hostile text cheap


def event_time_us(raw: object, kafka_at_us: int) -> tuple[int, TimeSource]:
    """The event's own time if it is readable and plausible, else the broker's; and which of the two it is.

    Readable is RFC 3339 text, also with a blank for the T, without seconds or offset (UTC then), or a date
    alone (its midnight UTC); digits beyond microseconds are cut off. Plausible is at most 10 minutes ahead of
    and 365 days behind `kafka_at_us`. Numbers are not read: whether they count seconds or milliseconds is a
    guess. Never raises.
    """
    event_at_us = _parsed_us(raw) if isinstance(raw, str) else None
    if event_at_us is None or not -MAX_BEHIND_US <= event_at_us - kafka_at_us <= MAX_AHEAD_US:
        return kafka_at_us, "broker"
    return event_at_us, "event"


def _parsed_us(text: str) -> int | None:
    text = text.strip() if len(text) <= _MAX_CHARACTERS else ""
    # fromisoformat also reads week dates, 20260315 and any character for the T: none of them is RFC 3339
    if len(text) < 10 or text[4] != "-" or text[7] != "-" or text[10:11] not in ("", "T", "t", " "):
        return None
    try:
        at = datetime.fromisoformat(text if text[-1] != "z" else text[:-1] + "Z")
    except ValueError:
        return None
    # an aware difference cannot overflow, not even for the year 1 with an offset; astimezone() can
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND
