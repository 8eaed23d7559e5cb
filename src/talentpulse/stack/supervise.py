"""The supervisor: started, asked and told over its socket. It keeps the processes; nothing here does."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from talentpulse.errors import PulseError
from talentpulse.settings import Settings
from talentpulse.stack import places
from talentpulse.stack.logs import last_words
from talentpulse.stack.rendering import MARK, STOP_SECONDS

ANSWER_SECONDS = 15
STOPPED = frozenset({"STOPPED", "EXITED", "FATAL", "UNKNOWN", "ABSENT"})


@dataclass(frozen=True)
class Program:
    """What the supervisor says of a program; `state` in its words, ABSENT if it does not know the name."""

    name: str
    state: str
    pid: int
    uptime_seconds: int
    message: str

    @property
    def is_up(self) -> bool:
        """Is there a process, or one on its way?"""
        return self.state not in STOPPED


class Supervisor:
    """The supervisor of one stack (one `home`)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._socket = places.socket_path(settings)

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with contextlib.closing(transport):
            proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(proxy, method)(*arguments)

    def pid(self) -> int | None:
        """Process id of the running supervisor; None if it does not run."""
        try:
            return cast(int, self._call("supervisor.getPID"))
        except (OSError, http.client.HTTPException):
            return None

    def start(self, conf: Path) -> None:
        """Start it as a daemon; it starts no program by itself.

        Raises:
            PulseError: it did not answer in time.
        """
        for folder in (self._settings.log_dir, places.run_dir(self._settings)):
            folder.mkdir(parents=True, exist_ok=True)
        places.ensure_private_folder(self._socket.parent)
        # settings reach the programs by their own sections: one that was set for an earlier `up` must not linger
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PULSE_")}
        done = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(conf)],
            env=environment | {MARK: str(self._settings.home)}, cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip
        end = time.monotonic() + ANSWER_SECONDS
        while self.pid() is None:
            if done.returncode != 0 or time.monotonic() > end:
                said = (done.stdout + done.stderr).strip()[-1000:]
                raise PulseError(
                    f"the supervisor did not answer on {self._socket}: {said or 'no output'}",
                    f"see {self._settings.log_dir / 'supervisord.log'}",
                )
            time.sleep(0.1)

    def reload(self) -> list[str]:
        """Take over a changed file: programs that changed are stopped and known anew; returns their names."""
        ((added, changed, removed),) = self._call("supervisor.reloadConfig")
        self.stop([*changed, *removed])
        for name in [*changed, *removed]:
            self._call("supervisor.removeProcessGroup", name)
        for name in [*changed, *added]:
            self._call("supervisor.addProcessGroup", name)
        return [str(name) for name in changed]

    def programs(self) -> dict[str, Program]:
        """All programs by name; empty if the supervisor does not run."""
        try:
            found = self._call("supervisor.getAllProcessInfo")
        except (OSError, http.client.HTTPException):
            return {}
        return {
            p["name"]: Program(
                p["name"], p["statename"], p["pid"], max(0, p["now"] - p["start"]) if p["pid"] else 0, p["spawnerr"]
            )
            for p in found
        }

    def start_programs(self, names: Iterable[str]) -> None:
        """Start programs side by side; one that runs already stays as it is.

        Raises:
            PulseError: a program ended at once; a later end shows in `programs`.
        """
        for name in names:
            try:
                self._call("supervisor.startProcess", name, False)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != Faults.ALREADY_STARTED:
                    raise self.failure(name, self.programs()[name].message or fault.faultString) from fault

    def failure(self, name: str, said: str) -> PulseError:
        """Stop a program that keeps ending; returns the error to raise, with the program's last words."""
        self.stop([name])
        words = last_words(self._settings, name)
        return PulseError(f"{name} does not stay up: {said}{words}", f"pulse logs {name}, then `pulse up`")

    def stop(self, names: Iterable[str]) -> None:
        """Stop programs side by side and wait until all have ended."""
        waiting = [name for name in names if (program := self.programs().get(name)) and program.is_up]
        for name in waiting:
            try:
                self._call("supervisor.stopProcess", name, False)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != Faults.NOT_RUNNING:
                    raise
        end = time.monotonic() + STOP_SECONDS + ANSWER_SECONDS
        while any(program.is_up for name, program in self.programs().items() if name in waiting):
            if time.monotonic() > end:
                raise PulseError(
                    f"{', '.join(waiting)} did not stop in {STOP_SECONDS + ANSWER_SECONDS} s", "pulse down"
                )
            time.sleep(0.1)

    def shutdown(self) -> None:
        """End the supervisor and wait until it has gone."""
        pid = self.pid()
        if pid is None:
            return
        self._call("supervisor.shutdown")
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait(STOP_SECONDS + ANSWER_SECONDS)


def own_processes(settings: Settings) -> list[psutil.Process]:
    """Every living process of this stack: marked by its environment, or a descendant of one that is."""
    marked = [process for process in psutil.process_iter() if _is_marked(process, settings)]
    found = {process.pid: process for process in marked}
    for process in marked:
        with contextlib.suppress(psutil.NoSuchProcess):
            found |= {child.pid: child for child in process.children(recursive=True)}
    return [process for process in found.values() if process.pid != os.getpid() and _is_alive(process)]


def _is_marked(process: psutil.Process, settings: Settings) -> bool:
    try:
        return process.environ().get(MARK) == str(settings.home)
    except psutil.Error:
        return False  # ended, or another user's


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end_orphans(settings: Settings) -> list[str]:
    """End processes of this stack that no supervisor keeps any more (it was killed); returns who they were."""
    orphans = own_processes(settings)
    names = [f"{process.pid} {process.name()}" for process in orphans]
    for process in orphans:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(orphans, timeout=STOP_SECONDS)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=ANSWER_SECONDS)
    return names
