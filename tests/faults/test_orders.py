"""In whatever order and batches the same events come, the same numbers come out."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from kafka import KafkaProducer

from talentpulse.lakehouse.bootstrap import prepare
from tests.lake import Stream, check_promises, empty_tables, epochs, gold_in_trino

SKILLS = ("Python", "Java", "Docker")
EVENTS = 60
# how the same events come: a region each
ORDERS = {"in order": "GB", "late": "DE", "repeated": "FR", "shuffled": "US"}
PLACES = {"GB": "London, UK", "DE": "Berlin, Germany", "FR": "Paris, France", "US": "Austin, TX"}


def hour_of(n):
    """Hours ago of the n-th event: the first half of them is old."""
    return 47 - n * 40 // EVENTS


def event(region, n, at, name=None):
    payload = {"title": f"{SKILLS[n % 3]} developer", "location": PLACES[region]}
    return json.dumps(
        {"event_id": name or f"{region}-{n}", "timestamp": at.isoformat(), "source": "board", "payload": payload}
    ).encode()


def deliveries(now):
    """(partition, body) of each order; every partition holds one region, so that they mix in every batch."""
    begin = now.replace(minute=30, second=0, microsecond=0)
    dice = random.Random(13)
    for partition, (order, region) in enumerate(ORDERS.items()):
        numbers = list(range(EVENTS))
        if order == "late":
            numbers.sort(reverse=True)
        if order == "repeated":
            numbers += dice.choices(numbers, k=EVENTS)
        if order == "shuffled":
            dice.shuffle(numbers)
        for n in numbers:
            yield partition, event(region, n, begin - timedelta(hours=hour_of(n)))


def cells_of(cells, region):
    """{(hour, skill): events} of one region."""
    return {(at, skill): counts[0] for (at, place, skill), counts in cells.items() if place == region}


def expected_cells(now):
    begin = now.replace(minute=0, second=0, microsecond=0)
    cells = {}
    for n in range(EVENTS):
        at = (begin - timedelta(hours=hour_of(n))).isoformat()
        for skill in ("*", SKILLS[n % 3]):
            cells[at, skill] = cells.get((at, skill), 0) + 1
    return cells


def read_all(lake, most):
    with Stream(lake, PULSE_MAX_OFFSETS_PER_TRIGGER=str(most)) as stream:
        stream.wait_ready().wait_caught_up()
        assert stream.stop()[0] == 0
    check_promises(lake)
    return gold_in_trino(lake)


@pytest.mark.slow
@pytest.mark.fault(13)
def test_in_order_late_repeated_and_shuffled_events_give_one_table_in_many_batches_and_replayed_in_one(lake):
    now = datetime.now(UTC)
    producer = KafkaProducer(bootstrap_servers=lake.kafka_bootstrap, acks="all")
    for partition, body in deliveries(now):
        producer.send(lake.topic, body, partition=partition)
    # clocks: ahead of the broker's by two hours, and in the year 2286; both count in the broker's hour
    for n, at in enumerate((now + timedelta(hours=2), datetime(2286, 11, 20, 17, 46, 39, tzinfo=UTC))):
        producer.send(lake.topic, event("GB", 0, at, f"ahead-{n}").replace(b"London, UK", b"Tokyo, Japan"), partition=0)
    producer.flush()
    producer.close()

    in_batches = read_all(lake, 40)
    assert len(epochs(lake)) >= 5
    for order, region in ORDERS.items():
        assert cells_of(in_batches, region) == expected_cells(now), order
    assert sum(n for (_, skill), n in cells_of(in_batches, "JP").items() if skill == "*") == 2
    assert max(at for at, _ in cells_of(in_batches, "JP")) <= datetime.now(UTC).isoformat()

    empty_tables(lake)
    prepare(lake)
    at_once = read_all(lake, 100_000)
    assert len(epochs(lake)) == 1
    assert at_once == in_batches
