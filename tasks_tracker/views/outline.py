"""Key tasks and measures: listing, adding, editing, retiring and deleting them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks_tracker.actions import policy as actions
from tasks_tracker.forms.editing import REFUSALS
from tasks_tracker.forms.policy import KeyTaskForm, MeasureForm
from tasks_tracker.models import KeyTask, Measure, Plan, Policy
from tasks_tracker.permissions import can_edit_plan, check_can_edit_measure
from tasks_tracker.queries.outline import (
    find_phrase,
    measure_of_sentence,
    next_code,
    outline_groups,
    weight_history,
)
from tasks_tracker.views.doorbell import ring_roll_up
from tasks_tracker.views.editing import (
    DONE,
    act_on_row,
    answer,
    attempt,
    plan_crumb,
    plan_for_supervisors,
    policy_to_edit,
)

LONGEST_NUMBER = 32_767


@require_safe
def outline(request: HttpRequest) -> HttpResponse:
    """All key tasks and measures with what hangs on them."""
    plan = plan_for_supervisors(request)
    groups = outline_groups(policy_to_edit(plan), request.user)
    may_edit = not request.user.scope.regions
    context = {"groups": groups, "may_edit_tasks": can_edit_plan(request.user), "may_edit": may_edit}
    return render(request, "editing/outline.html", context)


# --- key tasks ----------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def key_task_new(request: HttpRequest) -> HttpResponse:
    """Add a key task."""
    policy = policy_to_edit(plan_for_supervisors(request, national=True))
    form = KeyTaskForm(request.POST or None, policy=policy)
    return _new(request, form, KeyTask(policy=policy), _("Add a key task"))


@require_http_methods(["GET", "HEAD", "POST"])
def key_task_edit(request: HttpRequest, number: int) -> HttpResponse:
    """Edit a key task."""
    plan, row = _key_task(request, number)
    form = KeyTaskForm(request.POST or None, instance=_again(row), policy=row.policy)
    return _edit(request, form, row, plan)


@require_POST
def key_task_retire(request: HttpRequest, number: int) -> HttpResponse:
    """Take a key task out of use, or back."""
    return _retire(request, _key_task(request, number)[1])


@require_POST
def key_task_delete(request: HttpRequest, number: int) -> HttpResponse:
    """Delete a key task that nothing hangs on."""
    return _delete(request, _key_task(request, number)[1])


def _key_task(request: HttpRequest, number: int) -> tuple[Plan | None, KeyTask]:
    plan = plan_for_supervisors(request, national=True)
    rows = KeyTask.objects.filter(policy=policy_to_edit(plan)).select_related("policy")
    return plan, get_object_or_404(rows, number=min(number, LONGEST_NUMBER))


# --- measures -----------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def measure_new(request: HttpRequest) -> HttpResponse:
    """Add a measure."""
    policy = policy_to_edit(plan_for_supervisors(request))
    scope = request.user.scope
    check_can_edit_measure(request.user, Measure(key_task_id=min(scope.key_tasks, default=None)))
    form = MeasureForm(
        request.POST or None,
        policy=policy,
        key_tasks=scope.key_tasks,
        initial=_from_sentence(request, policy),
    )
    return _new(request, form, Measure(policy=policy), _("Add a measure"))


def _from_sentence(request: HttpRequest, policy: Policy) -> dict[str, Any]:
    """What the form begins with when it is opened from a sentence of the policy text; nothing otherwise."""
    asked = {name: _small_number(request.GET.get(name)) for name in ("paragraph", "sentence", "key_task")}
    if request.method == "POST" or asked["paragraph"] is None or asked["sentence"] is None:
        return {}
    proposal = measure_of_sentence(policy, asked["paragraph"], asked["sentence"])
    if proposal is None:
        return {}
    key_task = policy.key_tasks.filter(number=asked["key_task"], retired_on=None).first()
    return {
        "code": next_code(policy, key_task),
        "key_task": key_task,
        "supporting_area": "" if key_task else proposal.area,
        "title": proposal.title,
        "paragraph": proposal.paragraph,
        "phrase": proposal.phrase,
    }


def _small_number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 5 else None


@require_http_methods(["GET", "HEAD", "POST"])
def measure_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Edit a measure."""
    plan, row = _measure(request, code)
    form = MeasureForm(request.POST or None, instance=_again(row), policy=row.policy)
    return _edit(request, form, row, plan, items_url=f"{reverse('items')}?measure={row.code}")


@require_POST
def measure_retire(request: HttpRequest, code: str) -> HttpResponse:
    """Take a measure out of use, or back."""
    return _retire(request, _measure(request, code)[1])


@require_POST
def measure_delete(request: HttpRequest, code: str) -> HttpResponse:
    """Delete a measure that nothing hangs on."""
    return _delete(request, _measure(request, code)[1])


@require_safe
def measure_locate(request: HttpRequest) -> HttpResponse:
    """Where a phrase stands in the loaded text, while it is typed."""
    policy = policy_to_edit(plan_for_supervisors(request))
    paragraph, phrase = request.GET.get("paragraph", ""), request.GET.get("phrase", "")[:20]
    number = int(paragraph) if paragraph.isascii() and paragraph.isdigit() and len(paragraph) < 6 else 0
    found = find_phrase(policy, number, phrase)
    return render(request, "editing/located.html", {"found": found, "asked": number})


def _measure(request: HttpRequest, code: str) -> tuple[Plan | None, Measure]:
    """A measure of the own scope. Raises Http404 for any other, PermissionDenied for all but supervisors."""
    plan = plan_for_supervisors(request)
    rows = Measure.objects.filter(policy=policy_to_edit(plan)).select_related("policy", "key_task")
    if only := request.user.scope.key_tasks:
        rows = rows.filter(key_task__in=only)
    row = get_object_or_404(rows, code=code)
    check_can_edit_measure(request.user, row)
    return plan, row


# --- both ---------------------------------------------------------------------------------------------------
def _again(row: Any) -> Any:
    """The row once more for its form, which writes what was typed into it; the other stays what it is."""
    return type(row)._default_manager.get(pk=row.pk)


def _new(request: HttpRequest, form: Any, row: Any, title: str) -> HttpResponse:
    status = 200
    if request.method == "POST":
        act = actions.create_outline_row
        status = attempt(form, lambda: act(row=row, values=form.values, by=request.user))
    return _answer(request, form, status, row, title=title)


def _edit(request: HttpRequest, form: Any, row: Any, plan: Plan | None, **context: Any) -> HttpResponse:
    status = 200
    if request.method == "POST":
        arguments = {"row": row, "plan": plan, "by": request.user, "now": timezone.localtime()}
        status = attempt(
            form,
            lambda: actions.edit_outline_row(
                **arguments,
                values=form.values,
                reason=form.cleaned_data["reason"],
                seen=form.seen_values,
            ),
        )
    if status == DONE:
        ring_roll_up()
    kept = actions.why_kept(row)
    context |= {
        "urls": _urls(row),
        "why_kept": REFUSALS[kept] if kept else "",
        "weight_changes": weight_history(row),
    }
    return _answer(request, form, status, row, title=str(row), **context)


def _answer(request: HttpRequest, form: Any, status: int, row: Any, **context: Any) -> HttpResponse:
    if isinstance(row, Measure):
        typed = {name: form[name].value() for name in ("paragraph", "phrase")}
        number = int(typed["paragraph"]) if str(typed["paragraph"] or "").isdigit() else 0
        context["found"] = find_phrase(row.policy, number, typed["phrase"] or "")
        context["asked"] = number
    context |= {
        "row": row,
        "crumbs": [plan_crumb(), (reverse("outline"), _("Key tasks and measures"))],
        "template": "editing/outline_form.html",
    }
    return answer(request, form, status, reverse("outline"), **context)


def _urls(row: Any) -> dict[str, str]:
    name, key = ("measure", row.code) if isinstance(row, Measure) else ("key_task", row.number)
    return {verb: reverse(f"{name}_{verb}", args=[key]) for verb in ("edit", "retire", "delete")}


def _retire(request: HttpRequest, row: Any) -> HttpResponse:
    retired = request.POST.get("retired") == "1"
    return act_on_row(
        request,
        lambda: actions.retire_outline_row(
            row=row, retired=retired, by=request.user, now=timezone.localtime()
        ),
        done=(_("“%(row)s” is out of use.") if retired else _("“%(row)s” is in use again.")) % {"row": row},
        back=_urls(row)["edit"],
        after=_urls(row)["edit"],
    )


def _delete(request: HttpRequest, row: Any) -> HttpResponse:
    return act_on_row(
        request,
        lambda: actions.delete_outline_row(row=row, by=request.user),
        done=_("“%(row)s” is deleted.") % {"row": row},
        back=_urls(row)["edit"],
        after=reverse("outline"),
    )
