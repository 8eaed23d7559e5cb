"""SIGTERM and Ctrl-C under load: the stream ends within 20 s, with its batch finished or left to the next start."""

import os
import signal
import subprocess
import time

import pytest

from tests.lake import PULSE, Stream, check_promises, committed, wait_until


def to_job(stream):
    stream.process.send_signal(signal.SIGTERM)


def to_group(stream):
    """As a terminal does: Python, JVM and workers get it."""
    os.killpg(stream.process.pid, signal.SIGINT)


@pytest.mark.slow
@pytest.mark.fault(23)
def test_a_stream_that_is_told_to_stop_under_load_ends_within_20_seconds_and_loses_nothing(lake, record_property):
    load = subprocess.Popen(
        [str(PULSE), "generate", "--rate", "300", "--count", "30000", "--seed", "71", "--chaos", "heavy"],
        env={**os.environ, **lake.environment()}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for told in (to_job, to_group):
            before = committed(lake)
            with Stream(lake) as stream:
                stream.wait_ready()
                wait_until(lambda before=before: committed(lake) != before, "a batch is committed")
                begin = time.monotonic()
                told(stream)
                assert stream.process.wait(60) == 0
                assert time.monotonic() - begin < 20
    finally:
        load.send_signal(signal.SIGINT)
        load.wait(60)
    begin = time.monotonic()
    with Stream(lake) as stream:
        stream.wait_ready().wait_caught_up()
        record_property("seconds_to_recover", time.monotonic() - begin)
    check_promises(lake)
