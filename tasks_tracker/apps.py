"""The Django app and its system checks."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class TasksTrackerConfig(AppConfig):
    name = "tasks_tracker"
    verbose_name = _("Industrialization tasks")

    def ready(self) -> None:
        from tasks_tracker import checks

        register(checks.check_mode, Tags.security)
        register(checks.check_debug, Tags.security)
        register(checks.check_secret, Tags.security)
        register(checks.check_audit_key, Tags.security)
        register(checks.check_hosts, Tags.security)
        register(checks.check_mail, Tags.security)
        register(checks.check_files, Tags.security)
        register(checks.check_services, Tags.security, deploy=True)
