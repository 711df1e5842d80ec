"""The page after GB/T 9704-2012: margins, grid of lines, page numbers; and the styles of the document."""

from typing import Any

from docx.document import Document as Word
from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from tasks_tracker.reports.colours import MASTHEAD
from tasks_tracker.reports.docx.markup import FOLDER, NAMESPACE, Ink

LINE = 579  # twentieths of a point: 28.95 pt, 22 lines in 225 mm
BREADTHS = {False: 8845, True: 12757}  # of the text, upright and broad: 156 and 225 mm
LONG, SHORT = 297, 210  # millimetres
# top, right, bottom, left, from the edge of the paper to the page number. On a page that lies on its side the
# edge to be bound is at the top.
MARGINS = {False: (37, 26, 35, 28, 22), True: (28, 35, 26, 37, 15)}
KEPT = (RELATION.STYLES, RELATION.SETTINGS, RELATION.FONT_TABLE, RELATION.FOOTER)


def dress(word: Word, ink: Ink) -> None:
    """Give the document our styles and settings instead of those of python-docx, and nothing besides."""
    styles = (FOLDER / "styles.xml").read_text("utf-8")
    for name, value in {**ink.faces, "red": MASTHEAD[1:]}.items():
        styles = styles.replace(f"{{{name}}}", value)
    _replace(word.styles.element, parse_xml(styles))
    _replace(word.settings.element, parse_xml((FOLDER / "settings.xml").read_bytes()))
    word.part.part_related_by(RELATION.FONT_TABLE)._blob = (FOLDER / "fonts.xml").read_bytes()
    _keep_only(word.part.rels, KEPT)
    _keep_only(word.part.package.rels, (RELATION.OFFICE_DOCUMENT, RELATION.CORE_PROPERTIES))
    properties = word.core_properties._element
    for child in list(properties):  # who and when of the template
        properties.remove(child)


class Pages:
    """The body of the document in its sections; each annex begins on a new page, a broad one on its side."""

    def __init__(self, word: Word, ink: Ink) -> None:
        self.word = word
        self.body: list[str] = []
        self.pictures = 0
        section = word.sections[0]
        section.footer.is_linked_to_previous = False
        section.even_page_footer.is_linked_to_previous = False
        for footer, style in ((section.footer, "Footer"), (section.even_page_footer, "FooterEven")):
            _replace(footer._element, parse_xml(_footer(ink, style)))
        kinds = section._sectPr.findall(qn("w:footerReference"))
        self.footers = "".join(
            f'<w:footerReference w:type="{each.get(qn("w:type"))}" r:id="{each.get(qn("r:id"))}"/>'
            for each in kinds
        )

    def put(self, markup: str) -> None:
        """Add a paragraph or a table."""
        self.body.append(markup)

    def end(self, *, broad: bool) -> None:
        """End a section in its last paragraph; text is escaped, so that only markup is found here."""
        self.body[-1] = self.body[-1].replace("</w:pPr>", f"{self._section(broad=broad)}</w:pPr>", 1)

    def end_of_all(self, *, broad: bool) -> None:
        """End the last section, and make all of it the document."""
        body = "".join([*self.body, self._section(broad=broad)])
        self.word.part._element = parse_xml(f"<w:document {NAMESPACE}><w:body>{body}</w:body></w:document>")

    def _section(self, *, broad: bool) -> str:
        width, height = (LONG, SHORT) if broad else (SHORT, LONG)
        top, right, bottom, left, footer = (_twips(each) for each in MARGINS[broad])
        lying = ' w:orient="landscape"' if broad else ""
        return (
            f'<w:sectPr>{self.footers}<w:type w:val="nextPage"/>'
            f'<w:pgSz w:w="{_twips(width)}" w:h="{_twips(height)}"{lying}/>'
            f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}"'
            f' w:header="{_twips(15)}" w:footer="{footer}" w:gutter="0"/>'
            f'<w:cols w:space="425"/><w:docGrid w:type="lines" w:linePitch="{LINE}"/></w:sectPr>'
        )


def _twips(millimetres: float) -> int:
    return round(millimetres / 25.4 * 1440)


def _footer(ink: Ink, style: str) -> str:
    field = "".join(
        f"<w:r><w:rPr>{ink.faces['table']}</w:rPr>{inner}</w:r>"
        for inner in (
            '<w:t xml:space="preserve">— </w:t>',
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
            '<w:t xml:space="preserve"> —</w:t>',
        )
    )
    return f'<w:ftr {NAMESPACE}><w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{field}</w:p></w:ftr>'


def _replace(element: Any, new: Any) -> None:
    """The content of `new` instead of that of `element`."""
    for child in list(element):
        element.remove(child)
    for child in list(new):
        element.append(child)


def _keep_only(relations: Any, kinds: tuple[str, ...]) -> None:
    for key in [key for key, relation in relations.items() if relation.reltype not in kinds]:
        del relations[key]
