"""The real services, started once for the whole run on ports and a folder of their own."""

import os
import shutil

import pytest

from talentpulse.settings import PROJECT_ROOT, load_settings
from talentpulse.stack import clean, lifecycle
from tests.lake import empty_lake

HOME = PROJECT_ROOT / ".pulse-test"
APART = int(os.environ.get("PULSE_TEST_PORTS_APART", "0"))  # two checkouts may be tested side by side
PORTS = {
    "kafka_port": 19092 + APART,
    "kafka_controller_port": 19093 + APART,
    "s3_port": 19000 + APART,
    "s3_console_port": 19001 + APART,
    "postgres_port": 15433 + APART,
    "trino_port": 18080 + APART,
    "spark_ui_port": 14040 + APART,
}

ROOMS = [PROJECT_ROOT / "tests" / "integration", PROJECT_ROOT / "tests" / "faults"]


def pytest_collection_modifyitems(items):
    for item in items:
        if any(item.path.is_relative_to(room) for room in ROOMS):
            item.add_marker("services")


@pytest.fixture(scope="session")
def stack(request):
    """Settings of a running stack without stream: Kafka, MinIO, PostgreSQL, Trino, tables, topic, views."""
    settings = load_settings(profile="test", home=HOME, trigger_seconds=1.0, trino_memory="1G", **PORTS)
    if request.config.getoption("--keep-stack"):
        yield lifecycle.up(settings, with_stream=False)
        return
    lifecycle.down(settings)  # what an interrupted run may have left
    clean.remove(settings, clean.removable(settings))
    shutil.rmtree(HOME, ignore_errors=True)
    try:
        yield lifecycle.up(settings, with_stream=False)
    finally:
        lifecycle.down(settings)


@pytest.fixture
def lake(stack):
    """The same stack with an empty topic, empty tables and an empty ledger."""
    empty_lake(stack)
    return stack
