"""Every address that shows a page, with somebody who may open it, in a running installation.

Which addresses there are, and who gets a page there, stands in `tests/matrix/table.py`: an address that is
added there is walked, too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from tests.journeys.conftest import Site
from tests.matrix.table import OWN, TABLE
from tests.repository.addresses import addresses

UNIT, REGION = "region-420000", "420000"
NO_PAGES = {
    "healthz": "for a machine",
    "measure_locate": "a part of the page of a measure",
    "week_workbook_check": "there once a workbook is uploaded; see test_week_workbook.py",
    "plan_import_progress": "a part of the page of an import",
}
# Who walks, in this order; each opens what nobody before could.
WALKERS = ("supervisor", "reporter", "audit_admin")
HERE = f"lead__code='{UNIT}'"
# What stands in an address, by the kind of object that tests/matrix/table.py says it is about.
ACCEPTED = f"ProgressReport.objects.filter(item__{HERE}, status='accepted').order_by('pk')[0]"
VALUE = "IndicatorValue.objects.order_by('pk')[0]"
FIRST = {
    "key_task": "dict(number=KeyTask.objects.order_by('number')[0].number)",
    "region": f"dict(code='{REGION}')",
    "item": f"dict(code={ACCEPTED}.item.code)",
    "unreported": f"dict(code=ProgressReport.objects.filter(item__{HERE}).order_by('-week')[0].item.code)",
    "report": "dict(pk=ProgressReport.objects.filter(status='submitted').order_by('pk')[0].pk)",
    "measure": "dict(code=Measure.objects.filter(key_task__number=1).order_by('pk')[0].code)",
    "unit": f"dict(code='{UNIT}')",
    "slip": "dict(pk=Slip.objects.order_by('pk')[0].pk)",
    "case": "dict(pk=ProblemCase.objects.order_by('pk')[0].pk)",
    "signal": "dict(pk=EarlySignal.objects.order_by('pk')[0].pk)",
    "signal_rule": "dict(code='stuck')",
    "import": "dict(pk=PlanImport.objects.order_by('pk')[0].pk)",
    "indicator": f"dict(pk={VALUE}.indicator_id)",
    "value": f"dict(pk={VALUE}.indicator_id, value={VALUE}.pk)",
    "weekly": "dict(pk=Issue.objects.order_by('pk')[0].report_id, format='docx')",
    "weekly_draft": "dict(pk=WeeklyReport.objects.filter(is_open=True).order_by('pk')[0].pk, key='filing')",
    "place": "{}",
    "subject": "{}",
}


@dataclass(frozen=True)
class Stop:
    """An address to look at: its name in the URLconf, and its path."""

    name: str
    path: str


def stops_of(site: Site) -> Mapping[str, list[Stop]]:
    """By walker, the pages that nobody before may open: together all that are a page to one of them."""
    kinds = ", ".join(f"{kind!r}: {expression}" for kind, expression in FIRST.items())
    found: dict[str, Any] = site.ask(f"{{{kinds}}}")
    stops: dict[str, list[Stop]] = {walker: [] for walker in WALKERS}
    for address in addresses():
        line = TABLE[address.name]
        walker = next((w for w in WALKERS if line.get.get((w, OWN)) == "page"), None)
        if walker and ":" not in address.name and address.name not in NO_PAGES:
            kwargs = {name: found[line.about][name] for name in address.parameters}
            stops[walker].append(Stop(address.name, reverse(address.name, kwargs=kwargs)))
    return stops


def walkers(site: Site) -> Iterator[tuple[str, str, list[Stop]]]:
    """(role, account, stops) of everybody who walks."""
    for role, stops in stops_of(site).items():
        unit = {"actor": UNIT} if role == "reporter" else {}
        yield role, site.user(role, **unit), stops
