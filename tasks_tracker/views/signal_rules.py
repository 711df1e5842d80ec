"""The rules of the watch list: how often each was right, and changing one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tasks_tracker.actions.signal_rules import RuleRefused, edit_rule
from tasks_tracker.forms.signals import RuleForm, refusal_text, status_of
from tasks_tracker.models import Plan, SignalRule, User
from tasks_tracker.permissions import can_edit_plan, can_see_business_data, check_can_edit_plan
from tasks_tracker.queries import signals as query
from tasks_tracker.templatetags.signals import parameter_label
from tasks_tracker.views.doorbell import ring_back_test


def _plan(user: User) -> Plan:
    if not can_see_business_data(user):
        raise PermissionDenied(_("Administrators see no business data."))
    return Plan.objects.current()


@require_safe
def signal_rules(request: HttpRequest) -> HttpResponse:
    """Every rule with its numbers, what "right" means for it, and how often it was."""
    rules = query.rules_of(_plan(request.user))
    tracks = query.tracks_of(rules)
    context = {
        "rules": [(rule, tracks.get(rule.pk)) for rule in rules],
        "may_edit": can_edit_plan(request.user),
    }
    return render(request, "signals/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def signal_rule(request: HttpRequest, code: str) -> HttpResponse:
    """Change a rule: the new version holds from the next look on."""
    plan = _plan(request.user)
    check_can_edit_plan(request.user)
    rule = query.rule_of(plan, code)
    if rule is None:
        raise Http404(_("There is no such rule."))
    form = RuleForm(request.POST or None, rule=rule, labels=_labels(rule))
    status = 200
    if request.method == "POST":
        status = _save(request, plan, rule, form)
        if status == 302:
            return redirect("signal_rules")
    context = {"rule": rule, "form": form, "versions": query.versions_of(plan, code)}
    return render(request, "signals/rule.html", context, status=status)


def _labels(rule: SignalRule) -> dict[str, Any]:
    return {parameter.name: parameter_label(rule.code, parameter.name) for parameter in rule.spec.parameters}


def _save(request: HttpRequest, plan: Plan, rule: SignalRule, form: RuleForm) -> int:
    if not form.is_valid():
        return 422
    try:
        edit_rule(plan=plan, code=rule.code, by=request.user, now=timezone.localtime(), **form.values)
    except RuleRefused as refused:
        form.add_error(None, refusal_text(refused))
        return status_of(refused)
    ring_back_test()
    messages.success(request, _("The rule is changed; it holds from the next look on."))
    return 302
