"""What the reports say: sentences whose numbers rise with the percent."""

from dataclasses import dataclass
from datetime import date
from random import Random

from tasks_tracker.actions.demo.items import Draft
from tasks_tracker.actions.demo.texts import marked, pick, texts

WHOLE = 10_000
STAGES = 4


@dataclass(frozen=True)
class Trouble:
    """A problem to be stated in a report."""

    kind: str
    description: str
    needed: str


def counted(draft: Draft, percent: int) -> int:
    """How many of the item's pieces are done at `percent`."""
    return draft.total * percent // WHOLE


def progress_note(rng: Random, draft: Draft, percent: int, before: int) -> str:
    """What was done, with the number reached; `before` is the percent of the last accepted report."""
    subject = draft.subject
    more = counted(draft, percent) - counted(draft, before)
    sentence: str = texts()["fallen"] if percent < before else pick(rng, _kind(percent, before, more))
    return marked(
        sentence.format(
            event=_event(rng, percent),
            noun=subject.noun,
            unit=subject.unit,
            now=counted(draft, percent),
            more=more,
            total=draft.total,
            rest=draft.total - counted(draft, percent),
            share=round(percent / 100),
            deliverable=subject.deliverable,
        )
    )


def next_steps(rng: Random, draft: Draft, percent: int, week: date, *, behind: bool) -> str:
    """What comes next; when behind, how the plan is to be caught up with."""
    sentence: str = pick(rng, "catching_up") if behind else pick(rng, "next", _stage(percent))
    month = week.month if week.day < 15 else week.month % 12 + 1
    return sentence.format(noun=draft.subject.noun, month=month)


def trouble(rng: Random) -> Trouble:
    """A difficulty of some kind, and what would help."""
    kinds = list(texts()["problems"])
    kind = kinds[int(rng.random() * len(kinds))]
    description, needed = pick(rng, "problems", kind)
    return Trouble(kind, marked(description), needed)


def _kind(percent: int, before: int, more: int) -> str:
    if percent == WHOLE:
        return "finished"
    if more > 0:
        return "progress"
    return "steady" if percent > before else "standstill"


def _event(rng: Random, percent: int) -> str:
    """Something that happens at this point of the way: early things first."""
    events: list[str] = texts()["stages"][_stage(percent)]
    position = percent * STAGES % WHOLE / WHOLE * len(events)
    return events[int(position + 3 * rng.random()) % len(events)]


def _stage(percent: int) -> int:
    """The quarter of the way in which the percent lies, 0–3."""
    return min(percent * STAGES // WHOLE, STAGES - 1)
