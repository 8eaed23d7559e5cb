"""Bringing the stack up and down: what happens in which order, and what is waited for."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager

import psutil

from talentpulse.errors import PulseError
from talentpulse.process import ready_path
from talentpulse.settings import Settings
from talentpulse.stack import first_start, health, places, rendering
from talentpulse.stack.logs import last_words
from talentpulse.stack.manifest import check_cache
from talentpulse.stack.ports import check_ports
from talentpulse.stack.progress import Progress
from talentpulse.stack.readiness import is_ready
from talentpulse.stack.secrets import ensure_secrets
from talentpulse.stack.services import Service, jobs, native_services
from talentpulse.stack.supervise import Supervisor, end_orphans, own_processes

GIB = 1 << 30
LEAST_DISK = 2 * GIB
LEAST_MEMORY = 4 * GIB
HEALTHY_WITHIN = 120.0  # seconds; Trino takes 15 on a machine of its own
READY_WITHIN = 240.0  # seconds; the stream starts a JVM, recovers and warms up
CONTINUOUS = ("observer", "stream", "auditor")


Meanwhile = Callable[[Settings, Progress], None]


def up(settings: Settings, *, with_stream: bool = True, meanwhile: Meanwhile | None = None) -> Settings:
    """Start everything and wait until it is well; changes nothing that runs as it should.

    `meanwhile` is called once tables and topic are there, while Trino and the stream are still starting. Returns the
    settings with the generated secrets.

    Raises:
        PulseError: what failed, where its log is, and the mend. What runs is left running: the next `up` goes on.
    """
    from talentpulse.lakehouse import bootstrap  # takes a second, which `down` should not wait for

    with _alone(settings), Progress() as progress:
        _check_machine(settings, progress)
        check_cache(settings)
        settings = ensure_secrets(settings)
        first_start.settle_postgres_data(settings)
        supervisor = Supervisor(settings)
        services, continuous = native_services(settings), jobs(settings)
        if supervisor.pid() is None and (ended := end_orphans(settings)):
            progress.note(f"ended processes that an earlier stack had left: {', '.join(ended)}")
        _configure(settings, supervisor, services + continuous, progress)
        supervisor.start_programs(service.name for service in services)
        _wait_for_services(settings, supervisor, set(health.probes(settings)) - {"trino"}, progress)
        progress.start("lake", "bucket, tables, topic")
        bootstrap.prepare_storage(settings, lambda change: progress.say("lake", change))
        progress.done("lake", "bucket, tables and topic are there")
        if with_stream:
            _start_jobs(settings, supervisor, continuous)
        if meanwhile is not None:
            meanwhile(settings, progress)
        _wait_for_services(settings, supervisor, {"trino"}, progress)
        progress.start("views", "comparing")
        bootstrap.prepare_views(settings, lambda change: progress.say("views", change))
        progress.done("views", "are as in sql/views")
        if with_stream:
            _wait_for_stream(settings, supervisor, progress)
    return settings


def _check_machine(settings: Settings, progress: Progress) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    if free < LEAST_DISK:
        raise PulseError(
            f"{settings.home} has {free / GIB:.1f} GiB free, {LEAST_DISK / GIB:.0f} are needed",
            "make room, or set PULSE_HOME to a folder on a larger disk",
        )
    memory = psutil.virtual_memory().available
    if memory < LEAST_MEMORY and Supervisor(settings).pid() is None:
        progress.note(
            f"only {memory / GIB:.1f} GiB of memory are available; the stack takes about {LEAST_MEMORY / GIB:.0f}"
        )


def _configure(settings: Settings, supervisor: Supervisor, services: list[Service], progress: Progress) -> None:
    """Configuration files, data folders, the supervisor itself."""
    running = {name for name, program in supervisor.programs().items() if program.is_up}
    # before anything is written: a taken port leaves everything as it was (that of a job is checked when it starts)
    check_ports(settings, [s for s in services if s.name not in running and s.name not in CONTINUOUS])
    conf = rendering.write_configuration(settings, services)
    names = {service.name for service in services}
    if "postgres" in names and "postgres" not in running:
        first_start.prepare_postgres(settings)
    if "kafka" in names and "kafka" not in running:
        first_start.prepare_kafka(settings)
    if supervisor.pid() is None:
        supervisor.start(conf)
    elif changed := supervisor.reload():
        progress.note(f"settings have changed, so these start again: {', '.join(changed)}")
        check_ports(settings, [service for service in services if service.name in changed])
        if "postgres" in changed:
            first_start.prepare_postgres(settings)


def _wait_for_services(settings: Settings, supervisor: Supervisor, names: set[str], progress: Progress) -> None:
    ours = {service.name for service in native_services(settings)}

    def ask(name: str) -> Callable[[], health.Health]:
        return lambda: health.probe(settings, name)

    questions = {name: ask(name) for name in health.probes(settings) if name in names}
    _wait_for(settings, supervisor, questions, ours, HEALTHY_WITHIN, progress)


def _start_jobs(settings: Settings, supervisor: Supervisor, services: list[Service]) -> None:
    programs = supervisor.programs()
    stopped = [s for s in services if s.name in CONTINUOUS and not programs[s.name].is_up]
    check_ports(settings, stopped)
    for service in stopped:
        ready_path(settings, service.name).unlink(missing_ok=True)
    supervisor.start_programs(CONTINUOUS)


def _wait_for_stream(settings: Settings, supervisor: Supervisor, progress: Progress) -> None:
    def ask() -> health.Health:
        return _stream_readiness(settings, supervisor)

    _wait_for(settings, supervisor, {"stream": ask}, {"stream"}, READY_WITHIN, progress)


def _stream_readiness(settings: Settings, supervisor: Supervisor) -> health.Health:
    stream = supervisor.programs().get("stream")
    if stream and is_ready(settings, stream.pid):
        return health.Health(True, f"the stream is ready (process {stream.pid})")
    return health.Health(False, "recovering and warming up", "pulse logs stream")


def _wait_for(
    settings: Settings,
    supervisor: Supervisor,
    questions: dict[str, Callable[[], health.Health]],
    ours: set[str],
    seconds: float,
    progress: Progress,
) -> None:
    """Ask side by side until every answer is good; the first service that fails ends the waiting."""
    give_up = threading.Event()

    def until_well(name: str, ask: Callable[[], health.Health]) -> None:
        end = time.monotonic() + seconds
        pids: set[int] = set()
        while not (found := ask()).ok:
            progress.say(name, f"waiting: {found.detail}")
            if found.hopeless:
                raise PulseError(f"{name} at {found.detail}", found.mend)
            if name in ours:
                _must_live(settings, supervisor, name, pids)
            if time.monotonic() > end:
                raise PulseError(
                    f"{name} was not well after {seconds:.0f} s: {found.detail}{last_words(settings, name)}", found.mend
                )
            if give_up.wait(0.3):
                return
        progress.done(name, found.detail)

    for name in questions:
        progress.start(name, "starting")
    with ThreadPoolExecutor(len(questions)) as pool:
        asking = {pool.submit(until_well, name, ask): name for name, ask in questions.items()}
        try:
            ended, _ = wait(asking, return_when=FIRST_EXCEPTION)
        finally:
            give_up.set()  # also on Ctrl-C
    for future in ended:
        if error := future.exception():
            progress.fail(asking[future], "failed")
            raise error


def _must_live(settings: Settings, supervisor: Supervisor, name: str, pids: set[int]) -> None:
    """A program that keeps ending will not become well by waiting: stop it and say what it said last.

    `pids` are the processes seen so far; one restart is forgiven (an earlier fault may be just mending).
    """
    program = supervisor.programs().get(name)
    if program is None:
        raise PulseError("the supervisor has ended", f"see {settings.log_dir / 'supervisord.log'}, then `pulse up`")
    pids |= {program.pid} if program.pid else set()
    if program.state in {"BACKOFF", "FATAL"} or len(pids) > 2:
        raise supervisor.failure(name, program.message or "it ends again and again")


def down(settings: Settings) -> None:
    """Stop everything in reverse order and make sure that no process is left. Data stay."""
    with _alone(settings), Progress() as progress:
        supervisor = Supervisor(settings)
        if supervisor.pid() is not None:
            # jobs first, then what they write to; PostgreSQL last, because Trino and the catalog hang on it
            for wave in (("generator", "auditor", "stream", "observer"), ("trino", "kafka", "minio"), ("postgres",)):
                programs = supervisor.programs()
                names: list[str] = [name for name in wave if name in programs and programs[name].is_up]
                if names:
                    progress.start(wave[0], f"stopping {', '.join(names)}")
                    supervisor.stop(names)
                    progress.done(wave[0], f"stopped {', '.join(names)}")
            supervisor.shutdown()
        if ended := end_orphans(settings):
            progress.note(f"ended what was left: {', '.join(ended)}")
        if left := own_processes(settings):
            names = [f"{process.pid} {process.name()}" for process in left]
            raise PulseError(f"still running: {', '.join(names)}", "end them by hand, then `pulse down`")


def start(settings: Settings, name: str) -> None:
    """Start one program of a running stack, such as the generator."""
    _known(settings, name).start_programs([name])


def stop(settings: Settings, name: str) -> None:
    """Stop one program of a running stack and wait until it has ended."""
    _known(settings, name).stop([name])


def _known(settings: Settings, name: str) -> Supervisor:
    supervisor = Supervisor(settings)
    programs = supervisor.programs()
    if name not in programs:
        known = f"it knows {', '.join(sorted(programs))}" if programs else "it does not run"
        raise PulseError(f"the supervisor has no program {name!r}; {known}", "pulse up")
    return supervisor


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One `up` or `down` at a time in one home."""
    lock = places.run_dir(settings) / "lifecycle.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise PulseError(
                f"another `pulse` (process {file.read().strip()}) is starting or stopping this stack",
                "wait for it, then try again",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
