"""The first accounts: the three administrators, from whom all other accounts come."""

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from tasks_tracker.actions import audit
from tasks_tracker.models import ADMIN_ROLES, User


class NameTaken(Exception):
    """There is an account of that name."""


def create_admin(*, username: str, name: str, office: str, role: str, password: str) -> User:
    """Make an administrator's account that is on at once; its audit row is by nobody.

    `role` is one of ADMIN_ROLES. Raises NameTaken, and ValidationError for a user name or password that does
    not do.
    """
    if role not in ADMIN_ROLES:
        raise ValueError(f"{role} is no administrator's role")
    if User.objects.filter(username=username).exists():
        raise NameTaken(username)
    user = User(username=username, display_name=name, office=office, role=role)
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    with transaction.atomic():
        user.save()
        audit.record(by=None, action="create_user", obj=user, after={"username": username, "role": str(role)})
    return user
