"""An office of 20 people that lives by a clock of its own: who they are, and how one sits down at a desk.

Everything they do they do in the browser; accounts alone are made beside it, as an administrator would.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from playwright.sync_api import Page

from tests.journeys.conftest import PASSWORD, Site
from tests.processes import Clock, wait_for


class Person(NamedTuple):
    """Whoever has an account. Supervisors are national but for the key tasks or regions named."""

    username: str
    name: str
    role: str
    unit: str = ""
    key_tasks: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()


REPORTERS = (
    Person("gu", "顾敏之", "reporter", "region-310000"),
    Person("wang", "王海", "reporter", "region-320000"),
    Person("shen", "沈越", "reporter", "region-330000"),
    Person("yu", "俞波", "reporter", "region-330200"),
    Person("hu", "胡文", "reporter", "region-340000"),
    Person("chen", "陈晓岚", "reporter", "region-420000"),
    Person("huang", "黄志强", "reporter", "region-440000"),
    Person("deng", "邓丽", "reporter", "region-510000"),
    Person("song", "宋涛", "reporter", "region-370000"),
    Person("bai", "白云", "reporter", "region-110000"),
)
REVIEWERS = (  # the other units have none, so their reports go straight up
    Person("fang", "方立", "reviewer", "region-310000"),
    Person("xu", "许静", "reviewer", "region-320000"),
    Person("jin", "金岚", "reviewer", "region-330000"),
    Person("zhou", "周明远", "reviewer", "region-420000"),
    Person("liang", "梁慧", "reviewer", "region-440000"),
)
SUPERVISORS = (
    Person("li", "李维", "supervisor"),
    Person("sun", "孙悦", "supervisor", regions=("420000", "510000")),
    Person("wu", "吴敏", "supervisor", key_tasks=(5,)),
)
OTHERS = (Person("zhao", "赵部长", "viewer"), Person("qian", "钱进", "audit_admin"))
PEOPLE = (*REPORTERS, *REVIEWERS, *SUPERVISORS, *OTHERS)

ACCOUNTS = """
from django.contrib.auth.hashers import make_password
password = make_password({password!r})
for username, name, role, unit, key_tasks, regions in {people!r}:
    actor = Actor.objects.get(code=unit) if unit else None
    user = User(username=username, display_name=name, role=role, actor=actor, password=password)
    user.save()
    user.key_tasks.set(KeyTask.objects.filter(number__in=key_tasks))
    user.regions.set(Region.objects.filter(code__in=regions))
"""


def make_accounts(site: Site) -> None:
    """An account for each of the PEOPLE, all with the PASSWORD of the journeys."""
    program = ACCOUNTS.format(password=PASSWORD, people=[tuple(person) for person in PEOPLE])
    site.manage("shell", "--verbosity", "0", "--command", program)


@dataclass
class Office:
    """The running installation, its clock, and what its people have done so far."""

    site: Site
    clock: Clock
    new_page: Callable[..., Page]
    done: Counter[str] = field(default_factory=Counter)
    windows: dict[str, Page] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the product answers."""
        return self.site.url

    @contextmanager
    def desk(self, username: str, path: str = "") -> Iterator[Page]:
        """The browser window of that person, logged in, at `path`; it stays open all week."""
        page = self.windows.get(username)
        if page is None:
            page = self.windows[username] = self.new_page()
            self.site.log_in(page, username, path or "/notices/")
        elif path:
            page.goto(f"{self.url}{path}")
        yield page

    def figures_are_fresh(self) -> None:
        """Wait until the worker has recomputed what the last signatures have moved."""
        wait_for("the cells to be recomputed", lambda: self.site.ask("StaleCell.objects.count()") == 0, 60)
