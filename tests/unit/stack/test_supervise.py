"""The real supervisor with programs that only sleep."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from talentpulse.errors import PulseError
from talentpulse.stack import health, lifecycle, rendering
from talentpulse.stack.progress import Progress
from talentpulse.stack.services import Service
from talentpulse.stack.supervise import Supervisor, end_orphans, own_processes

SLEEPER = Service("sleeper", ("sleep", "300"))
PARENT = Service("parent", ("sh", "-c", "sleep 301 & sleep 302"))
BROKEN = Service("broken", ("sh", "-c", "echo no such table; exit 3"))


@pytest.fixture
def supervisor(settings):
    supervisor = Supervisor(settings)
    supervisor.start(rendering.write_configuration(settings, [SLEEPER, PARENT, BROKEN]))
    yield supervisor
    supervisor.shutdown()
    end_orphans(settings)


def wait_for(condition):
    end = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < end, "waited 15 s in vain"
        time.sleep(0.05)


def start(supervisor, *names):
    supervisor.start_programs(names)
    wait_for(lambda: all(supervisor.programs()[name].pid for name in names))
    return [supervisor.programs()[name].pid for name in names]


def test_a_stopped_supervisor_knows_no_programs(settings):
    assert Supervisor(settings).pid() is None
    assert Supervisor(settings).programs() == {}


def test_starting_twice_leaves_the_first_process_alone(supervisor):
    assert start(supervisor, "sleeper") == start(supervisor, "sleeper")


def test_a_killed_program_is_started_again(supervisor):
    (pid,) = start(supervisor, "sleeper")
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: supervisor.programs()["sleeper"].pid not in {0, pid})


def test_stopping_ends_the_children_too(supervisor, settings):
    (pid,) = start(supervisor, "parent")
    wait_for(lambda: len(psutil.Process(pid).children()) == 2)
    children = psutil.Process(pid).children()
    supervisor.stop(["parent"])
    gone, alive = psutil.wait_procs(children, timeout=15)
    assert alive == []
    assert len(gone) == 2


def test_nothing_is_left_after_a_shutdown(supervisor, settings):
    start(supervisor, "sleeper", "parent")
    assert len(own_processes(settings)) >= 4  # supervisor, sleeper, parent, its child
    supervisor.stop(["sleeper", "parent"])
    supervisor.shutdown()
    wait_for(lambda: own_processes(settings) == [])


def test_what_a_killed_supervisor_left_behind_is_found_and_ended(supervisor, settings):
    pids = start(supervisor, "sleeper", "parent")
    wait_for(lambda: "supervisord" not in str([psutil.Process(pid).cmdline() for pid in pids]))
    os.kill(supervisor.pid(), signal.SIGKILL)
    wait_for(lambda: supervisor.pid() is None)
    assert set(pids) <= {process.pid for process in own_processes(settings)}
    end_orphans(settings)
    assert own_processes(settings) == []


def test_processes_of_another_stack_are_not_ours(settings, tmp_path):
    other = subprocess.Popen(["sleep", "60"], env=os.environ | {rendering.MARK: str(tmp_path / "other")})
    try:
        assert own_processes(settings) == []
    finally:
        other.kill()
        other.wait()


def test_a_changed_program_is_stopped_and_known_anew(supervisor, settings):
    (pid,) = start(supervisor, "sleeper")
    rendering.write_configuration(settings, [Service("sleeper", ("sleep", "400")), PARENT, BROKEN])
    assert supervisor.reload() == ["sleeper"]
    assert not psutil.pid_exists(pid)
    (pid,) = start(supervisor, "sleeper")
    # between fork and exec the new process still looks like the supervisor
    wait_for(lambda: psutil.Process(pid).cmdline() == ["sleep", "400"])


def test_an_unchanged_configuration_restarts_nothing(supervisor, settings):
    (pid,) = start(supervisor, "sleeper")
    rendering.write_configuration(settings, [SLEEPER, PARENT, BROKEN])
    assert supervisor.reload() == []
    assert supervisor.programs()["sleeper"].pid == pid


def test_settings_of_the_caller_do_not_linger_in_the_programs(settings, monkeypatch):
    monkeypatch.setenv("PULSE_TRINO_PORT", "1")
    supervisor = Supervisor(settings)
    supervisor.start(rendering.write_configuration(settings, [SLEEPER]))
    try:
        (pid,) = start(supervisor, "sleeper")
        wait_for(lambda: psutil.Process(pid).name() == "sleep")
        assert "PULSE_TRINO_PORT" not in psutil.Process(pid).environ()
    finally:
        supervisor.shutdown()


def test_a_program_that_ends_at_once_is_stopped_and_its_last_words_are_told(supervisor, settings, capsys):
    def start_and_wait():
        with Progress() as progress:
            supervisor.start_programs(["broken"])  # it may be seen to end here already, or while it is waited for
            never = {"broken": lambda: health.Health(False, "nobody answers")}
            lifecycle._wait_for(settings, supervisor, never, {"broken"}, 60, progress)

    with pytest.raises(PulseError) as caught:
        start_and_wait()
    assert "no such table" in caught.value.message
    assert str(settings.log_dir / "broken.log") in caught.value.message
    assert "pulse logs broken" in caught.value.mend
    wait_for(lambda: not supervisor.programs()["broken"].is_up)


def test_what_waiting_cannot_mend_is_told_at_once(supervisor, settings, capsys):
    refused = {"sleeper": lambda: health.Health(False, "wrong password", "restore it", hopeless=True)}
    begin = time.monotonic()
    with pytest.raises(PulseError, match="wrong password"), Progress() as progress:
        lifecycle._wait_for(settings, supervisor, refused, {"sleeper"}, 60, progress)
    assert time.monotonic() - begin < 5


def test_one_up_at_a_time(settings):
    holding = (
        "import sys; from talentpulse.stack.lifecycle import _alone; from talentpulse.settings import load_settings\n"
        f"with _alone(load_settings(home={str(settings.home)!r})): print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen([sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        holder.stdout.readline()
        with pytest.raises(PulseError, match=f"process {holder.pid}"):
            lifecycle.down(settings)
    finally:
        holder.communicate()
    lifecycle.down(settings)
