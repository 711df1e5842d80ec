"""What every page that edits a row has in common: who may, and what becomes of a form that is sent."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tasks_tracker.actions.editing import EditRefused, StaleEdit
from tasks_tracker.forms.editing import EditForm, refusal_text
from tasks_tracker.models import Plan, Policy
from tasks_tracker.permissions import check_can_edit_plan, check_can_see_plan_pages
from tasks_tracker.queries.outline import policy_of_plan
from tasks_tracker.views.errors import Missing

DONE = 302


def plan_for_supervisors(request: HttpRequest, *, national: bool = False) -> Plan | None:
    """The current plan, None before any is set up. Raises PermissionDenied for whoever may not edit it."""
    (check_can_edit_plan if national else check_can_see_plan_pages)(request.user)
    return Plan.objects.order_by("starts_on", "pk").select_related("policy").last()


def policy_to_edit(plan: Plan | None) -> Policy:
    """Raises Missing, in words, before the reference data are loaded."""
    policy = policy_of_plan(plan)
    if policy is None:
        raise Missing(_("No policy is loaded yet. The system administrator runs “manage.py load_reference”."))
    return policy


def attempt(form: EditForm, act: Callable[[], Any]) -> int:
    """Do `act` with what was typed: DONE, else the status of the page that says why not (422 or 409)."""
    if not form.is_valid():
        return 422
    try:
        act()
    except StaleEdit as stale:
        form.conflict(stale)
        return 409
    except EditRefused as refused:
        form.refuse(refused)
        return 422
    except ValidationError as error:
        form.refuse_row(error)
        return 422
    except IntegrityError:  # somebody took the code in this very moment
        form.refuse(EditRefused("code_taken"))
        return 422
    except ObjectDoesNotExist:
        raise _gone() from None
    return DONE


def _gone() -> Missing:
    return Missing(_("Somebody has deleted this in the meantime."))


def plan_crumb() -> tuple[str, str]:
    """Where the pages that edit the plan begin."""
    return reverse("plan"), _("Plan")


def answer(request: HttpRequest, form: Any, status: int, back: str, **context: Any) -> HttpResponse:
    """The page of a form, or where it leads once it is done; `back` is also where “Cancel” leads."""
    if status == DONE:
        messages.success(request, _("Saved."))
        return redirect(back)
    template = context.pop("template", "editing/form.html")
    return render(request, template, {"form": form, "back": back, **context}, status=status)


def act_on_row(
    request: HttpRequest, act: Callable[[], Any], *, done: str, back: str, after: str
) -> HttpResponse:
    """Do something that has no form, such as retiring: a refusal is said on the page one came from."""
    try:
        act()
    except EditRefused as refused:
        messages.warning(request, refusal_text(refused))
        return redirect(back)
    except ObjectDoesNotExist:
        raise _gone() from None
    messages.success(request, done)
    return redirect(after)
