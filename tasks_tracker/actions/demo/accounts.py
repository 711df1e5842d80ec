"""The people of the demonstration: named accounts to log in with, and for every other unit a reporter.

Bureaux and provincial authorities also have a reviewer; prefectures are too small for one.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password

from tasks_tracker.actions.demo.texts import texts
from tasks_tracker.models import Actor, KeyTask, Measure, Policy, Region, Role, User

DEMO_PASSWORD = "Demo-2026-rise"  # printed by `manage.py demo_accounts`; never seeded in production mode


class UserNameTaken(Exception):
    """A user who is no demonstration account already has one of the names. The argument is the name."""


@dataclass(frozen=True)
class People:
    """Who writes and who reviews for each unit (by actor row number), and who decides."""

    reporters: dict[int, User]
    reviewers: dict[int, User]
    supervisor: User
    task_supervisors: dict[int, User]

    def decider(self, rng: Random, measure: Measure) -> User:
        """The supervisor of the key task where there is one, every second time; else the national one."""
        own = self.task_supervisors.get(measure.key_task_id or 0)
        return own if own and rng.random() < 0.5 else self.supervisor


def named_accounts() -> list[dict[str, Any]]:
    """The named accounts as texts.json lists them, one per role and a few more."""
    accounts: list[dict[str, Any]] = texts()["accounts"]
    return accounts


def make_people(*, policy: Policy, password: str, seed: int) -> People:
    """Make all demonstration users. Raises UserNameTaken; runs inside the caller's transaction."""
    actors = {actor.code: actor for actor in Actor.objects.all()}
    named = _make_named(policy, actors, make_password(password))
    by_actor = {user.actor_id: user for user in named if user.role == Role.REPORTER}
    others = [a for a in actors.values() if a.reports and a.pk not in by_actor]
    made = User.objects.bulk_create(_of_unit(actor, Role.REPORTER, seed) for actor in others)
    by_actor |= {user.actor_id: user for user in made}
    reviewers = _make_reviewers(named, actors, seed)
    supervisors = [user for user in named if user.role == Role.SUPERVISOR]
    limited = {
        task.pk: user for user in supervisors for task in KeyTask.objects.filter(pk__in=user.scope.key_tasks)
    }
    national = next(user for user in supervisors if user.scope.is_national)
    return People({k: v for k, v in by_actor.items() if k}, reviewers, national, limited)


def _make_reviewers(named: list[User], actors: dict[str, Actor], seed: int) -> dict[int, User]:
    found = {user.actor_id: user for user in named if user.role == Role.REVIEWER}
    units = [a for a in actors.values() if a.reports and a.level != Actor.Level.PREFECTURE]
    without = [unit for unit in units if unit.pk not in found]
    made = User.objects.bulk_create(_of_unit(unit, Role.REVIEWER, seed) for unit in without)
    return {unit: user for unit, user in (found | {user.actor_id: user for user in made}).items() if unit}


def _make_named(policy: Policy, actors: dict[str, Actor], password: str) -> list[User]:
    names = [account["username"] for account in named_accounts()]
    taken = User.objects.filter(username__in=names).values_list("username", flat=True).first()
    if taken:
        raise UserNameTaken(taken)
    users = []
    for account in named_accounts():
        user = User.objects.create(
            username=account["username"],
            display_name=account["name"],
            office=account["office"],
            role=account["role"],
            actor=actors[account["actor"]] if account["actor"] else None,
            password=password,
            is_staff=account["role"] == Role.SYSTEM_ADMIN,
            is_demonstration=True,
        )
        user.key_tasks.set(KeyTask.objects.filter(policy=policy, number__in=account.get("key_tasks", ())))
        user.regions.set(Region.objects.filter(code__in=account.get("regions", ())))
        users.append(user)
    return users


def _of_unit(actor: Actor, role: Role, seed: int) -> User:
    """Somebody of a unit without a named account; nobody can log in as this user."""
    mark = "" if role == Role.REPORTER else f"-{role}"
    rng = Random(f"{seed}/user/{actor.code}{mark}")
    name = rng.choice(texts()["surnames"]) + rng.choice(texts()["given"])
    return User(
        username=f"demo-{actor.code}{mark}",
        display_name=name,
        office=texts()["offices"].get(actor.level, ""),
        role=role,
        actor=actor,
        password=make_password(None),
        is_demonstration=True,
    )
