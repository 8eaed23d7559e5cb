"""One Kafka value to the header that Bronze keeps: the only reader of postings in the project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from talentpulse.domain.events import Fault, read_envelope
from talentpulse.domain.places import regions
from talentpulse.domain.skills import skill_matcher
from talentpulse.domain.taxonomy import taxonomy
from talentpulse.domain.text import posting_text
from talentpulse.domain.times import TimeSource, event_time_us

CODE_VERSION = 2
"""To be raised with every change of this room that can read a record differently."""

READER_VERSION = f"{CODE_VERSION:03d}.{taxonomy().version:03d}"
"""Version of the code and of the taxonomy; orders as text."""


class Reading(NamedTuple):
    """What was read of one record (a delivery); the fields are Bronze's header columns.

    A faulty record has the broker's time, no event_id, no regions and no skills; otherwise regions is never
    empty.
    """

    fault: Fault | None
    event_id: str | None
    event_at_us: int
    event_at_source: TimeSource
    source: str | None
    schema_version: int | None
    regions: list[str]
    skills: list[str]


def read_posting(body: bytes | None, kafka_at_us: int) -> Reading:
    """Read one Kafka value that the broker appended at `kafka_at_us` (microseconds since 1970). Never raises.

    Skills come from title and description, as `posting_text` joins them.
    """
    envelope = read_envelope(body)
    payload = envelope.payload
    if payload is None:
        return Reading(envelope.fault, None, kafka_at_us, "broker", envelope.source, envelope.schema_version, [], [])
    event_at_us, event_at_source = event_time_us(envelope.timestamp, kafka_at_us)
    return Reading(
        fault=None,
        event_id=envelope.event_id,
        event_at_us=event_at_us,
        event_at_source=event_at_source,
        source=envelope.source,
        schema_version=envelope.schema_version,
        regions=list(regions(payload.get("location"), payload.get("is_remote"))),
        skills=skill_matcher().skills(posting_text(payload)),
    )


def read_batch(bodies: Sequence[bytes | None], kafka_at_us: Sequence[int]) -> dict[str, list[Any]]:
    """Read many Kafka values: one list per field of `Reading`, each as long as `bodies` and in its order.

    Raises:
        ValueError: the two sequences differ in length.
    """
    readings = [read_posting(body, at) for body, at in zip(bodies, kafka_at_us, strict=True)]
    return {name: [reading[i] for reading in readings] for i, name in enumerate(Reading._fields)}
