"""The interface is complete in both languages: what the code says is in the catalogues, and no more."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import polib
import pytest
from django.utils.translation.template import templatize

from tests.processes import ROOT
from tests.repository.files import CHINESE, name_of, repository_files, text_of

LANGUAGES = ("zh_Hans", "en")
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
Key = tuple[str, str]  # context, msgid


@cache
def catalogue(language: str) -> polib.POFile:
    path = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
    assert path.exists(), f"there is no {name_of(path)}"
    return polib.pofile(str(path))


def _from_call(call: ast.Call) -> Iterator[Key]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    words = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if name in PLAIN | PLURAL and words:
        yield "", words[0]
    elif name in CONTEXT and len(words) > 1:
        yield words[0], words[1]


def _calls(source: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def _calls_in_template(source: str) -> Iterator[ast.Call]:
    """Django rewrites a template as text in which only the translated parts are Python calls."""
    text = templatize(source)
    for match in re.finditer(r"\b(?:_|n?gettext|n?pgettext)\(", text):
        for end in (i + 1 for i, c in enumerate(text[match.start() :], match.start()) if c == ")"):
            try:
                yield from _calls(text[match.start() : end])
                break
            except SyntaxError:
                continue


@cache
def said() -> dict[Key, str]:
    """Every message of the code: (context, msgid) → the file that says it."""
    found: dict[Key, str] = {}
    for path in repository_files(".py", under=("tasks_tracker", "industrialization")):
        for call in _calls(text_of(path)):
            found |= dict.fromkeys(_from_call(call), name_of(path))
    for path in repository_files(".html", ".txt", ".svg", under=("templates",)):
        for call in _calls_in_template(text_of(path)):
            found |= dict.fromkeys(_from_call(call), name_of(path))
    return {key: place for key, place in found.items() if key[1]}


def _is_done(entry: polib.POEntry | None) -> bool:
    if entry is None or entry.fuzzy or entry.obsolete:
        return False
    return all(entry.msgstr_plural.values()) if entry.msgid_plural else bool(entry.msgstr)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    entries = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue(language)}
    missing = [f"{place}: {key[1]!r}" for key, place in said().items() if not _is_done(entries.get(key))]
    assert missing == [], f"{len(missing)} messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_left_over(language: str) -> None:
    left = [
        e.msgid for e in catalogue(language) if not e.obsolete and (e.msgctxt or "", e.msgid) not in said()
    ]
    assert left == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_survive_translation(language: str) -> None:
    broken = [
        entry.msgid
        for entry in catalogue(language)
        for text in [entry.msgstr, *entry.msgstr_plural.values()]
        if text
        and not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
    ]
    assert broken == []


def test_each_catalogue_speaks_its_language() -> None:
    assert [e.msgid for e in catalogue("en") if CHINESE.search(e.msgstr) or CHINESE.search(e.msgid)] == []
    letters = re.compile(r"[A-Za-z]{4,}")
    plain = {entry.msgid: PLACEHOLDER.sub("", entry.msgstr) for entry in catalogue("zh_Hans")}
    foreign = [msgid for msgid, text in plain.items() if letters.search(text) and not CHINESE.search(text)]
    assert [text for text in foreign if text not in {"English"}] == []
