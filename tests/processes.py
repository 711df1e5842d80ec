"""Real processes for the tests: the product's own start scripts with an environment of their own."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = (
    "MODE",
    "DEBUG",
    "SECRET_KEY",
    "AUDIT_KEY",
    "ALLOWED_HOSTS",
    "HTTPS",
    "DATABASE_URL",
    "REDIS_URL",
    "PORT",
    "EMAIL_URL",
)


def clean_environment(**changes: str) -> dict[str, str]:
    """This process' environment without the product's settings, plus `changes`."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**kept, "LOG_LEVEL": "INFO", "PYTHONUNBUFFERED": "1", **changes}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, holds: Callable[[], bool], seconds: float = 30) -> None:
    """Return when `holds()`; raise TimeoutError naming `what` after `seconds`."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.1)


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process group of its own while the block lasts; what it prints goes to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(environment), stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def running_worker(environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The product's Celery worker, ready to take jobs."""
    settings = {"WORKER_PROCESSES": "1", "WORKER_NAME": f"tests-{os.getpid()}", **environment}
    with running(["bin/worker"], settings, log) as process:
        wait_until_logged(process, log, " ready.")
        yield process


def wait_until_logged(process: subprocess.Popen[bytes], log: Path, text: str, seconds: float = 60) -> None:
    def logged() -> bool:
        said = log.read_text(errors="replace")
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}:\n{said[-3000:]}")
        return text in said

    wait_for(f"{text!r} in {log}", logged, seconds)


def has_answer(port: int) -> bool:
    """Whether somebody accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Clock:
    """The clock of a journey's processes: start them with `environment`, then `move` it.

    What it says reaches them within a moment (`tests/moved_clock`); this process keeps its own time.
    """

    def __init__(self, file: Path, moment: datetime) -> None:
        self.file = file
        self.now = moment
        self.move(moment)

    @property
    def environment(self) -> dict[str, str]:
        return {"CLOCK_FILE": str(self.file), "PYTHONPATH": str(ROOT / "tests" / "moved_clock")}

    def move(self, moment: datetime) -> None:
        """Let it be `moment` in every process, those that are running included."""
        self.now = moment
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(moment.timestamp()))
        fresh.replace(self.file)  # whoever looks meanwhile reads the old moment or the new one, never a half
        time.sleep(0.2)
