"""What differs between two papers, as a revision shows it."""

from difflib import SequenceMatcher

from tasks_tracker.reports.paper import Line, Paper, Part

Difference = dict[str, str]  # section; what: the caption of a table or picture, "" for text; before; now


def differences(before: Paper, now: Paper) -> list[Difference]:
    """Paragraphs that were changed, added or left out, and tables and pictures that say something else."""
    old = {part.key: part for part in (*before.parts, *before.annexes)}
    new = {part.key: part for part in (*now.parts, *now.annexes)}
    found: list[Difference] = []
    for key in dict.fromkeys((*old, *new)):
        was, becomes = old.get(key), new.get(key)
        title = becomes.title if becomes else was.title if was else ""
        found += [{"section": title} | each for each in _texts(was, becomes) + _others(was, becomes)]
    return found


def _texts(was: Part | None, becomes: Part | None) -> list[Difference]:
    old, new = _lines(was), _lines(becomes)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [
        {"what": "", "before": "\n".join(old[a:b]), "now": "\n".join(new[c:d])}
        for step, a, b, c, d in steps
        if step != "equal"
    ]


def _lines(part: Part | None) -> list[str]:
    return [block.lead + block.text for block in part.blocks if isinstance(block, Line)] if part else []


def _others(was: Part | None, becomes: Part | None) -> list[Difference]:
    old, new = (
        {block.caption: block for block in part.blocks if not isinstance(block, Line)} if part else {}
        for part in (was, becomes)
    )
    captions = [caption for caption in dict.fromkeys((*old, *new)) if old.get(caption) != new.get(caption)]
    return [{"what": caption, "before": "", "now": ""} for caption in captions]
