"""The draft of an outline: made from a document, corrected line by line, adopted or discarded."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tasks_tracker.actions import drafts as actions
from tasks_tracker.actions.drafts import DraftRefused
from tasks_tracker.forms.drafts import REFUSALS, LineForm, draft_refusal, line_forms
from tasks_tracker.models import Policy
from tasks_tracker.queries.drafts import OpenDraft, last_closed, open_draft
from tasks_tracker.rules.evidence import safe_name
from tasks_tracker.rules.outline import MAX_BYTES, UnreadableText
from tasks_tracker.views.editing import plan_crumb, plan_for_supervisors, policy_to_edit
from tasks_tracker.views.uploads import too_large

Values = dict[int, dict[str, Any]]


@require_http_methods(["GET", "HEAD", "POST"])
def policy_draft(request: HttpRequest) -> HttpResponse:
    """The open draft, or where to begin one; POST saves what was corrected."""
    policy = _policy(request)
    draft = open_draft(policy)
    if request.method != "POST":
        return _page(request, policy, draft)

    def save(draft: OpenDraft, values: Values, seen: int) -> str:
        actions.save_draft(
            draft=draft.draft, values=values, seen=seen, by=request.user, now=timezone.localtime()
        )
        return _("Saved.")

    return _act(request, policy, draft, save)


@require_POST
def policy_draft_new(request: HttpRequest) -> HttpResponse:
    """Make a draft from the document that is sent."""
    policy = _policy(request)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise DraftRefused("too_large" if too_large(request) else "no_file")
        actions.make_draft(
            policy=policy,
            content=file.read(MAX_BYTES + 1),
            file_name=safe_name(file.name or ""),
            by=request.user,
            now=timezone.localtime(),
        )
    except (DraftRefused, UnreadableText) as refused:
        if refused.code != "already_open":
            return _page(request, policy, open_draft(policy), refusal=str(REFUSALS[refused.code]), status=422)
        messages.warning(request, draft_refusal(refused))
        return redirect("policy_draft")
    messages.success(request, _("Drafted. Correct the lines, then adopt them."))
    return redirect("policy_draft")


@require_POST
def policy_draft_adopt(request: HttpRequest) -> HttpResponse:
    """Save what was corrected and make key tasks and measures of it."""
    policy = _policy(request)

    def adopt(draft: OpenDraft, values: Values, seen: int) -> str:
        tasks, measures = actions.adopt_draft(
            draft=draft.draft, values=values, seen=seen, by=request.user, now=timezone.localtime()
        )
        words = [
            ngettext("%(n)s key task", "%(n)s key tasks", tasks) % {"n": tasks},
            ngettext("%(n)s measure", "%(n)s measures", measures) % {"n": measures},
        ]
        return _("Adopted: %(key_tasks)s, %(measures)s.") % {"key_tasks": words[0], "measures": words[1]}

    return _act(request, policy, open_draft(policy), adopt, after="outline")


@require_POST
def policy_draft_discard(request: HttpRequest) -> HttpResponse:
    """Give the draft up."""
    policy = _policy(request)
    draft = open_draft(policy)
    try:
        if draft is None:
            raise DraftRefused("closed")
        actions.discard_draft(
            draft=draft.draft, seen=_seen(request, draft), by=request.user, now=timezone.localtime()
        )
    except DraftRefused as refused:
        return _page(request, policy, open_draft(policy), refusal=draft_refusal(refused), status=409)
    messages.success(request, _("The draft is discarded."))
    return redirect("policy_draft")


def _policy(request: HttpRequest) -> Policy:
    return policy_to_edit(plan_for_supervisors(request, national=True))


def _seen(request: HttpRequest, draft: OpenDraft) -> int:
    """The revision that the page was made with, where it was of this draft; else one that never is."""
    pk, _dot, revision = request.POST.get("seen", "").partition(".")
    return int(revision) if pk == str(draft.draft.pk) and revision.isdecimal() and len(revision) < 9 else 0


def _act(
    request: HttpRequest,
    policy: Policy,
    draft: OpenDraft | None,
    act: Callable[[OpenDraft, Values, int], str],
    after: str = "policy_draft",
) -> HttpResponse:
    """Do `act` with the lines as typed, or show them again and why nothing was written."""
    if draft is None:
        return _page(request, policy, None, refusal=str(REFUSALS["closed"]), status=409)
    lines = line_forms(draft, request.POST)
    seen = _seen(request, draft)
    wrong = [line for line in lines if not line.is_valid()]
    if wrong:
        return _page(request, policy, draft, lines=lines, seen=seen, status=422)
    try:
        done = act(draft, {line.line.pk: line.values for line in lines}, seen)
    except DraftRefused as refused:
        for line in lines:
            line.say(refused.faults)
        conflict = refused.code in ("stale", "closed", "taken")
        return _page(
            request,
            policy,
            open_draft(policy),
            lines=lines if refused.code != "closed" else None,
            seen=seen if refused.code != "stale" else None,
            refusal=draft_refusal(refused),
            status=409 if conflict else 422,
        )
    messages.success(request, done)
    return redirect(after)


def _page(
    request: HttpRequest,
    policy: Policy,
    draft: OpenDraft | None,
    *,
    lines: list[LineForm] | None = None,
    seen: int | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The draft with its lines, as typed where they come back; without a draft, where to send a document."""
    context: dict[str, Any] = {"policy": policy, "refusal": refusal, "crumbs": [plan_crumb()]}
    if draft is None:
        context |= {"closed": last_closed(policy)}
        return render(request, "policy/draft_new.html", context, status=status)
    context |= {
        "draft": draft.draft,
        "leads": draft.leads,
        "lines": lines if lines is not None else line_forms(draft),
        "seen": f"{draft.draft.pk}.{draft.draft.revision if seen is None else seen}",
        "adds": bool(draft.key_tasks),
    }
    return render(request, "policy/draft.html", context, status=status)
