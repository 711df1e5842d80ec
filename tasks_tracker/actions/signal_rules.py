"""Editing a rule of early signals: a new version begins; old signals keep the one under which they arose."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from tasks_tracker.actions import audit
from tasks_tracker.actions.signals import rules_in_force
from tasks_tracker.models import Plan, SignalRule, User
from tasks_tracker.permissions import check_can_edit_plan


class RuleRefused(Exception):
    """The rule cannot be changed so. `code`: changed_meanwhile, reason_missing, nothing_changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def edit_rule(
    *,
    plan: Plan,
    code: str,
    seen: int,
    is_on: bool,
    parameters: Mapping[str, int],
    horizon: int,
    reason: str,
    by: User,
    now: datetime,
) -> SignalRule:
    """Put the next version of a rule into force; `seen` is the version that was on the form.

    Weeks that were looked at for the last time stay as they are. Raises PermissionDenied, RuleRefused, and
    ValidationError for numbers out of their bounds.
    """
    check_can_edit_plan(by)
    old = rules_in_force(plan=plan, now=now)[code]
    if old.version != seen:
        raise RuleRefused("changed_meanwhile")
    if not reason.strip():
        raise RuleRefused("reason_missing")
    new = SignalRule(
        plan=plan, code=code, is_on=is_on, parameters=dict(parameters), horizon=horizon, by=by, at=now
    )
    if _values(old) == _values(new):
        raise RuleRefused("nothing_changed")
    _check_bounds(old, parameters)
    new.version, new.reason = old.version + 1, reason.strip()
    new.full_clean(validate_constraints=False)
    SignalRule.objects.filter(pk=old.pk).update(is_current=False)
    new.save()
    after = _values(new) | {"version": new.version, "reason": new.reason}
    audit.record(by=by, action="change_signalrule", obj=new, before=_values(old), after=after, at=now)
    return new


def _values(rule: SignalRule) -> dict[str, object]:
    return {"is_on": rule.is_on, "parameters": rule.parameters, "horizon": rule.horizon}


def _check_bounds(rule: SignalRule, parameters: Mapping[str, int]) -> None:
    known = {parameter.name: parameter for parameter in rule.spec.parameters}
    wrong = parameters.keys() ^ known.keys() or {
        name for name, value in parameters.items() if not known[name].least <= value <= known[name].most
    }
    if wrong:
        raise ValidationError(sorted(wrong))
