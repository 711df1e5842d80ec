"""The addresses of the project: the app's own, the admin site and the language switch."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("tasks_tracker.urls")),
    path("admin/", admin.site.urls),
    path("language/", login_not_required(set_language), name="set_language"),
]

handler404 = "tasks_tracker.views.errors.page_not_found"
