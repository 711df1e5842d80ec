"""Actors and regions: listing, adding, editing, retiring and deleting them."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks_tracker.actions import people as actions
from tasks_tracker.forms.editing import REFUSALS
from tasks_tracker.forms.people import ActorForm, ActorSearch, RegionForm
from tasks_tracker.models import Actor, Region
from tasks_tracker.tables.pages import page_of
from tasks_tracker.tables.people import ActorEditTable, RegionEditTable
from tasks_tracker.views.editing import act_on_row, answer, attempt, plan_crumb, plan_for_supervisors


@require_safe
def actor_list(request: HttpRequest) -> HttpResponse:
    """The actors, narrowed by words, level and use."""
    plan_for_supervisors(request, national=True)
    form = ActorSearch(request.GET)
    rows = Actor.objects.select_related("parent", "region").annotate(
        led=Count("led_items", distinct=True), people=Count("users", distinct=True)
    )
    for word in form.good("q").split():
        rows = rows.filter(Q(name__icontains=word) | Q(name_en__icontains=word) | Q(code__icontains=word))
    if level := form.good("level"):
        rows = rows.filter(level=level)
    if (use := form.good("use")) != "all":
        rows = rows.filter(retired_on__isnull=use != "retired")
    table = page_of(ActorEditTable(rows), request)
    context = {
        "form": form,
        "table": table,
        "number": table.paginator.count,
        "all_url": reverse("actor_list"),
    }
    return render(request, "editing/actors.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def actor_new(request: HttpRequest) -> HttpResponse:
    """Add an actor."""
    plan_for_supervisors(request, national=True)
    form = ActorForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: actions.create_actor(values=form.values, by=request.user))
    return _actor_answer(request, form, status, title=_("Add a unit"))


@require_http_methods(["GET", "HEAD", "POST"])
def actor_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Edit an actor and its place in the tree."""
    row = _actor(request, code)
    form = ActorForm(request.POST or None, instance=Actor.objects.get(pk=row.pk))
    status = 200
    if request.method == "POST":
        arguments = {"actor": row, "by": request.user}
        status = attempt(
            form, lambda: actions.edit_actor(**arguments, values=form.values, seen=form.seen_values)
        )
    kept = actions.why_kept(row)
    context = {
        "row": row,
        "urls": _urls(row),
        "why_kept": REFUSALS[kept] if kept else "",
        "items_url": f"{reverse('items')}?lead={row.code}" if kept == "has_items" else "",
        "below": Actor.objects.filter(path__startswith=row.path).exclude(pk=row.pk).count(),
    }
    return _actor_answer(request, form, status, title=str(row), **context)


@require_POST
def actor_retire(request: HttpRequest, code: str) -> HttpResponse:
    """Take an actor out of use, or back."""
    row, retired = _actor(request, code), request.POST.get("retired") == "1"
    return act_on_row(
        request,
        lambda: actions.retire_actor(actor=row, retired=retired, by=request.user, now=timezone.localtime()),
        done=(_("“%(row)s” is out of use.") if retired else _("“%(row)s” is in use again.")) % {"row": row},
        back=_urls(row)["edit"],
        after=_urls(row)["edit"],
    )


@require_POST
def actor_delete(request: HttpRequest, code: str) -> HttpResponse:
    """Delete an actor that nothing hangs on."""
    row = _actor(request, code)
    return act_on_row(
        request,
        lambda: actions.delete_actor(actor=row, by=request.user),
        done=_("“%(row)s” is deleted.") % {"row": row},
        back=_urls(row)["edit"],
        after=reverse("actor_list"),
    )


def _actor(request: HttpRequest, code: str) -> Actor:
    plan_for_supervisors(request, national=True)
    return get_object_or_404(Actor, code=code)


def _urls(row: Actor) -> dict[str, str]:
    return {verb: reverse(f"actor_{verb}", args=[row.code]) for verb in ("edit", "retire", "delete")}


def _actor_answer(request: HttpRequest, form: Any, status: int, **context: Any) -> HttpResponse:
    crumbs = [plan_crumb(), (reverse("actor_list"), _("Units"))]
    return answer(request, form, status, reverse("actor_list"), crumbs=crumbs, **context)


# --- regions ------------------------------------------------------------------------------------------------
@require_safe
def region_list(request: HttpRequest) -> HttpResponse:
    """The regions with their groups; their codes are the official ones."""
    plan_for_supervisors(request, national=True)
    rows = Region.objects.prefetch_related("groups").annotate(n_items=Count("items"))
    return render(request, "editing/regions.html", {"table": RegionEditTable(rows)})


@require_http_methods(["GET", "HEAD", "POST"])
def region_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Edit the names of a region, whether it reports, and its groups."""
    plan_for_supervisors(request, national=True)
    row = get_object_or_404(Region, code=code)
    form = RegionForm(
        request.POST or None,
        instance=Region.objects.get(pk=row.pk),
        initial={"groups": list(row.groups.values_list("code", flat=True))},
    )
    status = 200
    if request.method == "POST":
        arguments = {"region": row, "by": request.user}
        status = attempt(
            form, lambda: actions.edit_region(**arguments, values=form.values, seen=form.seen_values)
        )
    crumbs = [plan_crumb(), (reverse("region_list"), _("Regions"))]
    return answer(request, form, status, reverse("region_list"), title=str(row), crumbs=crumbs)
