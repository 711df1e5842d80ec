"""Ledgers as offices keep them: real workbooks, made by openpyxl."""

import io
import random
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

HEADER = ("序号", "举措", "工作事项", "牵头单位", "配合单位", "完成时限", "权重", "年度目标")
PLAIN = (
    (1, "1.1", "编制产业链图谱", "湖北省经济和信息化厅", "规划司", date(2026, 12, 31), 3, "100个"),
    (2, "1.1", "组织产业链诊断", "江苏省工业和信息化厅", "", "2026年12月底", 1, "100个左右"),
)


def workbook(
    rows: Sequence[Sequence[Any]] = PLAIN,
    header: Sequence[Any] = HEADER,
    *,
    name: str = "台账",
    change: Callable[[Any], None] | None = None,
) -> bytes:
    """A workbook with one sheet; `change` has it before it is saved."""
    book = Workbook()
    sheet = book.active
    sheet.title = name
    for row in (header, *rows):
        sheet.append(list(row))
    if change:
        change(sheet)
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The workbook as a file."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def ugly() -> bytes:
    """What offices really send: a title over the width, merged cells, wrapped and full-width text, hidden
    rows and columns, totals, remarks, text for days, and formatted rows far below the last one."""
    book = Workbook()
    book.active.title = "说明"
    book.active["A1"] = "填报说明"
    sheet = book.create_sheet("任务台账")
    sheet["A1"] = "2026年重点任务台账"
    sheet.merge_cells("A1:H1")
    sheet.append(("序号", "举措", "工作\n事项", "责任单位", "配合单位", "完成时限", "权重", "备注"))
    sheet.append(("一、第一项重点任务",))
    sheet.merge_cells("A3:H3")
    sheet.append((1, "1.1", "编制产业链\n图谱", "湖北省经信厅", "规划司、武汉市经信局等", "３月底", "３", ""))
    sheet.append((2, None, "组织产业链诊断 ", None, "", "2026年上半年", 2.0, ""))
    sheet.merge_cells("B4:B5")
    sheet.merge_cells("D4:D5")
    sheet.append((3, "举措1.1", "隐藏的事项", "湖北省经济和信息化委员会", "", "2026.10", 1, ""))
    sheet.append((4, "1.1", "长期的事项", "江苏省工信厅", "", "长期", 1, ""))
    sheet.append((5, "1.1", "没有单位的事项", "某某局", "", "2026-12-31", 1, ""))
    sheet.append(("合计", "", "", "", "", "", "=SUM(G4:G8)", ""))
    sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["H"].hidden = True
    for row in range(900, 1000):
        sheet.row_dimensions[row].height = 20
    return saved(book)


def sent(content: bytes, name: str = "台账.xlsx") -> SimpleUploadedFile:
    """What a browser sends."""
    return SimpleUploadedFile(name, content)


def parts_of(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook by their names."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(content: bytes, chance: random.Random) -> bytes:
    """Some bytes of it changed, lost, doubled or added."""
    data = bytearray(content)
    for _time in range(chance.randint(1, 6)):
        place = chance.randrange(len(data))
        length = chance.randint(1, 40)
        what = chance.randrange(5)
        if what == 0:
            data[place] = chance.randrange(256)
        elif what == 1:
            del data[place : place + length]
        elif what == 2:
            data[place:place] = data[place : place + length]
        elif what == 3:
            data[place : place + length] = bytes(chance.randrange(32, 127) for _ in range(length))
        else:
            data[place:place] = chance.choice(
                (b"999999999", b"-1", b"<c/>", b"&lt;", b"</row>", b'"', b"\xff")
            )
        data = data or bytearray(b"x")
    return bytes(data)


def renumbered(content: bytes, chance: random.Random) -> bytes:
    """Some of its digits are others: addresses, kinds, styles and ranges that fit no longer."""
    data = bytearray(content)
    digits = [place for place, byte in enumerate(data) if chr(byte).isdecimal() and place > 200]
    for place in chance.sample(digits, min(6, len(digits))):
        data[place] = chance.choice(b"0123456789")
    return bytes(data)
