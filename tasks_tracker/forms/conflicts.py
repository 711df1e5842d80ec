"""Two people wrote the same report: what differs, field by field, and what is chosen."""

import re
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tasks_tracker.forms.progress import ReportEntry, problem_values, written_percent
from tasks_tracker.models import Problem, ProgressReport

CHOICES = ("percent", "progress_note", "problems", "next_steps")


@dataclass(frozen=True)
class Difference:
    """One field of a report that two people wrote: as typed here, and as somebody else saved it."""

    name: str
    label: str
    mine: str
    theirs: str

    @property
    def is_same(self) -> bool:
        """Both wrote the same."""
        return self.mine == self.theirs


def differences(entry: ReportEntry, theirs: ProgressReport) -> list[Difference]:
    """Field by field what was typed beside what was saved meanwhile. `theirs` with its problems."""
    fields = entry.form.fields
    typed = {name: str(entry.form[name].value() or "").replace("\r\n", "\n").strip() for name in fields}
    percent = [typed["percent"], written_percent(theirs.percent)]
    reasons = [typed["decrease_reason"], theirs.decrease_reason]
    percent = [" · ".join(filter(None, pair)) for pair in zip(percent, reasons, strict=True)]
    problems = [_problem_in_words(form.data_typed) for form in entry.problems.forms if form.data_typed]
    saved = [_problem_in_words(problem_values(problem)) for problem in theirs.problems.all()]
    return [
        Difference("percent", str(fields["percent"].label), percent[0], percent[1]),
        Difference(
            "progress_note", str(fields["progress_note"].label), typed["progress_note"], theirs.progress_note
        ),
        Difference("problems", str(_("Problems")), "\n".join(problems), "\n".join(saved)),
        Difference("next_steps", str(fields["next_steps"].label), typed["next_steps"], theirs.next_steps),
    ]


def _problem_in_words(values: dict[str, str]) -> str:
    kind = str(dict(Problem.Kind.choices).get(values["kind"], ""))
    asked = values.get("needed_from_label") or ""
    return " · ".join(filter(None, (kind, values["description"], values["needed"], asked)))


def with_choices(data: QueryDict, theirs: ProgressReport | None) -> QueryDict:
    """What was typed, and theirs in every field where that was chosen (`take_…`, or `take_all`)."""
    everything = data.get("take_all", "")
    chosen = {name for name in CHOICES if (everything or data.get(f"take_{name}")) == "theirs"}
    if theirs is None or not chosen:
        return data
    merged = data.copy()
    if "percent" in chosen:
        merged["percent"], merged["decrease_reason"] = written_percent(theirs.percent), theirs.decrease_reason
    for name in chosen & {"progress_note", "next_steps"}:
        merged[name] = getattr(theirs, name)
    if "problems" in chosen:
        for name in [name for name in merged if re.match(r"problems-\d", name)]:
            del merged[name]
        for number, problem in enumerate(theirs.problems.all()):
            for name, value in problem_values(problem).items():
                merged[f"problems-{number}-{name}"] = value
    return merged
