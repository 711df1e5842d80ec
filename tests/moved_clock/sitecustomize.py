"""Python runs this before anything else in a process that has this directory on its PYTHONPATH.

It moves the clock of the process, and of all that it forks, to the moment that the file CLOCK_FILE holds
(seconds since 1970), and again whenever the file changes; between the moves the clock ticks. So a journey
lives through a week in a minute, with the product's own processes. Waiting goes by `time.monotonic`, which
stays.
"""

import os
import threading
import time
from pathlib import Path

import time_machine

CLOCK_FILE = Path(os.environ["CLOCK_FILE"])
LOOKS_EVERY = 0.05  # seconds


class _Clock:
    def __init__(self) -> None:
        self.written = self._written()
        self.travel = time_machine.travel(float(CLOCK_FILE.read_text()), tick=True)
        self.hands = self.travel.start()

    def follow(self) -> None:
        while True:
            time.sleep(LOOKS_EVERY)
            if self._written() != self.written:
                self.written = self._written()
                self.hands.move_to(float(CLOCK_FILE.read_text()))

    def watch(self) -> None:
        """Threads end in a fork, so each process has its own."""
        threading.Thread(target=self.follow, daemon=True).start()

    @staticmethod
    def _written() -> int:
        return CLOCK_FILE.stat().st_mtime_ns


_clock = _Clock()
_clock.watch()
os.register_at_fork(after_in_child=_clock.watch)
