"""No template, setting, command or fixture is unused, and none is undocumented."""

import re
from pathlib import Path

import pytest
from django.conf import global_settings
from django.core.management import get_commands

from tests.processes import ROOT
from tests.repository.files import name_of, repository_files, text_of

FOUND_BY_NAME = {  # looked up by Django and its companions under these names
    "404.html",
    "403.html",
    "400.html",
    "500.html",
    "403_csrf.html",
}
OF_OTHERS = (
    "AXES_",
    "CELERY_",
    "CSP_",
    "DJANGO_TABLES2_",
    "WHITENOISE_",
    "CONTENT_SECURITY_POLICY",
    "ROOT_URLCONF",
)
OPERATIONS = ROOT / "docs" / "operations.md"


def sources(*suffixes: str) -> str:
    return "\n".join(text_of(path) for path in repository_files(*suffixes))


def templates() -> list[str]:
    return [str(path.relative_to(ROOT / "templates")) for path in repository_files(under=("templates",))]


def is_named(template: str, readers: str) -> bool:
    """By its path, or by its bare name where code builds the path: f"components/{name}.html"."""
    if re.search(rf"[\"']{re.escape(template)}[\"'#]", readers):
        return True
    folder, _, name = template.removesuffix(".html").rpartition("/")
    return f'f"{folder}/{{' in readers and bool(re.search(rf"\bdef {name}\(|[\"']{name}[\"']", readers))


def test_no_template_is_unused() -> None:
    readers = sources(".py", ".html")
    unused = [
        name
        for name in templates()
        if name not in FOUND_BY_NAME
        and not name.startswith(("admin/", "registration/"))
        and not is_named(name, readers)
    ]
    assert unused == []


def test_every_named_template_exists() -> None:
    included = re.findall(r"{%\s*(?:include|extends)\s+[\"']([^\"']+)[\"']", sources(".html"))
    ours = {name for name in included if not name.startswith(("admin/", "django_tables2/", "django/"))}
    assert ours - set(templates()) == set()


def test_no_static_file_is_unused() -> None:
    readers = sources(".py", ".html", ".css", ".js")
    unused = [name_of(path) for path in repository_files(under=("static",)) if path.name not in readers]
    assert unused == []


def our_settings() -> set[str]:
    text = text_of(ROOT / "industrialization" / "settings.py")
    return {
        name for line in re.findall(r"^([A-Z][A-Z0-9_ =]*)=", text, re.M) for name in re.findall(r"\w+", line)
    }


def test_no_setting_is_unused() -> None:
    """A setting belongs to Django, to a companion, or is read by name in our code."""
    readers = sources(".py")
    unused = [
        name
        for name in our_settings()
        if not hasattr(global_settings, name)
        and not name.startswith(OF_OTHERS)
        and len(re.findall(rf"\b{name}\b", readers)) < 2
    ]
    assert unused == []


def environment_variables() -> set[str]:
    """What settings.py reads, and what the scripts and docker-compose let one set."""
    settings = text_of(ROOT / "industrialization" / "settings.py")
    compose = text_of(ROOT / "docker-compose.yml")
    scripts = "\n".join(text_of(path) for path in repository_files(under=("bin",)))
    return (
        set(re.findall(r"env\.\w+\(\s*\"([A-Z_0-9]+)\"", settings))
        | set(re.findall(r"\$\{([A-Z_]+):", compose))
        | set(re.findall(r"\$\{([A-Z_]+):[-=?]", scripts))
    ) - {"TMPDIR"}


def test_every_environment_variable_is_documented() -> None:
    documented = text_of(OPERATIONS)
    assert {name for name in environment_variables() if f"`{name}`" not in documented} == set()


def test_every_documented_variable_exists() -> None:
    rows = re.findall(r"^\|\s*`([A-Z][A-Z_0-9]+)`\s*\|", text_of(OPERATIONS), re.M)
    assert set(rows) - environment_variables() == set()


def our_commands() -> list[str]:
    return sorted(name for name, app in get_commands().items() if app == "tasks_tracker")


@pytest.mark.parametrize("command", our_commands())
def test_a_command_is_documented_and_used(command: str) -> None:
    assert f"`{command}" in text_of(OPERATIONS) or f"manage.py {command}" in text_of(OPERATIONS)
    own = ROOT / "tasks_tracker" / "management" / "commands" / f"{command}.py"
    users = [
        path
        for path in repository_files(".py", "", under=("tests", "bin", "tasks_tracker"))
        if path not in (own, Path(__file__)) and re.search(rf"\b{command}\b", text_of(path))
    ]
    assert users, "neither a test nor a script runs it"


def test_no_template_tag_is_unused() -> None:
    pages = sources(".html")
    defined = re.findall(
        r"@register\.(?:filter|simple_tag|inclusion_tag|simple_block_tag)[^\n]*\n(?:@[^\n]*\n)*def (\w+)",
        "\n".join(text_of(path) for path in repository_files(".py", under=("tasks_tracker/templatetags",))),
    )
    unused = [name for name in defined if not re.search(rf"(?:\|\s*{name}\b|{{%-?\s*{name}\b)", pages)]
    assert unused == []


def test_every_make_target_is_documented() -> None:
    targets = re.findall(r"^([a-z-]+):.*##", text_of(ROOT / "Makefile"), re.M)
    prose = "".join(text_of(ROOT / name) for name in ("README.md", "docs/operations.md", "CONTRIBUTING.md"))
    assert [target for target in targets if f"make {target}" not in prose] == ["help"]
