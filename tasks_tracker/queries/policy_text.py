"""The policy text with the light of every measure in it, in a week and as far as the user sees.

Rules: docs/numbers.md, "The light of a set" and "Coverage of the policy text". Figures are those of the
dashboards: cells rolled up by `queries.remembered`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import F, Q

from tasks_tracker.models import KeyTask, Light, Measure, OutlineDraft, Paragraph, PolicyText, User
from tasks_tracker.queries.figures import Outline, Slice, outline_of
from tasks_tracker.queries.remembered import week_figures
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.lights import light_of_set
from tasks_tracker.rules.outline import Locator, locate, occurrences
from tasks_tracker.rules.passages import (
    Coverage,
    Mark,
    Sentence,
    coverage,
    is_heading,
    part_of,
    sentences,
)

LONGEST_NUMBER = 8  # characters before a title, such as its number
# Beside the lights: a measure without work items, one of which nothing is known, and no measure at all.
NO_ITEMS, NOT_REPORTED, NO_MEASURE = "empty", "unknown", "open"


@dataclass(frozen=True)
class MeasureMark:
    """A measure as the text shows it.

    `light` is a Light, NO_ITEMS or NOT_REPORTED; `times`: how often its phrase stands in its paragraph, 0
    where it was not found; `moved`: in another paragraph than it says.
    """

    measure: Measure
    slice: Slice
    light: str
    times: int = 0
    moved: bool = False


@dataclass(frozen=True)
class TaskLine:
    """A key task with its light, and its measures in their order."""

    key_task: KeyTask
    slice: Slice
    light: str
    marks: list[MeasureMark]


@dataclass(frozen=True)
class ShownPiece:
    """A part of a sentence and the measures that it stands for, as far as the user sees them."""

    text: str
    marks: list[MeasureMark]


@dataclass(frozen=True)
class ShownSentence:
    """`kind`: marked, elsewhere (covered by what the user does not see), open (by nothing), title, or plain.

    `task` is the key task whose title it is, where the user sees it; `off`: the filter leaves it out.
    """

    number: int
    kind: str
    pieces: list[ShownPiece]
    marks: list[MeasureMark]
    task: TaskLine | None = None
    off: bool = False

    @property
    def lights(self) -> set[str]:
        """What a filter finds it by."""
        return {NO_MEASURE} if self.kind == "open" else {mark.light for mark in self.marks}


@dataclass(frozen=True)
class ShownParagraph:
    """A paragraph of the text. `part`: tasks, supporting or "" for what stands around them; `under` is the
    key task whose title came last before it."""

    number: int
    heading: bool
    part: str
    sentences: list[ShownSentence]
    under: KeyTask | None = None
    off: bool = False

    @property
    def has_marks(self) -> bool:
        """A measure that the user sees stands in it."""
        return any(sentence.marks for sentence in self.sentences)

    @property
    def has_title(self) -> bool:
        """The title of a key task stands in it."""
        return any(sentence.task for sentence in self.sentences)


@dataclass(frozen=True)
class Wanted:
    """What is looked for: lights and the like; the number of a key task, 0 for supporting measures."""

    lights: frozenset[str] = frozenset()
    key_task: int | None = None

    def __bool__(self) -> bool:
        return bool(self.lights) or self.key_task is not None


@dataclass(frozen=True)
class PolicyPage:
    """`text` is None where none is loaded; `lost` were not found in it; `elsewhere` stand in another text."""

    shown: ShownWeek
    text: PolicyText | None
    texts: list[PolicyText]
    tasks: list[TaskLine]
    supporting: list[MeasureMark]
    paragraphs: list[ShownParagraph] = field(default_factory=list)
    lost: list[MeasureMark] = field(default_factory=list)
    elsewhere: list[MeasureMark] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
    supporting_coverage: Coverage = field(default_factory=Coverage)

    @property
    def marks(self) -> list[MeasureMark]:
        """Every measure that the user sees."""
        return [mark for task in self.tasks for mark in task.marks] + self.supporting

    def count(self, light: str) -> int:
        """How many measures bear the light."""
        return sum(1 for mark in self.marks if mark.light == light)


def policy_page(
    shown: ShownWeek, user: User, wanted: Wanted, *, text: int | None = None, with_drafts: bool = False
) -> PolicyPage:
    """The text that `text` names, where it may be read; else the current one. At most six queries.

    `with_drafts`: the document of the open draft may be read too.
    """
    outline = outline_of(shown.plan, shown.week)
    whole = week_figures(shown.rollup, user.scope, outline).whole
    only = user.scope.key_tasks
    seen = {
        m.code: MeasureMark(m, part := whole.by_measure.get(m.pk, Slice()), _light(part, shown))
        for m in outline.measures
        if (not only or m.key_task_id in only) and (not m.retired_on or m.pk in whole.by_measure)
    }
    tasks = [
        TaskLine(
            task,
            part := whole.by_task[task.pk],
            _light(part, shown),
            [seen[m.code] for m in outline.under(task) if m.code in seen],
        )
        for task in outline.in_use(whole)
        if not only or task.pk in only
    ]
    supporting = [seen[m.code] for m in outline.supporting if m.code in seen]
    texts = readable_texts(shown, with_drafts)
    chosen = next((t for t in texts if t.pk == text), None) or next((t for t in texts if t.is_current), None)
    page = PolicyPage(shown, chosen, texts, tasks, supporting)
    return _with_text(page, chosen, outline, wanted) if chosen else page


def _light(part: Slice, shown: ShownWeek) -> str:
    tally, limits = part.tally, shown.rollup.point.limits
    if not tally.items:
        return Light.SUSPENDED if tally.suspended_items else NO_ITEMS
    counted = {code: n for code, n in tally.lights.items() if code != Light.SUSPENDED}
    return light_of_set(counted, part.variance, limits or shown.plan.limits) or NOT_REPORTED


def readable_texts(shown: ShownWeek, with_drafts: bool) -> list[PolicyText]:
    """The current text first, those beside it, and the document of the open draft. One query."""
    readable = Q(is_current=True) | Q(is_beside=True)
    if with_drafts:
        readable |= Q(drafts__state=OutlineDraft.State.OPEN)
    texts = PolicyText.objects.filter(readable, policy=shown.plan.policy_id).distinct()
    return list(texts.order_by(F("is_current").desc(), "pk"))


def _with_text(page: PolicyPage, text: PolicyText, outline: Outline, wanted: Wanted) -> PolicyPage:
    texts = list(Paragraph.objects.filter(policy_text=text).order_by("number").values_list("text", flat=True))
    beside = {each.pk for each in page.texts if each.is_beside}
    here = [m for m in outline.measures if _stands_in(m, text, beside)]
    reading = _Reading(page, texts, here, outline.key_tasks, wanted)
    codes, seen = {m.code for m in here}, reading.seen.items()

    def now(mark: MeasureMark) -> MeasureMark:
        return reading.seen[mark.measure.code]

    return replace(
        page,
        tasks=[replace(task, marks=[now(mark) for mark in task.marks]) for task in page.tasks],
        supporting=[now(mark) for mark in page.supporting],
        paragraphs=list(reading.paragraphs()),
        lost=[m for code, m in seen if code in codes and not m.times and not m.measure.retired_on],
        elsewhere=[m for code, m in seen if code not in codes],
        coverage=reading.coverage_of("tasks"),
        supporting_coverage=reading.coverage_of("supporting"),
    )


def _stands_in(measure: Measure, text: PolicyText, beside: set[int]) -> bool:
    if measure.drafted_from_id == text.pk:
        return True
    return text.is_current and measure.drafted_from_id not in beside


class _Reading:
    """One text with its measures located in it."""

    def __init__(
        self,
        page: PolicyPage,
        texts: Sequence[str],
        measures: Sequence[Measure],
        key_tasks: Sequence[KeyTask],
        wanted: Wanted,
    ) -> None:
        self._texts = texts
        self._wanted = wanted
        self._marks: dict[int, list[Mark]] = {}
        self.seen = {mark.measure.code: mark for mark in page.marks}
        self._lines = {line.key_task.pk: line for line in page.tasks}
        self._numbers = {task.pk: task.number for task in key_tasks}
        self._tasks_of = {m.code: m.key_task_id for m in measures}
        self._locate(measures)
        self._titles = self._title_places(key_tasks)
        self._parts = self._find_parts()
        self._sentences = {n: sentences(text, self._marks.get(n, ())) for n, text in enumerate(texts, 1)}

    def _locate(self, measures: Sequence[Measure]) -> None:
        locators = [Locator(m.code, m.paragraph, m.phrase) for m in measures if not m.retired_on]
        for place in locate(locators, self._texts).located:
            code = place.locator.code
            found = occurrences(place.locator.phrase, self._texts[place.paragraph - 1])
            self._marks.setdefault(place.paragraph, []).append(Mark(code, *found[0]))
            if code in self.seen:
                self.seen[code] = replace(self.seen[code], times=len(found), moved=place.moved)

    def _title_places(self, tasks: Sequence[KeyTask]) -> dict[tuple[int, int], KeyTask]:
        """(paragraph, place in it) → the key task whose title begins that paragraph, number aside."""
        first = {self._tasks_of[m.code]: n for n in sorted(self._marks, reverse=True) for m in self._marks[n]}
        locators = [Locator(str(n), first.get(task.pk, 0), task.title) for n, task in enumerate(tasks)]
        found = {}
        for place in locate(locators, self._texts).located:
            start = occurrences(place.locator.phrase, self._texts[place.paragraph - 1])[0][0]
            if start <= LONGEST_NUMBER:
                found[place.paragraph, start] = tasks[int(place.locator.code)]
        return found

    def _find_parts(self) -> dict[str, range]:
        """From the first to the last paragraph of the key tasks, and of the supporting measures."""
        numbers: dict[str, list[int]] = {"tasks": [], "supporting": []}
        for number, marks in self._marks.items():
            for mark in marks:
                numbers["tasks" if self._tasks_of[mark.code] else "supporting"].append(number)
        if numbers["tasks"]:
            numbers["tasks"] += [number for number, _start in self._titles]
        return {name: part_of(found) for name, found in numbers.items()}

    def _part(self, number: int) -> str:
        return next((name for name, numbers in self._parts.items() if number in numbers), "")

    def _title(self, number: int, sentence: Sentence) -> KeyTask | None:
        end = sentence.start + len(sentence.text)
        return next(
            (task for (p, at), task in self._titles.items() if p == number and sentence.start <= at < end),
            None,
        )

    def _counted(self, number: int) -> list[Sentence]:
        """The sentences of a paragraph that coverage is about: no headings, no bare titles of key tasks."""
        if is_heading(self._texts[number - 1]):
            return [sentence for sentence in self._sentences[number] if sentence.codes]
        return [s for s in self._sentences[number] if s.codes or not self._title(number, s)]

    def coverage_of(self, part: str) -> Coverage:
        """How much of that part stands for measures, whoever sees them."""
        own = (number for number in self._parts[part] if self._part(number) == part)
        return coverage(sentence for number in own for sentence in self._counted(number))

    def paragraphs(self) -> Iterator[ShownParagraph]:
        """All of them, in their order."""
        last: KeyTask | None = None
        for number, text in enumerate(self._texts, 1):
            part, shown = self._part(number), []
            for sentence in self._sentences[number]:
                title = self._title(number, sentence)
                last = title or last
                shown.append(self._shown(number, sentence, title, part))
            under = last if part == "tasks" else None
            place = under.number if under else 0 if part == "supporting" else None
            kept = [replace(each, off=self._is_off(each, place)) for each in shown]
            off = bool(self._wanted) and all(each.off for each in kept)
            yield ShownParagraph(number, is_heading(text), part, kept, under, off)

    def _shown(self, number: int, sentence: Sentence, title: KeyTask | None, part: str) -> ShownSentence:
        pieces = [ShownPiece(piece.text, self._visible(piece.codes)) for piece in sentence.pieces]
        marks = self._visible(sentence.codes)
        if marks:
            kind = "marked"
        elif sentence.codes:
            kind = "elsewhere"
        elif title:
            kind = "title"
        else:
            kind = "open" if part and sentence in self._counted(number) else "plain"
        line = self._lines.get(title.pk) if title else None
        return ShownSentence(sentence.number, kind, pieces, marks, line)

    def _visible(self, codes: Iterable[str]) -> list[MeasureMark]:
        return [self.seen[code] for code in codes if code in self.seen]

    def _is_off(self, sentence: ShownSentence, place: int | None) -> bool:
        """`place`: the number of the key task around it, 0 among the supporting measures."""
        wanted = self._wanted
        if wanted.lights and not sentence.lights & wanted.lights:
            return True
        if wanted.key_task is None:
            return False
        own: set[int | None] = {
            self._numbers.get(mark.measure.key_task_id or 0, 0) for mark in sentence.marks
        }
        return wanted.key_task not in (own or {place})
