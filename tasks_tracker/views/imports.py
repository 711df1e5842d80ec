"""Importing a plan from an office's own ledger: sent, its columns named, checked, confirmed, imported."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks_tracker.actions import import_rows, imports
from tasks_tracker.actions.imports import Choices, ImportRefused, State
from tasks_tracker.forms.imports import (
    MEANINGS,
    ColumnsForm,
    label_of,
    left_out_words,
    meanings,
    refusal_words,
    remarks_of,
    settled,
)
from tasks_tracker.models import ImportRow, Plan, PlanImport
from tasks_tracker.permissions import check_can_plan
from tasks_tracker.queries.imports import (
    WARNED,
    example_names,
    found_by,
    imports_of,
    known_names,
    rows_of,
    tabs_of,
    unknown_names,
)
from tasks_tracker.reports.sheets import MOST_BYTES
from tasks_tracker.reports.xlsx import example_ledger
from tasks_tracker.rules.evidence import safe_name
from tasks_tracker.rules.grids import Grid
from tasks_tracker.rules.outline import UnreadableText
from tasks_tracker.tables.pages import page_of_list
from tasks_tracker.views.doorbell import ring_import
from tasks_tracker.views.editing import plan_crumb
from tasks_tracker.views.uploads import too_large

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CONFLICTS = ("stale", "closed")
Refused = (ImportRefused, UnreadableText)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_imports(request: HttpRequest) -> HttpResponse:
    """The imports so far, and where a ledger is sent; POST takes one in."""
    check_can_plan(request.user)
    plan = Plan.objects.current()
    if request.method != "POST":
        return _list(request, plan)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise ImportRefused("too_large" if too_large(request) else "no_file")
        made = imports.send_ledger(
            plan=plan,
            content=file.read(MOST_BYTES + 1),
            file_name=safe_name(file.name or ""),
            by=request.user,
            now=timezone.localtime(),
        )
    except Refused as refused:
        return _list(request, plan, refusal=refusal_words(refused), status=422)
    return redirect("plan_import", made.pk)


def _list(request: HttpRequest, plan: Plan, refusal: str = "", status: int = 200) -> HttpResponse:
    page = page_of_list(imports_of(request.user, plan), request)
    context = {
        "imports": page,
        "refusal": refusal,
        "meanings": meanings(),
        "crumbs": [plan_crumb()],
    }
    return render(request, "imports/list.html", context, status=status)


@require_safe
def plan_import(request: HttpRequest, pk: int) -> HttpResponse:
    """One import, as far as it has come."""
    found = _found(request, pk)
    if found.state == State.SENT:
        return _columns(request, found)
    return _page(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Which column is which; `?sheet=` and `?header=` look elsewhere. POST checks every row."""
    found = _found(request, pk)
    if found.state not in imports.OPEN:
        return redirect("plan_import", pk)
    return _columns(request, found)


def _columns(request: HttpRequest, found: PlanImport) -> HttpResponse:
    try:
        names, grid, choices = _looked_at(request, found)
    except Refused as refused:
        return _page(request, found, refusal=refusal_words(refused), status=409)
    posted = request.POST if request.method == "POST" else None
    form = ColumnsForm(posted, choices=choices, grid=grid, plan=found.plan, user=request.user)
    context: dict[str, Any] = {"form": form, "names": names, "choices": choices, "found": found, "grid": grid}
    context |= {"crumbs": _crumbs(), "meanings": meanings()}
    if posted is None:
        return render(request, "imports/columns.html", context)
    if not form.is_valid():
        return render(request, "imports/columns.html", context, status=422)
    try:
        imports.check_ledger(
            plan_import=found,
            choices=form.chosen(),
            seen=_seen(request),
            by=request.user,
            now=timezone.localtime(),
        )
    except Refused as refused:
        if refused.code in CONFLICTS:
            return _conflict(request, found.pk, refused)
        context["refusal"] = refusal_words(refused)
        return render(request, "imports/columns.html", context, status=422)
    return redirect("plan_import", found.pk)


def _looked_at(request: HttpRequest, found: PlanImport) -> tuple[list[str], Grid, Choices]:
    """The sheets, the beginning of the one that is looked at, and how it would be read."""
    asked = request.POST if request.method == "POST" else request.GET
    choices = Choices.of(found)
    sheet, header = asked.get("sheet", choices.sheet), asked.get("header", "")
    names, grid = imports.head_of(found, sheet)
    number = int(header) if header.isdecimal() and len(header) < 7 else 0
    if sheet == choices.sheet and number in (0, choices.header):
        return names, grid, choices
    number = number or imports.guess_header(grid)
    other, _key = imports.guessed(found.plan, grid, number, timezone.localtime())
    return names, grid, other


@require_POST
def plan_import_names(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle what names of the ledger stand for, and check every row again."""
    found = _found(request, pk)
    names = unknown_names(found)
    known = known_names(found.plan, {name.kind for name in names})
    aliases, wrong = settled(request.POST, names, known)
    for typed in wrong:
        messages.warning(request, _("“%(name)s” is no name of the plan.") % {"name": typed})
    if not aliases:
        return redirect("plan_import", pk)
    choices = Choices.of(found)
    merged = {
        kind: {**choices.aliases.get(kind, {}), **aliases.get(kind, {})}
        for kind in {*choices.aliases, *aliases}
    }
    again = Choices(**(vars(choices) | {"aliases": merged}))

    def check() -> None:
        imports.check_ledger(
            plan_import=found, choices=again, seen=_seen(request), by=request.user, now=timezone.localtime()
        )

    return _act(request, found, check, _("The rows are checked again."))


@require_POST
def plan_import_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the new rows come into the plan; a job does it."""
    found = _found(request, pk)

    def confirm() -> None:
        import_rows.confirm_import(
            plan_import=found,
            draft="draft" in request.POST,
            seen=_seen(request),
            by=request.user,
            now=timezone.localtime(),
        )
        ring_import(found.pk)

    return _act(request, found, confirm, "")


@require_POST
def plan_import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it up; nothing of it is in the plan."""
    found = _found(request, pk)

    def discard() -> None:
        imports.discard_import(plan_import=found, seen=_seen(request), by=request.user)

    return _act(request, found, discard, _("The import is discarded."), after="plan_imports")


@require_safe
def plan_import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the job has come, as a part of the page; when it is done, the page is to come again."""
    found = _found(request, pk)
    response = render(request, "imports/_progress.html", {"found": found})
    if found.state != State.RUNNING:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def plan_import_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The ledger as it was sent; each download is on record, hence POST."""
    found = _found(request, pk)
    try:
        content = imports.give_out(plan_import=found, by=request.user)
    except ImportRefused as refused:
        return _page(request, found, refusal=refusal_words(refused), status=409)
    response = FileResponse(
        BytesIO(content),
        as_attachment=True,
        filename=found.file_name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def plan_import_example(request: HttpRequest) -> HttpResponse:
    """A ledger to begin with, with names of this plan."""
    check_can_plan(request.user)
    plan, file = Plan.objects.current(), BytesIO()
    names = example_names(plan)
    columns = [name for name in MEANINGS if name not in ("code", "run")]
    example_ledger.write(
        file,
        names=(_("Ledger"), _("Columns")),
        header=[label_of(name) for name in columns],
        rows=[_example_row(plan, names, number, columns) for number in range(len(names.measures))],
        meanings=[(label, meaning) for label, meaning, _needed in meanings()],
    )
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=_("Example ledger") + ".xlsx", content_type=XLSX)


def _example_row(plan: Plan, names: Any, number: int, columns: list[str]) -> list[str]:
    measure = names.measures[number]
    lead = names.leads[number % len(names.leads)] if names.leads else None
    values = {
        "key_task": measure.key_task.label if measure.key_task else "",
        "measure": measure.code,
        "title": _("Example item %(n)d") % {"n": number + 1},
        "region": lead.region.label if lead and lead.region else "",
        "lead": lead.label if lead else "",
        "supporting": _names_together(names.supporting),
        "weight": "1",
        "starts_on": plan.starts_on.isoformat(),
        "due_on": plan.ends_on.isoformat(),
        "commitment": _("anticipatory"),
        "is_key": _("no"),
    }
    return [values.get(name, "") for name in columns]


def _names_together(actors: Any) -> str:
    """Names as a cell holds several."""
    return ("; " if (get_language() or "").startswith("en") else "\u3001").join(each.label for each in actors)


# --- what the pages have in common ------------------------------------------------------------------------
def _found(request: HttpRequest, pk: int) -> PlanImport:
    """The import that the user sees; 404 for any other. Raises PermissionDenied."""
    check_can_plan(request.user)
    return get_object_or_404(imports_of(request.user, Plan.objects.current()), pk=pk)


def _seen(request: HttpRequest) -> int:
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 9 else 0


def _act(
    request: HttpRequest, found: PlanImport, act: Callable[[], None], done: str, after: str = ""
) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        if refused.code in CONFLICTS:
            return _conflict(request, found.pk, refused)
        return _page(request, found, refusal=refusal_words(refused), status=422)
    if done:
        messages.success(request, done)
    return redirect(after) if after else redirect("plan_import", found.pk)


def _conflict(request: HttpRequest, pk: int, refused: Any) -> HttpResponse:
    """Somebody else was faster: the import as it stands now."""
    return _page(request, _found(request, pk), refusal=refusal_words(refused), status=409)


def _crumbs() -> list[tuple[str, str]]:
    return [plan_crumb(), (reverse("plan_imports"), _("Import a ledger"))]


def _page(request: HttpRequest, found: PlanImport, refusal: str = "", status: int = 200) -> HttpResponse:
    tabs = tabs_of(found)
    codes = [tab.code for tab in tabs]
    chosen = request.GET.get("rows", ImportRow.State.REFUSED)
    chosen = chosen if chosen in codes else ""
    page = page_of_list(rows_of(found, chosen), request)
    names = unknown_names(found) if found.state == State.CHECKED else []
    by_pk = found_by(page.object_list)
    context: dict[str, Any] = {
        "found": found,
        "refusal": refusal,
        "crumbs": _crumbs(),
        "tabs": [(tab.code, f"{_tab_words(tab.code)} {tab.count}") for tab in tabs],
        "chosen": chosen,
        "page": page,
        "rows": [_shown(found, row, by_pk) for row in page.object_list],
        "left_out": left_out_words(found),
        "names": [(name, _kind_words(name.kind)) for name in names],
        "known": known_names(found.plan, {name.kind for name in names}),
    }
    return render(request, "imports/import.html", context, status=status)


def _shown(found: PlanImport, row: ImportRow, by_pk: Any) -> dict[str, Any]:
    said = row.content
    links = said["found"]
    return {
        "row": row,
        "said": said,
        "code": row.item.code if row.item else said["code"],
        "measure": by_pk.measures.get(links["measure"]),
        "region": by_pk.regions.get(links["region"]),
        "lead": by_pk.actors.get(links["lead"]),
        "supporting": [by_pk.actors[pk] for pk in links["supporting"] if pk in by_pk.actors],
        "remarks": remarks_of(found, row),
    }


def _tab_words(code: str) -> str:
    words = {"": _("All rows"), WARNED: _("With remarks")}
    return words.get(code) or str(ImportRow.State(code).label)


def _kind_words(kind: str) -> str:
    return {
        "measure": _("Measure"),
        "region": _("Region"),
        "unit": _("Unit"),
        "industry": _("Industry"),
    }[kind]
