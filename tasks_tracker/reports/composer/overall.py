"""The first section: where the whole stands, the two tables and the pictures."""

from collections.abc import Callable
from fractions import Fraction

from django.utils.translation import gettext as _

from tasks_tracker.models import COUNTED_LIGHTS, KeyTask, Light, Region, ReportScope
from tasks_tracker.queries.dashboard import Compared
from tasks_tracker.queries.weekly_report import Facts, Part
from tasks_tracker.reports.composer import pictures
from tasks_tracker.reports.composer.script import (
    Script,
    counts,
    headline,
    key_for,
    listed,
    more_or_fewer,
    name_of,
    numbered,
)
from tasks_tracker.reports.drafted import Change
from tasks_tracker.reports.paper import Block, Heading, Line, Table
from tasks_tracker.reports.paper import Part as PaperPart
from tasks_tracker.reports.weekly import scope_label
from tasks_tracker.reports.wording import no_data, percent_sign, points, short_day, signed, thousands

SECTION = "overall"
FAR_BEHIND = -450  # in hundredths of a point: the last band of the map
NAMED, FEWEST = 6, 2  # regions that are named; regions that can be compared


def section(script: Script) -> PaperPart:
    """Figures, table 1, the picture of the key tasks, table 2, the map, the curve."""
    facts = script.facts
    blocks: list[Block] = [_progress(script), _lights(script), _filing(script)]
    if facts.supporting.now.tally.items:
        blocks.append(_supporting(script))
    blocks += [_table(facts, facts.parts, *_of_parts(facts)), *_furthest(script)]
    blocks += pictures.tasks(facts)
    blocks += [_table(facts, facts.places, *_of_places(facts)), *_regions(script)]
    blocks += [*pictures.tile_map(facts), *pictures.curve(facts)]
    return PaperPart(SECTION, numbered(1, _("Overall situation")), tuple(blocks))


def _progress(script: Script) -> Line:
    facts = script.facts
    whole = facts.whole
    words = headline(script, "", whole.now, whole.gain, facts.everything)
    tally, unknown = whole.now.tally, script.items(known="unknown")
    words |= {
        "day": short_day(facts.selection.rollup.as_of),
        "subject": _subject(script),
        "items": script.count("items", tally.items),
        "coverage": script.figure("coverage", percent_sign(whole.now.coverage), unknown),
        "range": script.figure("range", _range(whole), script.why(facts.everything)),
    }
    text = _(
        "As of %(day)s: %(subject)s, %(items)s work items. Weighted progress is %(progress)s (%(gain)s "
        "on last week) against %(planned)s planned: %(variance)s. Known is %(coverage)s of the weight; with "
        "what is not reported, progress lies within %(range)s."
    )
    return script.say(SECTION, "progress", text % words)


def _range(whole: Compared) -> str:
    return f"{percent_sign(whole.now.lower)}\N{EN DASH}{percent_sign(whole.now.upper)}"


def _subject(script: Script) -> str:
    """What the report is about, as its first sentence names it."""
    facts = script.facts
    subject = facts.selection.subject
    if facts.selection.scope == ReportScope.NATIONAL:
        url = script.url("key_tasks")
        measures = sum(1 for each in facts.outline.measures if each.key_task_id and not each.retired_on)
        return _("the %(tasks)s key tasks with %(measures)s measures") % {
            "tasks": script.figure("tasks", str(len(facts.parts)), url),
            "measures": script.figure("measures", str(measures), url),
        }
    if isinstance(subject, KeyTask):
        return _("key task %(number)s “%(title)s”") % {"number": subject.number, "title": subject.label}
    return _("the key tasks in %(place)s") % {"place": scope_label(facts.selection)}


def _lights(script: Script) -> Line:
    facts = script.facts
    now, before = facts.whole.now.tally.lights, facts.whole.before.tally.lights
    said = [
        _("%(light)s %(n)s (%(change)s)")
        % {
            "light": light.label,
            "n": script.count(light.value, now[light], light=light.value),
            "change": script.figure(
                f"{light.value}_change",
                more_or_fewer(now[light], before[light] if facts.before else None),
                script.items(light=light.value),
            ),
        }
        for light in COUNTED_LIGHTS
    ]
    text = _("By light, compared with last week: %(counts)s.") % {"counts": listed(said)}
    if now[Light.SUSPENDED]:
        words = {"n": script.count("suspended", now[Light.SUSPENDED], light=Light.SUSPENDED.value)}
        text += _(" Suspended and counted apart: %(n)s.") % words
    return script.say(SECTION, "lights", text)


def _filing(script: Script) -> Line:
    tally = script.facts.whole.now.tally
    words = {
        "due": script.count("due", tally.due, reported="due"),
        "given": script.count("given", tally.due_reported, reported="given"),
        "rate": script.figure("filled_in", percent_sign(tally.filled_in), script.items(reported="due")),
        "missing": script.count("missing", tally.missing, reported="missing"),
        "waiting": script.count("waiting", tally.submitted, filing="submitted"),
    }
    text = _(
        "Reports owed this week: %(due)s; given: %(given)s, a filled-in rate of %(rate)s; not given: "
        "%(missing)s, for which the last reported progress counts. Handed in and not accepted yet: "
        "%(waiting)s, not counted."
    )
    return script.say(SECTION, "filing", text % words)


def _supporting(script: Script) -> Line:
    facts = script.facts
    part = facts.supporting
    own = {"key_task": "supporting"}
    words = headline(script, "supporting", part.now, part.gain, facts.everything | own)
    words |= counts(script, "supporting", part.now, (Light.BEHIND.value, Light.OVERDUE.value), own)
    text = _(
        "Supporting measures stand apart: %(items)s work items, progress %(progress)s, planned %(planned)s; "
        "behind %(behind)s, overdue %(overdue)s."
    )
    return script.say(SECTION, "supporting", text % words)


def _furthest(script: Script) -> list[Line]:
    """The part furthest behind plan, and how many of its items are late."""
    behind = [part for part in script.facts.parts if (part.slice.now.variance or 0) < 0]
    if not behind:
        return []
    part = min(behind, key=lambda part: part.slice.now.variance or 0)
    key, late = key_for(part.of), (Light.BEHIND.value, Light.OVERDUE.value)
    words = counts(script, key, part.slice.now, late, part.filters)
    words |= headline(script, key, part.slice.now, part.slice.gain, part.filters)
    words["name"] = part.of.label
    text = _("Furthest behind is “%(name)s” (%(variance)s): behind %(behind)s, overdue %(overdue)s.")
    return [script.say(SECTION, "furthest", text % words)]


def _regions(script: Script) -> list[Line]:
    """How many regions keep to the plan, and which are far behind it; nothing where units are listed."""
    places = [p for p in script.facts.places if isinstance(p.of, Region) and p.of.reports]
    known = [(v, p) for p in places if (v := p.slice.now.variance) is not None]
    if len(known) < FEWEST:
        return []
    far = sorted(((v, p) for v, p in known if v < FAR_BEHIND), key=lambda pair: pair[0])
    url = script.url("regions")
    words = {
        "n": script.figure("regions", str(len(places)), url),
        "ahead": script.figure("regions_on_plan", str(sum(v >= 0 for v, _part in known)), url),
        "far": script.figure("regions_far_behind", str(len(far)), url),
        "limit": points(FAR_BEHIND),
    }
    text = _(
        "Of %(n)s regions %(ahead)s are on plan or ahead; %(far)s are further behind than %(limit)s points"
    )
    text %= words
    if far:
        named = listed(_region_said(script, part) for _v, part in far[:NAMED])
        text = _("%(statement)s: %(regions)s") % {"statement": text, "regions": named}
    return [script.say(SECTION, "regions", _("%(statement)s.") % {"statement": text})]


def _region_said(script: Script, part: Part) -> str:
    name = f"{key_for(part.of)}_variance_points"
    figure = script.figure(
        name, points(part.slice.now.variance), script.url("region", part.filters["region"])
    )
    return _("%(region)s (%(variance)s)") % {"region": name_of(part.of), "variance": figure}


# --- tables -----------------------------------------------------------------------------------------------
def _of_parts(facts: Facts) -> tuple[str, str]:
    """Caption, and what a row is."""
    if isinstance(facts.selection.subject, KeyTask):
        return _("Table 1: the measures of the key task"), _("Measure")
    return _("Table 1: the key tasks"), _("Key task")


def _of_places(facts: Facts) -> tuple[str, str]:
    if facts.places and isinstance(facts.places[0].of, Region):
        return _("Table 2: the regions"), _("Region")
    return _("Table 2: the units"), _("Unit")


def _table(facts: Facts, parts: list[Part], caption: str, name: str) -> Table:
    rows = [_row(name_of(part.of), part.slice) for part in parts]
    return Table(
        caption=caption,
        columns=(
            Heading(name, 30),
            Heading(_("Items"), 9, is_number=True),
            Heading(_("Progress, %"), 11, is_number=True),
            Heading(_("Planned, %"), 11, is_number=True),
            Heading(_("Variance, points"), 11, is_number=True),
            Heading(_("On last week, points"), 11, is_number=True),
            Heading(str(Light.AT_RISK.label), 9, is_number=True),
            Heading(str(Light.BEHIND.label), 9, is_number=True),
            Heading(str(Light.OVERDUE.label), 9, is_number=True),
        ),
        rows=(*rows, _row(_("Total"), facts.whole)) if rows else (),
        empty=_("There is no work item in this scope in this week."),
        note=_("Progress and planned are weighted averages; the total is not the mean of the rows."),
        has_total=bool(rows),
    )


def _row(name: str, part: Compared) -> tuple[str, ...]:
    now = part.now
    return (
        name,
        thousands(now.tally.items),
        percent_sign(now.progress).removesuffix("%"),
        percent_sign(now.planned).removesuffix("%"),
        points(now.variance),
        points(part.gain),
        thousands(now.tally.at_risk),
        thousands(now.tally.behind),
        thousands(now.tally.overdue),
    )


# --- beside last week -------------------------------------------------------------------------------------
def comparison(facts: Facts) -> tuple[Change, ...]:
    """The headline beside that of the week before."""
    now, before = facts.whole.now, facts.whole.before
    return (
        _share(_("Progress"), before.progress, now.progress, up_is_good=True),
        _share(_("Planned"), before.planned, now.planned),
        _share(_("Variance"), before.variance, now.variance, up_is_good=True, show=points),
        *(_count(facts, light) for light in COUNTED_LIGHTS),
        _share(_("Filled-in rate"), before.tally.filled_in, now.tally.filled_in, up_is_good=True),
    )


def _share(
    label: str,
    before: Fraction | None,
    now: Fraction | None,
    *,
    up_is_good: bool | None = None,
    show: Callable[[Fraction | None], str] = percent_sign,
) -> Change:
    change = None if before is None or now is None else now - before
    return Change(label, show(before), show(now), points(change), _tone(change, up_is_good))


def _count(facts: Facts, light: Light) -> Change:
    now, before = (part.tally.lights[light] for part in (facts.whole.now, facts.whole.before))
    if facts.before is None:
        return Change(str(light.label), no_data(), thousands(now), no_data())
    better = {Light.DONE: True, Light.ON_TRACK: None, Light.NOT_STARTED: None}.get(light, False)
    tone = _tone(now - before, better)
    return Change(str(light.label), thousands(before), thousands(now), signed(now - before), tone)


def _tone(change: Fraction | int | None, up_is_good: bool | None) -> str:
    if not change or up_is_good is None:
        return "flat"
    return "good" if (change > 0) == up_is_good else "bad"
