"""The start scripts say a missing prerequisite in one clear line, and nothing else."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import ROOT, clean_environment

OLD_PYTHON = '#!/bin/sh\ncase "$1" in --version) echo "Python 3.9.2" ;; *) exit 1 ;; esac\n'
BARE_PYTHON = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; *) exit 0 ;; esac\n'


@pytest.fixture
def public_directory() -> Iterator[Path]:
    """A temporary directory that every user of the machine may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="tracker-scripts-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def checkout(public_directory: Path) -> Path:
    """The scripts alone, in a directory without a virtual environment."""
    project = public_directory / "project"
    shutil.copytree(ROOT / "bin", project / "bin")
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, project / name)
    return project


def run(
    checkout: Path, target: str, user: int | None = None, **changes: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/sh", f"bin/{target}"],
        cwd=checkout,
        env=clean_environment(**changes),
        user=user,
        capture_output=True,
        text=True,
        check=False,
    )


def path_with(checkout: Path, python: str) -> str:
    """A PATH on which every python3 is the given one."""
    folder = checkout.parent / "path"
    folder.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        (folder / name).write_text(python)
        (folder / name).chmod(0o755)
    for tool in ("dirname", "cksum", "cat", "basename", "id"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    return str(folder)


def the_line(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    return line


def test_an_old_python_is_named(checkout: Path) -> None:
    line = the_line(run(checkout, "demo", PATH=path_with(checkout, OLD_PYTHON)))
    assert line.startswith("Python 3.11 or newer is needed (found: Python 3.9.2).")


def test_a_python_without_venv_is_named(checkout: Path) -> None:
    line = the_line(run(checkout, "demo", PATH=path_with(checkout, BARE_PYTHON)))
    assert line.endswith("cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv")


def test_a_directory_that_is_not_ours_is_named(checkout: Path) -> None:
    checkout.chmod(0o555)
    nobody = 65534 if os.getuid() == 0 else None  # root may write everywhere: ask as somebody else
    line = the_line(run(checkout, "demo", user=nobody))
    checkout.chmod(0o755)
    assert line.startswith("No permission to write in")


@pytest.mark.parametrize("port", ["eight", "80 00", "99999999"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    line = the_line(run(ROOT, "demo", PORT=port))
    assert port in line


def test_a_busy_port_is_named_with_a_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = the_line(run(ROOT, "demo", PORT=str(port)))
    assert line == f"Port {port} is in use. Choose another one, for example: make demo PORT={port + 1}"


def test_services_come_with_addresses_and_leave_with_the_command(public_directory: Path) -> None:
    done = subprocess.run(
        [
            "bin/with-services",
            "sh",
            "-c",
            'echo "$DATABASE_URL $REDIS_URL"; psql "$DATABASE_URL" -Atc "select 6*7"; exit 3',
        ],
        cwd=ROOT,
        env=clean_environment(TMPDIR=str(public_directory)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    addresses, answer = done.stdout.splitlines()
    assert answer == "42"
    assert addresses.startswith("postgres://tracker:")
    assert list(public_directory.glob("tracker-services.*")) == []
