"""A believable weekly report of the whole country, without a database: all texts and figures are made up."""

import json
from random import Random

from tasks_tracker.reports.paper import (
    Bar,
    Block,
    Curve,
    Heading,
    Level,
    Line,
    Mark,
    Paper,
    Part,
    Point,
    Table,
    Tasks,
    Tile,
    TileMap,
)
from tests.processes import ROOT

LIGHTS = (
    Mark("done", "● 已完成"),
    Mark("on_track", "✓ 正常"),
    Mark("not_started", "○ 未开始"),
    Mark("at_risk", "▲ 预警"),
    Mark("behind", "◆ 滞后"),
    Mark("overdue", "■ 逾期"),
    Mark("suspended", "‖ 暂缓"),
)
TASKS = (
    "全力促进工业经济平稳增长",
    "着力提升产业链供应链韧性和安全水平",
    "全面提升产业科技创新能力",
    "持续推动产业结构优化升级",
    "大力推动数字技术与实体经济深度融合",
    "深入推动工业绿色低碳发展",
    "加快建设世界一流企业",
)
SHORT = ("稳增长", "强链条", "促创新", "优结构", "促融合", "推绿色", "强企业")
DIGITS = "一二三四五六七八九十"
WHAT = (
    "北斗规模应用试点",
    "国家级企业技术中心培育",
    "中小企业数字化转型城市试点",
    "钢铁超低排放改造",
    "算力基础设施扩容",
    "首台（套）装备推广",
)
WHY = (
    "配套资金尚未到位",
    "用地手续仍在办理",
    "关键设备交付延期",
    "跨省协调未形成一致意见",
    "试点企业名单有待审定",
)
LONG = (
    "本周各单位继续抓紧推进，已召开专题调度会3次，完成现场核查12家，新增签约项目5个、总投资46.8亿元。"
    "从填报情况看，东部地区整体快于计划，中西部地区受前期手续影响进度偏慢，个别事项连续4周没有变化，需引起重视。"
)


def make_line_paper(text: str) -> Paper:
    """A paper with nothing but running text."""
    return _paper((Part("overall", "一、总体情况", (Line(text),)),))


def make_text_paper(text: str) -> Paper:
    """A paper that says `text` in a paragraph and in a cell."""
    paper = make_line_paper(text)
    table = Table("", (Heading("甲", 1), Heading("乙", 1)), ((text, "丙"),))
    return Paper(**{**vars(paper), "parts": (Part("x", "一、", (Line(text), table)),)})


def make_paper(items: int = 60, seed: int = 47) -> Paper:
    """The national report: seven key tasks, 37 regions, an annex of `items` items."""
    random = Random(seed)
    bars = [Bar(label, tuple(random.randint(*span) for span in SPANS), *_shares(random)) for label in SHORT]
    parts = (
        Part("overall", "一、总体情况", _overall(bars, random)),
        Part("tasks", "二、重点任务进展", _by_task(random)),
        Part("problems", "三、存在问题与需协调事项", _problems()),
        Part("signals", "四、苗头性、趋势性问题提示", (Line(LONG, lead="（一）进度放缓。"),)),
        Part("behind", "五、滞后和超期事项", _behind(random)),
        Part(
            "next", "六、下周重点工作", (Line("下周到期事项24件，请各牵头单位于11月27日前反馈进展。" + LONG),)
        ),
        Part("changes", "七、延期、调整和销号情况", (Line("本周批准延期2件、调整1件、销号16件。"),)),
    )
    annexes = (
        Part("behind_items", "附件1　滞后事项台账", (_annex(items, random),)),
        Part("unreported", "附件2　未填报单位", (_unreported(),)),
    )
    return _paper(parts, annexes)


SPANS = ((40, 90), (50, 90), (10, 30), (8, 30), (3, 28), (2, 10), (0, 4))


def _paper(parts: tuple[Part, ...], annexes: tuple[Part, ...] = ()) -> Paper:
    return Paper(
        title="新型工业化重点任务推进情况周报",
        serial="2026年第47期",
        office="规划司综合处",
        dated="2026年11月22日",
        subtitle="2026年第47周（11月16日—11月22日）",
        remark="内部资料（演示数据）",
        language="zh-hans",
        parts=parts,
        annexes=annexes,
        signer="签发人：李维",
        facts=(("范围", "全国"), ("数据截至", "2026年11月20日18:00"), ("校验码", "3f9a 0c21 77de 41b8")),
    )


def _shares(random: Random) -> tuple[int, int]:
    planned = random.randint(6900, 7400)
    return planned - random.randint(-20, 420), planned


def _percent(value: int) -> str:
    return f"{value / 100:.1f}"


def _signed(value: int) -> str:
    tenths = round(value / 10)
    return f"{'−' if tenths < 0 else '+' if tenths else ''}{abs(tenths) / 10:.1f}"


def _overall(bars: list[Bar], random: Random) -> tuple[Block, ...]:
    heads = (
        Heading("任务", 6),
        *(
            Heading(word, 1.5, is_number=True)
            for word in ("件数", "完成率", "计划", "偏差", "预警", "滞后", "逾期")
        ),
    )
    rows = [
        (
            f"{DIGITS[number]}、{TASKS[number]}",
            str(sum(bar.counts)),
            _percent(bar.progress or 0),
            _percent(bar.planned or 0),
            _signed((bar.progress or 0) - (bar.planned or 0)),
            *(str(bar.counts[place]) for place in (3, 4, 5)),
        )
        for number, bar in enumerate(bars)
    ]
    sums = [str(sum(int(row[place]) for row in rows)) for place in (1, 5, 6, 7)]
    total = ("合　计", sums[0], "69.1", "71.3", "−2.2", *sums[1:])
    tiles = _tiles(random)
    return (
        Line(
            f"截至11月20日，7项重点任务共{sums[0]}件事项，加权完成率69.1%（较上周+0.8），低于计划2.2个百分点。"
            + LONG
        ),
        Line(f"“强链条”“促创新”两项任务偏差较大；滞后{sums[2]}件、逾期{sums[3]}件，填报率90.6%。"),
        Table("表1　七项重点任务推进情况", heads, (*rows, total), note="注：偏差为百分点。", has_total=True),
        Tasks("图1　七项重点任务事项状态、完成率与计划", LIGHTS, tuple(bars)),
        Line("37个填报地区中，3个达到或超过计划，6个偏差低于−4.5个百分点。" + LONG),
        tiles,
        _regions(tiles, random),
        _curve(random),
    )


def _tiles(random: Random) -> TileMap:
    rows = json.loads((ROOT / "fixtures" / "reference" / "regions.json").read_text("utf-8"))
    tiles = []
    for fields in (row["fields"] for row in rows):
        if fields["code"] in ("000000", "100000"):
            continue
        variance = random.randint(-620, 180) if fields["reports"] and fields["code"] != "630000" else None
        band = None if variance is None else sum(variance >= edge for edge in (-500, -300, -100, 0))
        text = "—" if variance is None else _signed(variance)
        name = fields["short"] if "short" in fields else fields["name"][:2]
        tiles.append(
            Tile(name, fields["column"], fields["row"], text, band, is_outside=not fields["reports"])
        )
    bands = ("低于−5", "−5至−3", "−3至−1", "−1至0", "达到或超过计划")
    return TileMap(
        "图2　各地区完成率与计划的偏差（百分点）", tuple(tiles), bands, "虚线为无数据，点线为不在本计划范围。"
    )


def _regions(tiles: TileMap, random: Random) -> Table:
    heads = (
        Heading("地区", 2),
        *(Heading(word, 1, is_number=True) for word in ("件数", "完成率", "偏差", "滞后", "逾期")),
        Heading("状态", 1.4),
    )
    rows = []
    for tile in (tile for tile in tiles.tiles if not tile.is_outside):
        light = (
            LIGHTS[1] if tile.band == 4 else LIGHTS[3] if tile.band == 3 else LIGHTS[random.choice([4, 5])]
        )
        share = "无数据" if tile.band is None else _percent(random.randint(6400, 7300))
        rows.append((tile.name, str(random.randint(20, 60)), share, tile.text, "3", "1", light))
    return Table("表2　各地区推进情况", heads, tuple(rows))


def _curve(random: Random) -> Curve:
    points = []
    for week in range(20, 53):
        planned, actual = 4000 + (week - 20) * 116, 3900 + (week - 20) * 111 + random.randint(-40, 40)
        if week == 31:
            points.append(Point(f"2026-W{week}", planned))
        elif week <= 47:
            points.append(Point(f"2026-W{week}", planned, actual, actual - 150, actual + 260))
        else:
            points.append(Point(f"2026-W{week}", planned))
    return Curve("图3　全国完成率与计划", tuple(points), "计划", "完成率")


def _by_task(random: Random) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for number, title in enumerate(TASKS):
        blocks.append(Line(f"（{DIGITS[number]}）{title}", Level.SECTION))
        for point, what in enumerate(random.sample(WHAT, 2), 1):
            blocks.append(Line(f"{point}. {what}", Level.POINT))
            blocks.append(Line(LONG * random.randint(1, 2)))
    return tuple(blocks)


def _problems() -> tuple[Block, ...]:
    return tuple(
        Line(f"{why}，涉及企业{97 + number}家。{LONG}", lead=f"（{DIGITS[number]}）{what}。")
        for number, (what, why) in enumerate(zip(WHAT, WHY, strict=False))
    )


def _behind(random: Random) -> tuple[Block, ...]:
    heads = (
        Heading("序", 0.8, is_number=True),
        Heading("事项", 4),
        Heading("牵头单位", 4),
        Heading("时限", 1.6),
        Heading("偏差", 1.3, is_number=True),
        Heading("状态", 1.8),
    )
    rows = tuple(
        (
            str(n + 1),
            random.choice(WHAT),
            "西藏自治区经济和信息化厅",
            "08-30",
            f"−{n + 10}.4",
            LIGHTS[5 if n % 3 else 4],
        )
        for n in range(12)
    )
    return (
        Line("滞后和超期事项中偏差最大的12件如下。"),
        Table("表3　偏差最大的事项", heads, rows, note="其余见附件1。"),
    )


def _annex(items: int, random: Random) -> Table:
    heads = (
        Heading("序号", 1.1, is_number=True),
        Heading("编号", 2.1),
        Heading("事项", 3.8),
        Heading("牵头单位", 3),
        Heading("时限", 2.2),
        Heading("偏差", 1.3, is_number=True),
        Heading("状态", 1.8),
        Heading("原因", 2.8),
        Heading("已采取措施", 6),
    )
    rows = tuple(
        (
            str(number + 1),
            f"NIP-{number:04d}",
            f"{random.choice(WHAT)}（第{number + 1}批）",
            "湖北省经济和信息化厅",
            "2026-09-30",
            f"−{random.randint(50, 400) / 10:.1f}",
            LIGHTS[random.choice([3, 4, 5])],
            random.choice(WHY),
            "已约谈牵头单位，" + LONG[: random.randint(10, 60)],
        )
        for number in range(items)
    )
    return Table("", heads, rows, empty="没有滞后事项。")


def _unreported() -> Table:
    heads = (Heading("单位", 5), Heading("应报", 1, is_number=True), Heading("已报", 1, is_number=True))
    return Table("", heads, (), empty="本周没有未填报单位。")
