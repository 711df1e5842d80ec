"""Setting the light of a work item by hand, and taking that back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tasks_tracker.actions.supervision import OverrideRefused, override_light, withdraw_override
from tasks_tracker.forms.supervision import LightForm, refusal_text
from tasks_tracker.models import WorkItem
from tasks_tracker.permissions import check_can_override_light
from tasks_tracker.views.doorbell import ring_roll_up
from tasks_tracker.views.item import item_page_response
from tasks_tracker.views.weeks import week_of_page


@require_POST
def item_light(request: HttpRequest, code: str) -> HttpResponse:
    """Set the light; what is refused stands in the form again."""
    item = _item(request, code)
    now = timezone.localtime()
    form = LightForm(request.POST, today=now.date())
    if form.is_valid():
        try:
            override_light(item=item, by=request.user, now=now, **form.cleaned_data)
        except OverrideRefused as refused:
            form.refuse(refused)
        else:
            ring_roll_up()
            messages.success(request, _("The light of “%(item)s” is set.") % {"item": item.title})
            return redirect("item", item.code)
    return item_page_response(request, code, light_form=form, status=422)


@require_POST
def item_light_withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Let the computed light hold again."""
    item = _item(request, code)
    try:
        withdraw_override(item=item, by=request.user, now=timezone.localtime())
    except OverrideRefused as refused:
        messages.warning(request, refusal_text(refused))
    else:
        ring_roll_up()
        messages.success(request, _("The computed light of “%(item)s” holds again.") % {"item": item.title})
    return redirect("item", item.code)


def _item(request: HttpRequest, code: str) -> WorkItem:
    """An item of the own scope. Raises Http404 for any other, PermissionDenied for all but supervisors."""
    plan = week_of_page(request).plan
    items = WorkItem.objects.visible_to(request.user).filter(plan=plan).select_related("plan")
    item = get_object_or_404(items, code=code)
    check_can_override_light(request.user, item)
    return item
