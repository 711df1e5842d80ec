"""How the figures are made: the rules in words, with the plan's own thresholds."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dates import WEEKDAYS
from django.views.decorators.http import require_safe

from tasks_tracker.models import Plan
from tasks_tracker.models.standing import STALE_AFTER_WEEKS
from tasks_tracker.rules.rollup import WHOLE, Figure, Sums, figure_of

# The worked example of the page: (name, weight, percent in hundredths; None = never reported).
EXAMPLE = (("A", 3, WHOLE), ("B", 1, 5_000), ("C", 1, None))


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """Open to every user: it holds no business data. Before any plan is set up it shows the usual rules."""
    plan = Plan.objects.order_by("-starts_on", "-pk").first() or Plan()
    context = {
        "plan": plan,
        "cutoff_day": WEEKDAYS[plan.cutoff_weekday],
        "stale_weeks": STALE_AFTER_WEEKS,
        "parts": EXAMPLE,
        "example": _example(),
    }
    return render(request, "numbers.html", context)


def _example() -> Figure | None:
    """The figure of the worked example, by the product's own arithmetic."""
    known = [(weight, percent) for _name, weight, percent in EXAMPLE if percent is not None]
    return figure_of(
        Sums(
            items=len(EXAMPLE),
            weight=sum(weight for _name, weight, _percent in EXAMPLE),
            known_weight=sum(weight for weight, _percent in known),
            earned=sum(weight * percent for weight, percent in known),
        )
    )
