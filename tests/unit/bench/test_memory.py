"""What a family of processes takes."""

import os
import signal

import psutil

from talentpulse.bench.memory import resident_bytes


def test_pages_that_a_child_shares_are_counted_once():
    ballast = bytearray(os.urandom(1)) * (128 << 20)
    alone = resident_bytes(os.getpid())
    child = os.fork()
    if child == 0:
        signal.pause()
    try:
        assert psutil.Process(child).memory_info().rss > len(ballast)
        assert resident_bytes(os.getpid()) < alone + len(ballast) // 2
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_process_that_has_ended_takes_nothing():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert resident_bytes(child) == 0
