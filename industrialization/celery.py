"""The Celery app. The beat schedule stands in settings.py, each line explained in words."""

import os
from typing import Any

from celery import Celery, Task

from tasks_tracker.rules.origin import JOB, acting_from

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "industrialization.settings")


class Job(Task):  # type: ignore[misc]
    """What a job does is on record as done by a job, also where it runs inside the process that rang it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with acting_from(JOB):
            return super().__call__(*args, **kwargs)


app = Celery("industrialization", task_cls=Job)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["tasks_tracker"], related_name="jobs")
