"""Logging in: everybody lands where their own work is."""

from django.contrib.auth import views
from django.urls import reverse

from tasks_tracker.models import UNIT_ROLES


class LoginView(views.LoginView):
    """Without a `next` the people of a unit land on their week, the others on the overview."""

    def get_default_redirect_url(self) -> str:
        if self.request.user.role in UNIT_ROLES:
            return reverse("my_week")
        return super().get_default_redirect_url()
