"""Key tasks and measures proposed from the outline of a document; people correct them before they count.

Pure functions over paragraphs. The words by which the parts of a document are known stand in
`drafting_words.json`. Whatever the text, nothing is raised: a text without an outline gives no proposals.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tasks_tracker.rules.numerals import WORDS
from tasks_tracker.rules.outline_marks import Entry, Node, read_outline
from tasks_tracker.rules.passages import sentence_spans
from tasks_tracker.rules.phrases import Phrases

LONGEST_TITLE = 40
LONGEST_SHORT = 10
SHORTEST_SENTENCE = 6
MOST_PROPOSALS = 300
_NESTED = 3  # so many numbered points under one of several parts: these are the key tasks
_STOPS = "。！？!?.．；;，,、：: \u3000\t"
_CLAUSE_END = re.compile(r"[，,；;：:。]")
_BRACKETED = re.compile(r"[（(][^（）()]*[）)]")
_AREAS: dict[str, list[str]] = WORDS["areas"]


@dataclass(frozen=True)
class Proposal:
    """A key task, or a measure under the key task `parent` (place in the list) or in a supporting `area`.

    `kept` is False for a sentence that seems to explain rather than to demand.
    """

    title: str
    paragraph: int
    phrase: str
    short: str = ""
    parent: int | None = None
    area: str = ""
    kept: bool = True

    @property
    def is_key_task(self) -> bool:
        """It stands under nothing."""
        return self.parent is None and not self.area


@dataclass(frozen=True)
class _Said:
    """A sentence of the document: its words without the number before it, and where it stands."""

    text: str
    paragraph: int
    start: int
    end: int


def propose(paragraphs: Sequence[str]) -> list[Proposal]:
    """Key tasks, each followed by its measures, then the supporting measures; at most MOST_PROPOSALS."""
    tasks, supporting = _parts(read_outline(paragraphs))
    phrases = Phrases(paragraphs)
    made: list[Proposal] = []
    for task in tasks:
        sentences = list(islice(_sentences(task.entry, paragraphs), MOST_PROPOSALS))
        if not sentences or len(made) > MOST_PROPOSALS:
            continue
        head, *rest = sentences
        place = len(made)
        made.append(_proposal(head, phrases, short=short_title(head.text)))
        measures = [s for child in task.children for s in [_head(child, paragraphs)] if s]
        for said in measures or [s for s in rest if _may_be_measure(s)] or [head]:
            made.append(
                _proposal(said, phrases, parent=place, kept=bool(measures) or not _explains(said.text))
            )
    for part in supporting if len(made) < MOST_PROPOSALS else ():
        made += _supporting(part, paragraphs, phrases)
    return made[:MOST_PROPOSALS]


def propose_sentence(paragraphs: Sequence[str], paragraph: int, sentence: int) -> Proposal | None:
    """A measure made of one sentence, both counted from 1; None where there is no such sentence."""
    if not 1 <= paragraph <= len(paragraphs):
        return None
    text = paragraphs[paragraph - 1]
    spans = sentence_spans(text)
    if not 1 <= sentence <= len(spans):
        return None
    start, end = spans[sentence - 1]
    said = _Said(text[start:end].strip(_STOPS), paragraph - 1, start, end)
    return _proposal(said, Phrases(paragraphs), area=_area(text)) if said.text else None


def _proposal(said: _Said, phrases: Phrases, **more: object) -> Proposal:
    return Proposal(
        title=shortened(said.text),
        paragraph=said.paragraph + 1,
        phrase=phrases.choose(said.paragraph, said.start, said.end),
        **more,  # type: ignore[arg-type]
    )


# --- which parts of the document are what -------------------------------------------------------------------
def _parts(nodes: list[Node]) -> tuple[list[Node], list[Node]]:
    """The key tasks and the supporting parts among the nodes of one level, or below it."""
    supporting = [node for node in nodes if _is(node, "supporting")]
    rest = [node for node in nodes if node not in supporting and not _is(node, "preamble")]
    rest = rest or [node for node in nodes if node not in supporting]
    if named := [node for node in rest if _is(node, "tasks") and node.children]:
        after = rest[rest.index(named[-1]) + 1 :]
        beside = [node for node in nodes if node in supporting or (node in after and not node.children)]
        return _below([node for node in rest if node in named or (node in after and node.children)], beside)
    if len(rest) == 1 and len(rest[0].children) > 1:
        return _below(rest, supporting)
    nested = [node for node in rest if node.children]
    if len(rest) > 1 and len(nested) == 1 and len(nested[0].children) >= _NESTED:
        after = rest[rest.index(nested[0]) + 1 :]
        return _below(nested, [node for node in nodes if node in supporting or node in after])
    return rest, supporting


def _below(parts: list[Node], supporting: list[Node]) -> tuple[list[Node], list[Node]]:
    tasks: list[Node] = []
    for part in parts:
        own, beside = _parts(part.children)
        tasks, supporting = tasks + own, supporting + beside
    return tasks, supporting


def _is(node: Node, kind: str) -> bool:
    return any(word in node.title for word in WORDS[kind])


# --- sentences ----------------------------------------------------------------------------------------------
def _sentences(entry: Entry, paragraphs: Sequence[str]) -> Iterator[_Said]:
    """The sentences of an entry: behind its number, then in the paragraphs that follow it."""
    for number, start, end in entry.spans:
        text = paragraphs[number][start:end]
        for first, last in sentence_spans(text):
            words = text[first:last].strip(_STOPS)
            if words and not _BRACKETED.fullmatch(words):
                yield _Said(words, number, start + first, start + last)


def _head(node: Node, paragraphs: Sequence[str]) -> _Said | None:
    return next(_sentences(node.entry, paragraphs), None)


def _may_be_measure(said: _Said) -> bool:
    return len(said.text) >= SHORTEST_SENTENCE


def _explains(sentence: str) -> bool:
    """“X is the basis of Y”: one clause with the word for “is” in it."""
    return WORDS["is"] in sentence and not _CLAUSE_END.search(sentence)


def _supporting(part: Node, paragraphs: Sequence[str], phrases: Phrases) -> list[Proposal]:
    """A measure per numbered point, else per sentence of each paragraph below its head."""
    if part.children:
        heads = [(head, head.text) for child in part.children if (head := _head(child, paragraphs))]
        return [_proposal(said, phrases, area=_area(words)) for said, words in heads]
    made = []
    groups = [group for _number, group in _by_paragraph(part, paragraphs)]
    for group in groups:
        head, *rest = group if len(groups) > 1 else [group[0], *group]
        area = _area(head.text)
        chosen = [said for said in rest if _may_be_measure(said)] or [head]
        made += [_proposal(said, phrases, area=area, kept=not _explains(said.text)) for said in chosen]
    return made


def _by_paragraph(part: Node, paragraphs: Sequence[str]) -> Iterator[tuple[int, list[_Said]]]:
    grouped: dict[int, list[_Said]] = {}
    for said in islice(_sentences(part.entry, paragraphs), MOST_PROPOSALS):
        grouped.setdefault(said.paragraph, []).append(said)
    below = {number: group for number, group in grouped.items() if number != part.entry.paragraph}
    for number, group in (below or grouped).items():
        if below and len(group) == 1 and not paragraphs[number].rstrip().endswith(tuple(_STOPS[:5])):
            continue  # a signature or a source
        yield number, group


def _area(words: str) -> str:
    """The supporting area whose words the text has most of; coordination where it has none."""
    counts = {area: sum(words.count(word) for word in known) for area, known in _AREAS.items()}
    best = max(counts, key=lambda area: counts[area])
    return best if counts[best] else "coordination"


# --- titles -------------------------------------------------------------------------------------------------
def shortened(sentence: str, longest: int = LONGEST_TITLE) -> str:
    """As many whole clauses of the sentence as fit, without brackets at its end; else cut off with “…”."""
    words = " ".join(sentence.split()).strip(_STOPS)
    while (match := re.search(r"[（(][^（）()]*[）)]$", words)) and match.start():
        words = words[: match.start()].strip(_STOPS)
    if len(words) <= longest:
        return words
    ends = [match.start() for match in _CLAUSE_END.finditer(words) if match.start() <= longest]
    kept = words[: ends[-1]].strip(_STOPS) if ends else ""
    return kept or words[: longest - 1] + "…"


def short_title(sentence: str) -> str:
    """At most ten characters of the first clause, without the adverbs that every title begins with."""
    words = shortened(_CLAUSE_END.split(sentence.strip(_STOPS))[0])
    while word := next((w for w in WORDS["leading"] if words.startswith(w) and len(words) > len(w)), ""):
        words = words.removeprefix(word)
    return words[:LONGEST_SHORT]
