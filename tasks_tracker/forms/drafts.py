"""The forms of a draft of an outline: the document it is made from, and its lines."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks_tracker.actions.drafts import DraftRefused, Fault
from tasks_tracker.models import DraftLine, Measure
from tasks_tracker.queries.drafts import OpenDraft

REFUSALS: dict[str, Promise] = {
    "nothing_found": gettext_lazy(
        "No outline was found in it: numbered points such as 1. or (1) at the beginning of paragraphs."
    ),
    "already_open": gettext_lazy("There is an open draft already. Adopt it or discard it first."),
    "closed": gettext_lazy(
        "Somebody else has adopted or discarded this draft meanwhile. Nothing was written."
    ),
    "stale": gettext_lazy(
        "Somebody else has corrected this draft meanwhile. Nothing of yours was written; it is still below."
    ),
    "nothing_kept": gettext_lazy("No line is kept. Keep some, or discard the draft."),
    "faults": gettext_lazy("Nothing was adopted. Correct the lines that are marked, then adopt again."),
    "taken": gettext_lazy("Somebody else has just taken one of these numbers. Nothing was adopted."),
    "no_file": gettext_lazy("Choose a file."),
    "empty": gettext_lazy("The file was not read: it is empty."),
    "too_large": gettext_lazy("The file was not read: it is larger than 5 MB."),
    "binary": gettext_lazy("The file was not read: it is neither a text file nor a Word document (.docx)."),
    "unknown_encoding": gettext_lazy("The file was not read: it is neither UTF-8 nor GB18030 text."),
    "old_word": gettext_lazy("The file was not read: save it in Word as .docx first."),
    "encrypted": gettext_lazy("The file was not read: it takes a password. Save it without one first."),
    "macros": gettext_lazy("The file was not read: it contains macros. Save it as .docx without them first."),
    "damaged": gettext_lazy("The file was not read: it is damaged or not whole."),
    "bomb": gettext_lazy("The file was not read: what is packed in it is too large."),
}
FAULTS: dict[str, Promise] = {
    "title_missing": gettext_lazy("the title is missing"),
    "short_missing": gettext_lazy("the short title is missing"),
    "code_missing": gettext_lazy("the number is missing"),
    "bad_code": gettext_lazy("a code has letters, digits, full stops, hyphens and underscores only"),
    "bad_number": gettext_lazy("a key task has a whole number from 1 to 999"),
    "code_taken": gettext_lazy("this number is taken"),
    "place_missing": gettext_lazy("say under which key task it stands, or in which supporting area"),
    "place_dropped": gettext_lazy("its key task is dropped or is none"),
}


def draft_refusal(refused: DraftRefused) -> str:
    """The refusal in words."""
    return str(REFUSALS[refused.code])


class LineForm(forms.Form):
    """One line. It may be incomplete: what is missing is said when it is adopted."""

    use_required_attribute = False
    kept = forms.BooleanField(required=False)
    level = forms.ChoiceField(choices=())
    code = forms.CharField(max_length=12, required=False)
    title = forms.CharField(max_length=40, required=False)
    short = forms.CharField(max_length=10, required=False)
    place = forms.ChoiceField(choices=(), required=False)
    lead = forms.CharField(max_length=40, required=False)

    def __init__(self, *args: Any, line: DraftLine, draft: OpenDraft, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "kept": line.kept,
            "level": "key_task" if line.is_key_task else "measure",
            "code": line.code,
            "title": line.title,
            "short": line.short,
            "place": _place(line),
            "lead": line.suggested_lead.code if line.suggested_lead else "",
        }
        super().__init__(*args, prefix=f"l{line.pk}", label_suffix="", **kwargs)
        self.line = line
        self.draft = draft
        self.faults: list[str] = []
        level, place = self.fields["level"], self.fields["place"]
        level.choices = [("key_task", _("Key task")), ("measure", _("Measure"))]  # type: ignore[attr-defined]
        place.choices = places_of(draft, line)  # type: ignore[attr-defined]
        self._name_fields()

    def _name_fields(self) -> None:
        """Each control says for a screen reader what it is and of which line."""
        words = {
            "kept": _("Keep"),
            "level": _("Level"),
            "code": _("Number"),
            "title": _("Title"),
            "short": _("Short title"),
            "place": _("Stands under"),
            "lead": _("Suggested lead"),
        }
        for name, label in words.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs["aria-label"] = f"{label}: {self.line.position + 1}"
        self.fields["lead"].widget.attrs["list"] = "leads"

    def clean_lead(self) -> Any:
        """A unit that reports, by its code."""
        code = self.cleaned_data["lead"]
        if not code:
            return None
        lead = next((unit for unit in self.draft.leads if unit.code == code), None)
        if lead is None and (old := self.line.suggested_lead) and old.code == code:
            lead = old
        if lead is None:
            raise forms.ValidationError(_("There is no such unit."))
        return lead

    @property
    def values(self) -> dict[str, Any]:
        """For the action."""
        cleaned = self.cleaned_data
        is_key_task = cleaned["level"] == "key_task"
        kind, _dash, key = cleaned["place"].partition("-")
        return {
            "kept": cleaned["kept"],
            "is_key_task": is_key_task,
            "code": cleaned["code"],
            "title": cleaned["title"],
            "short": cleaned["short"],
            "parent": int(key) if kind == "line" and not is_key_task else None,
            "under": int(key) if kind == "task" and not is_key_task else None,
            "area": key if kind == "area" and not is_key_task else "",
            "suggested_lead": cleaned["lead"],
        }

    def say(self, faults: list[Fault]) -> None:
        """What keeps this line from being adopted."""
        self.faults = [str(FAULTS[fault.code]) for fault in faults if fault.line.pk == self.line.pk]


def _place(line: DraftLine) -> str:
    if line.parent_id:
        return f"line-{line.parent_id}"
    if line.under_id:
        return f"task-{line.under_id}"
    return f"area-{line.area}" if line.area else ""


def places_of(draft: OpenDraft, line: DraftLine) -> list[tuple[str, str]]:
    """Where a measure may stand: key tasks of the draft and of the plan, supporting areas."""
    places = [("", "—")]
    places += [(f"line-{one.pk}", str(one)) for one in draft.lines if one.is_key_task and one.pk != line.pk]
    places += [(f"task-{task.pk}", _("in the plan: %(task)s") % {"task": task}) for task in draft.key_tasks]
    places += [(f"area-{area.value}", str(area.label)) for area in Measure.SupportingArea]
    known = {value for value, _label in places}
    if (own := _place(line)) not in known:  # its key task was made a measure, or is retired
        places.append((own, _("no longer a key task")))
    return places


def line_forms(draft: OpenDraft, data: Any = None) -> list[LineForm]:
    """A form per line."""
    return [LineForm(data, line=line, draft=draft) for line in draft.lines]
