"""ops.log_ends: what the broker held, observation by observation."""

from __future__ import annotations

from talentpulse.lakehouse.postgres import connect
from talentpulse.lakehouse.topics import LogEnds
from talentpulse.settings import Settings

KEPT = "7 days"
ROUNDS_BETWEEN_CLEANING = 500


class LogEndsWriter:
    """Writes observations and removes those older than a week."""

    def __init__(self, settings: Settings) -> None:
        self._connection = connect(settings, "observer")
        self._topic = settings.topic
        self._rounds = 0

    def write(self, broker: LogEnds) -> None:
        """One row a partition, all with the same time."""
        parts = sorted(broker.ends)
        self._connection.execute(
            "INSERT INTO ops.log_ends (topic_id, topic, partition, observed_at, start_offset, end_offset)"
            " SELECT %s, %s, p, now(), s, e FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS seen (p, s, e)",
            (broker.topic_id, self._topic, parts, [broker.starts[p] for p in parts], [broker.ends[p] for p in parts]),
        )
        if self._rounds % ROUNDS_BETWEEN_CLEANING == 0:
            self._connection.execute("DELETE FROM ops.log_ends WHERE observed_at < now() - %s::interval", (KEPT,))
        self._rounds += 1
