"""What every printed form of a paper has in common: which pages lie on their side, what stays together."""

from django.utils.translation import gettext as _

from tasks_tracker.reports.paper import Level, Line, Paper, Part, Table

BROAD = 6  # a table with more columns makes the pages of its annex lie on their side
SMALL = 8  # a table with more columns has smaller letters
SHORT = 10  # a table with no more rows stays on one page
CLOSING = 200  # characters; a last paragraph that is no longer goes to the next page with the ending


def is_broad(annex: Part) -> bool:
    """Whether a table of the annex needs the long side of the paper."""
    return any(isinstance(block, Table) and len(block.columns) > BROAD for block in annex.blocks)


def closing(paper: Paper) -> Line | None:
    """The last paragraph, if it can go with the ending: office and date shall not stand on a page alone."""
    blocks = paper.parts[-1].blocks if paper.parts else ()
    last = blocks[-1] if blocks else None
    is_closing = isinstance(last, Line) and last.level is Level.TEXT and len(last.lead + last.text) <= CLOSING
    return last if isinstance(last, Line) and is_closing else None


def small_print(paper: Paper) -> list[str]:
    """The lines at the end: who signed, unless the facts say so, and the facts."""
    is_named = any(paper.signer in value for _label, value in paper.facts)
    signed = [] if is_named else [paper.signer]
    return signed + [
        _("%(label)s: %(value)s") % {"label": label, "value": value} for label, value in paper.facts
    ]
