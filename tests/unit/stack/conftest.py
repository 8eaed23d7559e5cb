"""Settings of a stack that never runs: a home and a cache of its own, ports that nobody uses."""

import socket

import pytest

from talentpulse.settings import load_settings


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", cache=tmp_path / "cache", trino_port=28_123, kafka_port=free_port())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
