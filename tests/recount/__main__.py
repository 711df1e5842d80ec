"""Count every figure on every page of an installation again: `python -m tests.recount [WEEK …]`.

Reads the database that DATABASE_URL names and writes nothing but the sessions of three users, one of each
scope. Prints `differences: 0`, or the differences, and then exits with 1.
"""

import os
import sys

import django


def main(weeks: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "industrialization.settings")
    django.setup()
    from django.conf import settings
    from django.test import Client

    from tasks_tracker.models import Plan, Role, User
    from tasks_tracker.rules.weeks import parse_week
    from tests.recount.walk import Week, differences

    settings.ALLOWED_HOSTS = ["testserver"]
    plan = Plan.objects.latest("pk")
    rollups = plan.weeks.select_related("plan")
    if weeks:
        rollups = rollups.filter(week__in=[parse_week(week) for week in weeks])
    office = User.objects.filter(role=Role.SUPERVISOR)
    users = [
        office.filter(key_tasks=None, regions=None).first(),
        office.exclude(key_tasks=None, regions=None).first(),
        User.objects.filter(role=Role.REPORTER).first(),
    ]
    found = 0
    for user in filter(None, users):
        client, counted = Client(), {}
        client.force_login(user)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        for rollup in rollups:
            for line in differences(Week(user, rollup, counted), client):
                found += 1
                sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"differences: {found}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
