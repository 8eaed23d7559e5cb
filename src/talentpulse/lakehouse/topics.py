"""The topic on the broker: made from its contract, its id, its offsets."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import NewTopic
from kafka.errors import TopicAlreadyExistsError

from talentpulse.contracts import topic as declared_topic
from talentpulse.settings import Settings

REQUEST_MS = 10_000


@dataclass(frozen=True)
class LogEnds:
    """What the broker holds of a topic: per partition the oldest offset and the one after the newest."""

    topic_id: str
    starts: dict[int, int]
    ends: dict[int, int]


def _client(settings: Settings) -> dict[str, object]:
    return {"bootstrap_servers": settings.kafka_bootstrap, "request_timeout_ms": REQUEST_MS}


def ensure_topic(settings: Settings) -> bool:
    """Create the topic as its contract declares it; True if it was missing."""
    contract = declared_topic()
    admin = KafkaAdminClient(**_client(settings))
    try:
        admin.create_topics([NewTopic(settings.topic, contract.partitions, 1, topic_configs=contract.config)])
    except TopicAlreadyExistsError:
        return False
    finally:
        admin.close()
    return True


def topic_id(settings: Settings) -> str:
    """Kafka's id of the topic, as Kafka's own tools print it; a recreated topic has another one."""
    admin = KafkaAdminClient(**_client(settings))
    try:
        (description,) = admin.describe_topics([settings.topic])
    finally:
        admin.close()
    raw = description["topic_id"]
    number = raw if isinstance(raw, uuid.UUID) else uuid.UUID(str(raw))
    return base64.urlsafe_b64encode(number.bytes).decode().rstrip("=")


class LogObserver:
    """Asks the broker again and again without a new connection each time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._consumer = KafkaConsumer(**_client(settings), enable_auto_commit=False)
        self.topic_id = topic_id(settings)

    def ends(self) -> LogEnds:
        """The topic's offsets now."""
        numbers = self._consumer.partitions_for_topic(self._settings.topic) or set()
        partitions = [TopicPartition(self._settings.topic, number) for number in sorted(numbers)]
        starts = self._consumer.beginning_offsets(partitions)
        ends = self._consumer.end_offsets(partitions)
        return LogEnds(
            self.topic_id,
            {p.partition: offset for p, offset in starts.items()},
            {p.partition: offset for p, offset in ends.items()},
        )

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()
