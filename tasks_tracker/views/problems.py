"""The ledger of problems, one of them with its history, and what people do about it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tasks_tracker.actions import problems as actions
from tasks_tracker.actions.problems import CaseRefused
from tasks_tracker.forms.problems import (
    CaseForm,
    CoordinateForm,
    ProblemFilter,
    SeenForm,
    refusal_text,
    status_of,
)
from tasks_tracker.models import Plan, ProblemCase, User
from tasks_tracker.permissions import can_answer_case, can_see_business_data, can_steer
from tasks_tracker.queries import problems as query
from tasks_tracker.queries.items import options_for
from tasks_tracker.rules.weeks import week_of
from tasks_tracker.tables.pages import page_of
from tasks_tracker.tables.problems import CaseTable
from tasks_tracker.views.weeks import address, week_of_page


@dataclass(frozen=True)
class Verb:
    """Something that is done about a case: its form, its action, and the words for both."""

    form: Any
    act: Any
    label: Any
    asks: Any
    said: Any


VERBS = {
    "coordinate": Verb(
        CoordinateForm,
        actions.coordinate_case,
        gettext_lazy("Take it up"),
        gettext_lazy("Note"),
        gettext_lazy("The problem is being coordinated; the units are told."),
    ),
    "solve": Verb(
        SeenForm,
        actions.solve_case,
        gettext_lazy("Mark it as solved"),
        gettext_lazy("How it was solved"),
        gettext_lazy("The problem is solved; the units are told."),
    ),
    "reopen": Verb(
        SeenForm,
        actions.reopen_case,
        gettext_lazy("Open it again"),
        gettext_lazy("Why it is not solved"),
        gettext_lazy("The problem is open again; the units are told."),
    ),
    "answer": Verb(
        CaseForm,
        actions.answer_case,
        gettext_lazy("Answer"),
        gettext_lazy("What your unit does about it"),
        gettext_lazy("The answer is on record; the lead is told."),
    ),
}


def _plan(user: User) -> Plan:
    if not can_see_business_data(user):
        raise PermissionDenied(_("Administrators see no business data."))
    return Plan.objects.current()


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """All cases in scope as they stood in the shown week, narrowed by the address; by need of attention.

    Who is only asked reads today's words: those of then may have asked somebody else.
    """
    shown, user = week_of_page(request), request.user
    form = ProblemFilter(
        request.GET,
        options_for(shown.plan, user),
        query.units_asked(shown.plan, user),
        has_unit=user.actor_id is not None,
    )
    if shown.is_latest:
        week = week_of(timezone.localdate())
        cases = query.ledger(shown.plan, user, form.wanted, week)
    else:
        week = shown.week
        cases = query.ledger_then(shown, user, form.wanted)
    table = page_of(CaseTable(cases, week=week), request)
    seen = [row.record for row in table.paginated_rows if row.record.in_scope]
    if not shown.is_latest:
        query.as_they_stood(seen, shown.week)
    for case in seen:
        case.item_url = address("item", shown, case.item.code)
    kinds = query.counts_by_kind(cases)
    context = {
        "shown": shown,
        "form": form,
        "chips": form.chips(),
        "table": table,
        "number": table.paginator.count,
        "kinds": [(count, _of_kind(form, count.kind)) for count in kinds],
        "open": sum(count.open for count in kinds),
        "coordinating": sum(count.coordinating for count in kinds),
        "all_url": address("problems", shown),
    }
    return render(request, "problems/problems.html", context)


def _of_kind(form: ProblemFilter, kind: str) -> str:
    """The same list, of one kind only."""
    rest = form.query_without("kind")
    return f"{reverse('problems')}?{rest}{'&' if rest else ''}kind={kind}"


@require_safe
def problem(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: its words, what was done, and what each report said of it."""
    return _page(request, _case(request, pk))


@require_POST
def problem_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do something about it. What is refused stands in the form again; who came second is told."""
    case, chosen = _case(request, pk), VERBS[verb]
    if not _may(request.user, case, verb):
        raise PermissionDenied(_("This is for the supervisor of the work item, or for the unit asked."))
    form = chosen.form(request.POST, label=chosen.asks, prefix=verb)
    if not form.is_valid():
        return _page(request, case, tried=(verb, form), status=422)
    try:
        chosen.act(case=case, by=request.user, now=timezone.localtime(), **form.cleaned_data)
    except CaseRefused as refused:
        form.refuse(refused)
        fresh = _case(request, pk)
        return _page(
            request, fresh, tried=(verb, form), conflict=refusal_text(refused), status=status_of(refused)
        )
    messages.success(request, str(chosen.said))
    return redirect("problem", pk)


def _case(request: HttpRequest, pk: int) -> ProblemCase:
    found = query.case_of(_plan(request.user), request.user, pk)
    if found is None:
        raise Http404(_("There is no such problem, or it is not yours to see."))
    return found


def _may(user: User, case: ProblemCase, verb: str) -> bool:
    return can_answer_case(user, case) if verb == "answer" else can_steer(user, case)


def _offered(user: User, case: ProblemCase) -> list[str]:
    """What may be done now."""
    may = ["answer"] if not case.is_solved and can_answer_case(user, case) else []
    if can_steer(user, case):
        may += ["reopen"] if case.is_solved else ["coordinate", "solve"]
    return may


def _page(
    request: HttpRequest,
    case: ProblemCase,
    *,
    tried: tuple[str, CaseForm] | None = None,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    offered = _offered(request.user, case)
    context = {
        "case": case,
        "weeks": case.weeks_open(week_of(timezone.localdate())),
        "statements": query.statements_of(case),
        "acts": list(case.acts.select_related("by", "unit")),
        "offers": [
            (verb, VERBS[verb].label, _form(verb, case, tried), tried is not None and tried[0] == verb)
            for verb in offered
        ],
        "may_make_item": not case.is_solved and case.made_item is None and can_steer(request.user, case),
        "conflict": conflict,
    }
    return render(request, "problems/problem.html", context, status=status)


def _form(verb: str, case: ProblemCase, tried: tuple[str, CaseForm] | None) -> CaseForm:
    """The form as it was typed; what it has not seen yet it gets to see with the page that tells of it."""
    if tried and tried[0] == verb:
        return tried[1]
    initial = {"seen": case.revision, "coordinator": case.coordinator or case.needed_from}
    form: CaseForm = VERBS[verb].form(label=VERBS[verb].asks, prefix=verb, initial=initial)
    return form
