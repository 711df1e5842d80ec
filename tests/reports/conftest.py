"""The papers that several tests look at, written and printed once."""

import pytest
from django.utils import translation

from tasks_tracker.reports.paper import Heading, Paper, Part, Table
from tasks_tracker.reports.writers import FORMATS, write
from tests.factories.papers import make_line_paper, make_paper
from tests.reports.printed import Written, print_word

CHARACTERS = "全面推进新型工业化是一项长期任务必须久久为功"


def _rows() -> Paper:
    """Sixty rows of up to ten lines; each says where it begins and where it ends."""
    rows = tuple(
        (str(number), f"始{number:03}" + "字" * (40 + number * 3) + f"终{number:03}") for number in range(60)
    )
    table = Table("表1", (Heading("序", 1, is_number=True), Heading("措施", 6)), rows)
    paper = make_line_paper("正文。")
    return Paper(**{**vars(paper), "parts": (Part("rows", "一、事项", (table,)),)})


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Written]:
    """`national`: a whole report; `text`: nothing but one long paragraph; `rows`: a long table."""
    papers = {
        "national": make_paper(),
        "text": make_line_paper((CHARACTERS * 150)[:3000]),
        "rows": _rows(),
    }
    with translation.override("en"):  # whatever the language of the moment, a paper has its own
        files = {name: {form: write(paper, form) for form in FORMATS} for name, paper in papers.items()}
    printed = print_word({name: its["docx"] for name, its in files.items()}, tmp_path_factory.mktemp("print"))
    return {name: Written(paper, files[name], printed[name]) for name, paper in papers.items()}
