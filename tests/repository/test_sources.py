"""Sources stay short, speak English, and keep scripts out of the pages."""

import ast
import re
from pathlib import Path

import pytest

from tests.repository.files import CHINESE, name_of, repository_files, text_of

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
MAY_SPEAK_CHINESE = {
    "industrialization/settings.py": "said before any catalogue can be read",
    "bin/demo": "said before any catalogue can be read",
}
APPLICATION = ("tasks_tracker", "industrialization", "templates", "static", "bin")
INLINE = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.I),
    "inline handler": re.compile(r"<[a-z][^>]*\son[a-z]{3,}\s*=", re.I),
    "script address": re.compile(r"(?:href|src|action)\s*=\s*[\"']?\s*javascript:", re.I),
    "foreign address": re.compile(
        r"<(?:script|link|img|iframe)[^>]+(?:src|href)\s*=\s*[\"']?(?:https?:)?//", re.I
    ),
}


def test_no_file_is_too_long() -> None:
    files = repository_files(".py", ".html", ".css", ".js", ".sh", "")
    long = {name_of(path): len(text_of(path).splitlines()) for path in files}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    long = {}
    for path in repository_files(".py", under=("tasks_tracker", "industrialization")):
        for node in ast.walk(ast.parse(text_of(path))):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long[f"{name_of(path)}:{node.name}"] = lines
    assert long == {}


def test_code_and_templates_hold_no_chinese() -> None:
    """What people read stands in the catalogues and in data files, in both languages."""
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:60]}"
        for path in repository_files(".py", ".html", ".css", ".js", ".sh", "", under=APPLICATION)
        if name_of(path) not in MAY_SPEAK_CHINESE
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if CHINESE.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("what", INLINE)
def test_templates_are_free_of(what: str) -> None:
    found = [
        f"{name_of(path)}: {match.group()[:80]}"
        for path in repository_files(".html", ".svg", under=("templates", "tasks_tracker"))
        for match in INLINE[what].finditer(re.sub(r"{%.*?%}", "", text_of(path)))
    ]
    assert found == []


def test_style_literals_stand_in_the_tokens_only() -> None:
    """Colours have names; their values stand in one file."""
    colour = re.compile(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(", re.I)
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:60]}"
        for path in repository_files(".css", ".html", under=("static", "templates"))
        if path.name != "tokens.css"
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if colour.search(re.sub(r"(?:href|hx-target|xlink:href|url)\s*[=(]\s*[\"']?#[\w-]+|&#\w+;", "", line))
    ]
    assert found == []


def test_vendored_files_name_version_and_licence() -> None:
    vendors = {path.parents[0] for path in _vendored()}
    without = [
        name_of(folder) for folder in vendors if not any(folder.glob("*[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*"))
    ]
    assert without == []


def _vendored() -> list[Path]:
    root = Path(__file__).resolve().parents[2] / "static" / "vendor"
    return [path for path in root.rglob("*") if path.is_file() and path.parent != root]
