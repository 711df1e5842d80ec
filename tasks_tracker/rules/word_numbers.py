"""The numbers that Word puts before paragraphs by itself: they stand in no text of the file."""

from dataclasses import dataclass, field

from tasks_tracker.rules.numerals import chinese

_CHINESE = {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand"}
_DIGITS = {"decimal", "decimalFullWidth", "decimalZero"}
_CIRCLED = {"decimalEnclosedCircle", "decimalEnclosedCircleChinese"}
_LEVELS = 9


@dataclass
class _Level:
    start: int = 1
    form: str = ""
    text: str = ""


@dataclass
class Numbering:
    """word/numbering.xml while it is parsed, then the count of each list while the document is."""

    abstract: dict[str, dict[str, _Level]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)  # numId → abstractNumId
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _list: str = ""
    _levels: dict[str, _Level] = field(default_factory=dict)
    _level: _Level = field(default_factory=_Level)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        value = attributes.get("val", "")
        if name == "abstractNum":
            self._levels = self.abstract.setdefault(attributes.get("abstractNumId", ""), {})
        elif name == "lvl":
            self._level = self._levels.setdefault(attributes.get("ilvl", ""), _Level())
        elif name == "num":
            self._list, self._levels = attributes.get("numId", ""), {}
        elif name == "abstractNumId":
            self.lists[self._list] = value
        elif name == "start":
            self._level.start = _number(value, 1)
        elif name == "numFmt":
            self._level.form = value
        elif name == "lvlText":
            self._level.text = value

    def end(self, name: str) -> None:
        """An element ends."""

    def characters(self, text: str) -> None:
        """Text between elements says nothing here."""

    def next_number(self, list_id: str, level: str) -> str:
        """The number of the next paragraph of that list and level; "" where it has none that is a number."""
        abstract = self.lists.get(list_id, "")
        levels = self.abstract.get(abstract, {})
        depth = _number(level, 0)
        if not 0 <= depth < _LEVELS or str(depth) not in levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        counts[depth] = counts.get(depth, levels[str(depth)].start - 1) + 1
        for deeper in [other for other in counts if other > depth]:
            del counts[deeper]
        text = levels[str(depth)].text
        for position in range(_LEVELS):
            own = levels.get(str(position), _Level())
            if f"%{position + 1}" not in text:
                continue
            if (written := _written(counts.get(position, own.start), own.form)) == "":
                return ""
            text = text.replace(f"%{position + 1}", written)
        return text if text != levels[str(depth)].text else ""


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else otherwise


def _written(number: int, form: str) -> str:
    if form in _CHINESE:
        return chinese(number)
    if form in _DIGITS:
        return str(number)
    return chr(0x2460 + number - 1) if form in _CIRCLED and 1 <= number <= 20 else ""
