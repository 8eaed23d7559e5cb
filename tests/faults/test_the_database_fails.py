"""PostgreSQL stands still, then dies: ledger and catalog together. The stream waits, starts again, and is exact."""

import os
import signal

import psutil
import pytest

from tests.faults.fault_run import FaultRun, pid_of, wait_back


@pytest.mark.fault(11)
@pytest.mark.timeout(600)
@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "rate"), [(15, 100), (60, 500)])
def test_a_database_that_stands_still_and_is_then_killed_costs_a_restart_and_no_record(
    lake, record_property, seconds, rate
):
    fault = f"PostgreSQL stands still for {seconds} s under {rate} postings/s, then is killed -9"
    with FaultRun(lake, record_property, fault) as run:
        run.begin()
        with run.load(seconds + 10, rate=rate):
            run.lasts(5)
            postmaster = psutil.Process(pid_of(lake, "postgres"))
            servers = postmaster.children(recursive=True)
            for process in (postmaster, *servers):
                process.suspend()
            run.lasts(seconds)
            assert run.starts == 1, "the stream ended while it could have waited"
            os.kill(postmaster.pid, signal.SIGKILL)
            for server in servers:
                server.resume()  # it finds its postmaster dead and ends
            wait_back(lake, "postgres", postmaster.pid)
            run.healed()
        run.recovers(most_starts=3)
    assert run.seconds_to_recover < 120, "I6: not back in time"
