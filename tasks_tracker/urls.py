"""The addresses of the app, stage by stage."""

from django.urls import URLPattern, URLResolver, path

from tasks_tracker.views import dashboard

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard.dashboard, name="dashboard"),
    path("key-tasks/", dashboard.key_tasks, name="key_tasks"),
    path("key-tasks/<int:number>/", dashboard.key_task, name="key_task"),
    path("regions/", dashboard.regions, name="regions"),
    path("regions/<slug:code>/", dashboard.region, name="region"),
]
