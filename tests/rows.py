"""What stands in the database, to see whether something has changed."""

from typing import Any

from django.apps import apps

OF_LOGINS = {"sessions.Session", "axes.AccessLog", "axes.AccessAttempt", "axes.AccessFailureLog"}


def rows() -> dict[str, list[Any]]:
    """Every row of every table, but for those that log-ins make."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.label not in OF_LOGINS
    }
