"""A real SMTP server for the tests, on the standard library: it takes mails, or refuses as it is told."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection

from tests.conftest import Worker, redis_url
from tests.processes import clean_environment, running_worker, wait_for


@dataclass
class Server:
    """What arrived, and which recipients are answered with which line."""

    port: int = 0
    refused: dict[str, str] = field(default_factory=dict)  # address → the line that refuses it
    arrived: list[tuple[str, EmailMessage]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def addresses(self) -> list[str]:
        return sorted(address for address, _message in self.arrived)

    def to(self, address: str) -> list[EmailMessage]:
        return [message for to, message in self.arrived if to == address]


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        recipients: list[str] = []
        self._say("220 test")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                self._say("250 test")
            elif verb == b"RCPT":
                address = line.decode().partition("<")[2].partition(">")[0]
                refusal = self.server.told.refused.get(address)  # type: ignore[attr-defined]
                self._say(refusal or "250 ok")
                recipients += [] if refusal else [address]
            elif verb == b"DATA":
                self._say("354 go on")
                self._take(recipients)
                self._say("250 taken")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _take(self, recipients: list[str]) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        for address in recipients:
            self.server.told.arrived.append((address, message))  # type: ignore[attr-defined]
        recipients.clear()

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def smtp_server() -> Iterator[Server]:
    """A server on a free port while the block lasts."""
    told = Server()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as listening:
        listening.daemon_threads = True
        listening.told = told  # type: ignore[attr-defined]
        told.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield told
        finally:
            listening.shutdown()
            thread.join()


@contextmanager
def mail_worker(worker: Worker, server: Server) -> Iterator[Callable[[Any], None]]:
    """A second worker that can send e-mails, with a queue of its own; yields what rings a job and waits."""
    database = connection.settings_dict
    environment = clean_environment(
        DATABASE_URL="postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format_map(database),
        REDIS_URL=redis_url(),
        QUEUE="mails",
        WORKER_NAME="mails",
        EMAIL_URL=server.url,
        DEFAULT_FROM_EMAIL="tracker@example.gov.cn",
        SITE_URL="https://tracker.example.gov.cn",
    )
    with TemporaryDirectory() as name, running_worker(environment, Path(name) / "log"):

        def ring(job: Any) -> None:
            job.apply_async(queue="mails")
            wait_for("the job to be done", lambda: _is_done(worker), 30)

        yield ring


def _is_done(worker: Worker) -> bool:
    return not worker.broker.llen("mails") and not worker.broker.hlen("unacked")
