"""The Celery app. The beat schedule stands in settings.py, each line explained in words."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "industrialization.settings")

app = Celery("industrialization")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["tasks_tracker"], related_name="jobs")
