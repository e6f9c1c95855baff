"""`targeting work-off`: answers scoring jobs, beside the service; `targeting serve` runs one of it by itself."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from targeting.commands.app import app, chosen_folder

if TYPE_CHECKING:
    from targeting.serving.api.log import Log
    from targeting.serving.jobs.working import JobWorker

# How long a worker that found nothing to do waits before it looks again, and how often it looks what is past its time.
SECONDS_IDLE = 0.25
LOOKS_BETWEEN_FORGETTING = 240
SECONDS_TO_STOP = 10.0
# Which process runs this one: told, as it may be gone before this one can look.
SERVED_BY = "TARGETING_SERVED_BY"


@app.command("work-off", rich_help_panel="Operations")
def work_off(
    once: Annotated[bool, typer.Option("--once", help="End when nothing is left to do.")] = False,
) -> None:
    """Answer scoring jobs until it is told to stop; several may run, each on its own jobs."""
    from targeting.asgi import job_worker, open_project, settle
    from targeting.project.finding import find_project
    from targeting.serving.api.log import make_log

    opened = open_project(find_project(chosen_folder()))
    worker = job_worker(opened, name=f"worker {os.uname().nodename[:24]} {os.getpid()}")
    stop = _Stop()
    settle()
    try:
        _work(worker, stop, make_log(opened.control.database.clock), once=once)
    finally:
        worker.let_go()
        opened.control.database.close()


class _Stop:
    """Whether to stop: a signal said so, or the process that started this one is gone."""

    def __init__(self) -> None:
        self._told, self._parent = threading.Event(), int(os.environ.get(SERVED_BY, os.getppid()))
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, lambda _signal, _frame: self._told.set())

    def is_told(self) -> bool:
        """Return whether to stop."""
        return self._told.is_set() or os.getppid() != self._parent

    def wait(self, seconds: float) -> None:
        """Return after so many seconds, or as soon as a signal says stop."""
        self._told.wait(seconds)


def _work(worker: "JobWorker", stop: _Stop, log: "Log", *, once: bool) -> None:
    from targeting.serving.api.log import where_raised

    looks = 0
    while not stop.is_told():
        try:
            if looks % LOOKS_BETWEEN_FORGETTING == 0:
                worker.forget_the_past()
            worked = worker.work_on()
        # One job's bug, or a database that is away for a while, keeps no other job from being answered.
        except Exception as error:
            log.error("unexpected", error=type(error).__name__, raised=where_raised(error))
            worked = False
        if not worked and once:
            return
        if not worked:
            looks += 1
            stop.wait(SECONDS_IDLE)


@contextmanager
def jobs_worked_off(root: Path) -> Iterator[None]:
    """Have a process answer the scoring jobs of a project while the block runs; one that ends is replaced."""
    stop, running = threading.Event(), _Running()

    def keep() -> None:
        while not stop.is_set():
            running.begin(root)
            running.wait()
            stop.wait(SECONDS_IDLE)

    thread = threading.Thread(target=keep, name="scoring jobs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        running.end()
        thread.join(SECONDS_TO_STOP)


class _Running:
    """The process that answers jobs now."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock, self._is_over = threading.Lock(), False

    def begin(self, root: Path) -> None:
        """Start it, unless it is over."""
        command = [sys.executable, "-m", "targeting", "--project", str(root), "work-off"]
        with self._lock:
            if not self._is_over:
                # Its own group: whoever presses Ctrl-C stops the service, and the service stops it.
                self._process = subprocess.Popen(  # noqa: S603 - our own command.
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                    env={**os.environ, SERVED_BY: str(os.getpid())},
                )

    def wait(self) -> None:
        """Return when it has ended."""
        if self._process is not None:
            self._process.wait()

    def end(self) -> None:
        """Have it end: once its block is done, or by force."""
        with self._lock:
            self._is_over = True
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
