"""One set of processes: docker-compose.yml, Procfile and the scripts agree, and no secret has a default."""

import re

import pytest

from tests.processes import ROOT
from tests.repository.files import text_of

COMPOSE = text_of(ROOT / "docker-compose.yml")
SECRETS = ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")


def test_compose_and_the_local_stack_run_the_same_commands() -> None:
    local = dict(re.findall(r"^(\w+): (\S+)$", text_of(ROOT / "Procfile"), re.M))
    composed = dict(
        re.findall(r"^  (\w+):\n    <<: \*app\n(?:    .*\n)*?    command: \[(\S+)\]$", COMPOSE, re.M)
    )
    assert composed == local | {"prepare": "bin/prepare"}
    assert all((ROOT / script).stat().st_mode & 0o111 for script in composed.values())


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_has_no_default(secret: str) -> None:
    uses = re.findall(rf"\$\{{{secret}([^}}]*)\}}", COMPOSE)
    assert uses
    assert all(use.startswith(":?") for use in uses)
    assert f"\n{secret}=\n" in text_of(ROOT / ".env.example")


def test_every_service_says_how_it_is() -> None:
    services = re.findall(
        r"^  (\w+):\n((?:    .*\n|\n(?=    ))+)",
        COMPOSE.split("\nservices:\n")[1].split("\nvolumes:")[0],
        re.M,
    )
    assert {name for name, _ in services} == {"prepare", "web", "worker", "beat", "postgres", "redis"}
    assert [name for name, body in services if "healthcheck:" not in body] == []


def test_requirements_are_pinned_and_say_why() -> None:
    lines = (text_of(ROOT / "requirements.txt") + text_of(ROOT / "requirements-dev.txt")).splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "-r"))]
    assert [line for line in wanted if not re.fullmatch(r"[\w.-]+==[\w.]+ +# .{5,}", line)] == []
