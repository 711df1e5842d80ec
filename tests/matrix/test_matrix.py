"""Every address × every role × own, foreign and missing objects × GET and POST, against one table.

And whatever is answered, nothing of it holds a word about what the role must not see. To add an address: a
line in `table.py`, and if it takes a form or a new kind of object, that in `asked.py` and `world.py`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from tests.matrix.asked import FORMS, OBJECTS
from tests.matrix.queries import QUERIES
from tests.matrix.table import FOREIGN, OWN, ROLES, TABLE
from tests.matrix.world import NOW, World, make_world
from tests.repository.addresses import Address, addresses
from tests.rows import rows

pytestmark = pytest.mark.django_db
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
SAID = {HTTPStatus.FORBIDDEN: "no", HTTPStatus.NOT_FOUND: "none", HTTPStatus.METHOD_NOT_ALLOWED: "never"}
SWAPPED = {"items", "wall", "why"}  # answers a part of the page to htmx
OFFERS_UNITS = re.compile(r"/(new-item/|distribute/|items/MARK|plan/measures/|plan/imports/|problems/\d)")
NAMES = {address.name: address for address in addresses()}


@dataclass
class Stage:
    """The world, with everybody logged in; what is done on it is undone at once."""

    world: World
    sessions: dict[str, str] = field(default_factory=dict)
    before: dict[str, list[Any]] = field(default_factory=dict)

    def client(self, role: str) -> Client:
        """A client of that role, as fresh as after the log-in."""
        client = Client()
        if role in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        return client

    def ask(self, method: str, url: str, role: str, form: Any = None, **headers: str) -> "Answer":
        """Send it and see what comes and what has changed."""
        statements: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            statements.append(sql)
            return execute(sql, params, many, context)

        with transaction.atomic(), connection.execute_wrapper(note):
            response: Any = getattr(self.client(role), method)(url, form or {}, **headers)
            text = text_of(response)
            wrote = any(sql.startswith(("INSERT", "UPDATE", "DELETE")) for sql in statements)
            changed = [name for name, now in rows().items() if now != self.before[name]] if wrote else []
            transaction.set_rollback(True)
        return Answer(response, text, changed)


@dataclass(frozen=True)
class Answer:
    response: Any
    text: str
    changed: list[str]

    @property
    def word(self) -> str:
        """Which of the table's answers it is; the bare status where it is none of them."""
        status = HTTPStatus(self.response.status_code)
        if status in SAID:
            return SAID[status]
        if status in REFUSED:
            return "refused"
        if status not in (HTTPStatus.OK, HTTPStatus.FOUND):
            return f"{status.value}"
        if status == HTTPStatus.FOUND and self.response["Location"].startswith(
            (reverse(settings.LOGIN_URL) + "?", reverse("admin:login"))
        ):
            return "login"
        if self.response.get("Content-Disposition", "").startswith("attachment"):
            return "file"
        if self.changed:
            return "does"
        return "away" if status == HTTPStatus.FOUND else "page"


def text_of(response: Any) -> str:
    """All that the answer says: its words, every cell of a workbook, and where it leads."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    heads = unquote(f"{response.get('Location', '')} {response.get('Content-Disposition', '')}")
    if response.get("Content-Type") == XLSX:
        book = openpyxl.load_workbook(BytesIO(body))
        cells = (cell.value for sheet in book for row in sheet.iter_rows() for cell in row)
        return "\n".join([heads, *map(str, cells)])
    return f"{heads}\n{body.decode()}"


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """One world for the whole module; every question is asked in a savepoint of its own."""
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
        stage = Stage(make_world())
        for role, user in stage.world.users.items():
            client = Client()
            client.force_login(user)
            stage.sessions[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
        stage.before = rows()
        yield stage
        transaction.set_rollback(True)


def url_of(world: World, address: Address, about: str, which: str) -> str:
    known = OBJECTS[about][which](world) if about else {}
    return reverse(address.name, kwargs={name: known[name] for name in address.parameters})


def leaks(world: World, role: str, asked: str, text: str) -> list[str]:
    """The marks in `text` that the role must not see; what it asked with may come back.

    Whoever assigns work may choose any unit that reports: its name is offered, nothing of its work.
    """
    hidden = world.hidden_from(role)
    if role == "limited_supervisor" and OFFERS_UNITS.match(asked):
        hidden -= {world.foreign.marks.unit}
    return sorted(mark for mark in hidden if mark in text and mark not in asked)


def test_every_address_stands_in_the_table() -> None:
    assert {"missing": sorted(set(NAMES) - set(TABLE)), "gone": sorted(set(TABLE) - set(NAMES))} == {
        "missing": [],
        "gone": [],
    }


def test_every_address_of_ours_answers_somebody() -> None:
    answered = {"page", "does", "file", "away"}
    ours = {name: line for name, line in TABLE.items() if ":" not in name}
    answers = {name: {*line.get.values(), *line.post.values()} for name, line in ours.items()}
    assert [name for name in ours if answered.isdisjoint(answers[name])] == []


@pytest.mark.parametrize("name", sorted(set(NAMES) & set(TABLE)))
def test_everybody_gets_what_the_table_says(name: str, stage: Stage) -> None:
    line, world = TABLE[name], stage.world
    wrong = []
    for which in line.objects:
        url = url_of(world, NAMES[name], line.about, which)
        for role in ROLES:
            answer = stage.ask("get", url, role)
            expected = line.get.get((role, which), "-")
            if answer.word != expected:
                wrong.append(f"GET {which} {role}: {answer.word}, not {expected}")
            if answer.changed and expected != "file":
                wrong.append(f"GET {which} {role}: changed {answer.changed}")
            wrong += [f"GET {which} {role}: leaks {m}" for m in leaks(world, role, unquote(url), answer.text)]
    assert not wrong, "\n".join([name, *wrong])


@pytest.mark.parametrize("name", sorted(set(NAMES) & set(TABLE)))
def test_everybody_does_what_the_table_says_and_nothing_else(name: str, stage: Stage) -> None:
    """A form that does something for those who may, sent by everybody: denied, it changes no row."""
    line, world = TABLE[name], stage.world
    wrong = []
    for which in line.objects:
        url = url_of(world, NAMES[name], line.about, which)
        form = FORMS[name](world, which) if name in FORMS else {}
        for role in ROLES:
            answer = stage.ask("post", url, role, form)
            expected = line.post.get((role, which), "-")
            if answer.word != expected:
                wrong.append(f"POST {which} {role}: {answer.word}, not {expected}")
            if answer.changed and expected not in ("does", "file"):
                wrong.append(f"POST {which} {role}: changed {answer.changed}")
            asked = f"{unquote(url)} {form}"
            wrong += [f"POST {which} {role}: leaks {m}" for m in leaks(world, role, asked, answer.text)]
    assert not wrong, "\n".join([name, *wrong])


@pytest.mark.parametrize(("name", "query"), [(name, query) for name in QUERIES for query in QUERIES[name]])
def test_no_filter_shows_more_than_the_scope(name: str, query: str, stage: Stage) -> None:
    line, world = TABLE[name], stage.world
    wrong = []
    for which in (OWN, FOREIGN) if line.about else (OWN,):
        url = url_of(world, NAMES[name], line.about, which) + query
        for role in (role for role in ROLES if world.hidden_from(role)):
            for headers in ({}, {"HTTP_HX_REQUEST": "true"}) if name in SWAPPED else ({},):
                answer = stage.ask("get", url, role, **headers)
                if answer.response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    wrong.append(f"{which} {role}: breaks")
                wrong += [f"{which} {role}: leaks {m}" for m in leaks(world, role, unquote(url), answer.text)]
    assert not wrong, "\n".join([name, *wrong])


def test_the_marks_can_be_found_where_they_may_be_seen(stage: Stage) -> None:
    """Each mark stands on a page of the national supervisor, so that its absence says something."""
    world = stage.world
    for side in (world.own, world.foreign):
        urls = [
            reverse("item", args=[side.item.code]),
            reverse("review", args=[side.report.pk]),
            reverse("items"),
            reverse("actors"),
        ]
        seen = "".join(stage.ask("get", url, "supervisor").text for url in urls)
        assert {mark for mark in side.marks.everything if mark not in seen} == set()
        workbook = stage.ask("post", reverse("exports"), "supervisor", FORMS["exports"](world, OWN)).text
        assert (world.own.marks.title in workbook, world.foreign.marks.title in workbook) == (True, False)
