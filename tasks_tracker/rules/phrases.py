"""The phrase by which a measure is found again: at most 20 characters that stand in its paragraph."""

from collections.abc import Iterator, Sequence

from tasks_tracker.rules.outline import occurrences

LONGEST = 20
SHORTEST = 4
_STOPS = "。！？!?.．；;，,、：:“”\"'‘’（）() \u3000\t\r\n"
_STEP = 6
LOOKED_AT = 300  # characters of a sentence that never ends


class Phrases:
    """Chooses phrases for one text."""

    def __init__(self, paragraphs: Sequence[str]) -> None:
        self._paragraphs = paragraphs
        self._whole = "\n".join(paragraphs)

    def choose(self, paragraph: int, start: int, end: int) -> str:
        """A phrase of the sentence from `start` to `end`, exactly as it stands there, no blanks around it.

        It is one that stands nowhere else in the text, where there is one; else one that stands in its
        paragraph for the first time there; else the beginning of the sentence. "" for blanks only.
        """
        text = self._paragraphs[paragraph]
        sentence = text[start : min(end, start + LOOKED_AT)]
        candidates = list(_candidates(sentence))
        for phrase in candidates:
            if self._stands_once(phrase) and len(occurrences(phrase, text, 2)) == 1:
                return phrase
        for phrase in candidates:
            if (found := occurrences(phrase, text, 1)) and found[0][0] >= start:
                return phrase
        return candidates[0] if candidates else sentence.strip()[:LONGEST].strip()

    def _stands_once(self, phrase: str) -> bool:
        first = self._whole.find(phrase)
        return first >= 0 and self._whole.find(phrase, first + 1) < 0


def _candidates(sentence: str) -> Iterator[str]:
    """The clauses cut to length, then windows over the whole sentence."""
    clauses, begun = [], ""
    for character in sentence:
        if character in "，,；;：:。！？!?":
            clauses.append(begun)
            begun = ""
        else:
            begun += character
    for clause in [*clauses, begun]:
        phrase = clause.strip(_STOPS)[:LONGEST].strip(_STOPS)
        if len(phrase) >= SHORTEST:
            yield phrase
    for place in range(0, max(len(sentence) - LONGEST, 0) + 1, _STEP):
        phrase = sentence[place : place + LONGEST].strip(_STOPS)
        if phrase and "\n" not in phrase:
            yield phrase
