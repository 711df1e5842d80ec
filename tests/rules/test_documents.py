"""Text out of files of others, and how every bad file is refused with one reason."""

import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_tracker.rules import documents
from tasks_tracker.rules.documents import read_document
from tasks_tracker.rules.outline import MAX_BYTES, UnreadableText
from tests.factories.files import word_file

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NUMBERING = f"""<w:numbering {W}>
<w:abstractNum w:abstractNumId="4">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl>
<w:lvl w:ilvl="3"><w:numFmt w:val="bullet"/><w:lvlText w:val="·"/></w:lvl>
</w:abstractNum><w:num w:numId="7"><w:abstractNumId w:val="4"/></w:num></w:numbering>"""


def numbered(text: str, level: int) -> str:
    number = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="7"/></w:numPr>'
    return f"<w:p><w:pPr>{number}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableText) as refused:
        read_document(content)
    return refused.value.code


def test_a_word_file_gives_its_paragraphs() -> None:
    read = read_document(
        word_file("一、总体要求", "建设&amp;改造<w:t>码头</w:t>".replace("<w:t>码头</w:t>", "码头"))
    )
    assert (read.text, read.encoding) == ("一、总体要求\n建设&改造码头", "docx")


def test_plain_text_is_read_as_before() -> None:
    assert read_document("一是修编。".encode("gbk")).text == "一是修编。"


def test_numbers_that_word_puts_by_itself_are_written_out() -> None:
    body = "".join(
        [
            numbered("总体", 0),
            numbered("任务", 0),
            numbered("设计", 1),
            numbered("图纸", 2),
            numbered("样船", 2),
            numbered("绿色", 1),
            numbered("电池", 2),
            numbered("点", 3),
        ]
    )
    read = read_document(word_file(body=body, **{"word/numbering.xml": NUMBERING}))
    assert read.text.splitlines() == [
        "一、总体",
        "二、任务",
        "（一）设计",
        "1.图纸",
        "2.样船",
        "（二）绿色",
        "1.电池",
        "点",
    ]


def test_deleted_words_and_field_codes_are_no_text_but_tables_and_breaks_are() -> None:
    body = (
        "<w:p><w:r><w:t>留</w:t></w:r><w:del><w:r><w:delText>删</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>增</w:t></w:r></w:ins><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>表</w:t><w:tab/><w:t>格</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        "<w:p><w:r><w:t>上</w:t><w:br/><w:t>下</w:t></w:r></w:p>"
    )
    assert read_document(word_file(body=body)).text == "留增\n表 格\n上\n下"


def swollen() -> bytes:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    return word_file(
        head=f'<!DOCTYPE d [<!ENTITY e0 "很长">{entities}]>', body="<w:p><w:r><w:t>&e9;</w:t></w:r></w:p>"
    )


def foreign_entity() -> bytes:
    head = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    return word_file(head=head, body="<w:p><w:r><w:t>&x;</w:t></w:r></w:p>")


def locked() -> bytes:
    """A zip whose parts say that they take a password."""
    content = bytearray(word_file("一"))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


def deep() -> bytes:
    return word_file(body="<w:x>" * 5_000 + "</w:x>" * 5_000)


OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (word_file("一")[:-40], "damaged"),
        (word_file("一")[:60], "damaged"),
        (word_file(body="<w:p>"), "damaged"),
        (word_file("一", **{"word/document.xml": "no xml"}), "damaged"),
        (word_file("一", **{"word/numbering.xml": "no xml"}), "damaged"),
        (swollen(), "damaged"),
        (foreign_entity(), "damaged"),
        (deep(), "damaged"),
        (locked(), "encrypted"),
        (OLE + b"x" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (OLE + b"x" * 600 + "WordDocument".encode("utf-16-le"), "old_word"),
        (word_file("一", **{"word/vbaProject.bin": "x"}), "macros"),
        (
            word_file(
                "一", **{"[Content_Types].xml": "<t>application/vnd.ms-word.document.macroEnabled</t>"}
            ),
            "macros",
        ),
        (word_file(), "empty"),
        (word_file(" 　"), "empty"),
        (b"PK\x03\x04" + b"x" * MAX_BYTES, "too_large"),
    ],
)
def test_a_file_that_is_not_to_be_trusted_is_refused_with_one_reason(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_another_zip_is_no_document() -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<t/>")
        archive.writestr("xl/workbook.xml", "<t/>")
    assert refusal(file.getvalue()) == "binary"


def test_what_swells_while_it_is_unpacked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"<w:p><w:r><w:t>{'很长' * 3_000_000}</w:t></w:r></w:p>"
    content = word_file(body=body)
    assert len(content) < 100_000
    assert refusal(content) == "too_large"
    monkeypatch.setattr(documents, "MOST_UNPACKED", 1_000_000)
    assert refusal(content) == "bomb"
    monkeypatch.setattr(documents, "MOST_ENTRIES", 1)
    assert refusal(word_file("一")) == "bomb"


@given(st.binary(max_size=300), st.integers(0, 900), st.integers(0, 255))
def test_no_file_ever_fails_otherwise(noise: bytes, place: int, value: int) -> None:
    whole = bytearray(word_file("一是修编。", "二是试点。"))
    whole[place % len(whole)] = value
    for content in (noise, b"PK\x03\x04" + noise, OLE + noise, bytes(whole)):
        with suppress(UnreadableText):
            assert read_document(content).text
