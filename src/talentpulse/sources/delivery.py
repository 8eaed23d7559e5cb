"""What a source hands to the producer: one delivery (a Kafka record to be) and what its maker knows of it."""

from __future__ import annotations

from typing import NamedTuple


class Planted(NamedTuple):
    """What a right reading of one delivery must find, known because the generator put it there.

    `event_at_us` is the time that the event states (microseconds since 1970 UTC), None where it states none
    that can be read; whether it is believed is decided against the broker's time. A faulty one has a `fault`.
    """

    fault: str | None
    event_id: str | None
    event_at_us: int | None
    regions: tuple[str, ...]
    skills: tuple[str, ...]


def planted_fault(code: str) -> Planted:
    """What is known of a delivery that cannot be read."""
    return Planted(fault=code, event_id=None, event_at_us=None, regions=(), skills=())


class Delivery(NamedTuple):
    """One record to send. `kind` is `posting` or the kind of chaos; `planted` is None for real postings."""

    key: bytes
    body: bytes | None
    kind: str
    planted: Planted | None
