"""What would tell who somebody is, in texts that are to be published: numbers, addresses, names beside a role.

Nothing here understands a text. It finds what looks like an identity, however it is spaced or written, and leaves it to
people to put something general in its place. What looks like one and is none can be let through by name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "email", "identity_number", "phone", "account", "number", "plate", "address", "coordinates", "birthday", "name"
]

PSEUDONYM = re.compile(
    r"\s*[(\[]?\s*(化名|a pseudonym|pseudonym|name changed|not (his|her|their) real name)", re.IGNORECASE
)
"""What may follow a name that is made up."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that looks like an identity.

    Args:
        kind: of what it looks like.
        start: where in the text it begins.
        text: as written.
    """

    kind: Kind
    start: int
    text: str


def traces(text: str, allowed: Collection[str] = ()) -> list[Trace]:
    """All that looks like an identity, in the order of the text, none within another.

    Args:
        text: as people wrote it.
        allowed: what only looks like one, as written.
    """
    plain, at = _plain(text)
    found: list[tuple[int, int, Kind]] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(plain):
            start, end = match.span("it") if "it" in pattern.groupindex else match.span()
            if kind == "name" and PSEUDONYM.match(plain, match.end()):
                continue
            if not any(start < other_end and other_start < end for other_start, other_end, _ in found):
                found.append((start, end, kind))
    marked = ((at[start], at[end - 1] + 1, kind) for start, end, kind in sorted(found))
    told = [Trace(kind, start, text[start:end]) for start, end, kind in marked]
    return [one for one in told if not any(_is_allowed(one.text, name) for name in allowed)]


def _is_allowed(text: str, name: str) -> bool:
    """A name lets through what it holds, and what is little longer than itself."""
    return text in name or (name in text and 2 * len(name) >= len(text))


# --- one way of writing ---------------------------------------------------------------------------------------------------

_CHINESE_DIGITS = dict(zip("〇零一二三四五六七八九幺两", "0012345678912", strict=True))
_SPOKEN = re.compile(f"[{''.join(_CHINESE_DIGITS)}]{{7,}}")


def _plain(text: str) -> tuple[str, list[int]]:
    """The text in one width, without marks that nobody sees, spoken digits as digits; and where each character stood."""
    characters, at = [], []
    for position, one in enumerate(text):
        if unicodedata.category(one) == "Cf":
            continue
        for part in unicodedata.normalize("NFKC", one):
            characters.append(part)
            at.append(position)
    plain = "".join(characters)
    return _SPOKEN.sub(lambda run: "".join(_CHINESE_DIGITS[one] for one in run[0]), plain), at


# --- numbers and addresses ------------------------------------------------------------------------------------------------

_GAP = r"[\s\-–—.·_/]{0,2}"
"""What people put between digits so that no machine finds them."""


def _digits(*parts: str) -> str:
    return _GAP.join(parts)


def _times(count: int) -> str:
    return rf"\d(?:{_GAP}\d){{{count - 1}}}"


_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = rf"(?<!\d)(?<!\d[{'-'}.])", r"(?!\d)"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼港澳"

# --- names ----------------------------------------------------------------------------------------------------------------

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾萧肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "石廖贾韦夏付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂"
    "章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟"
    "艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明"
)
COMPOUND = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "夏侯",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "司徒",
    "东方",
    "端木",
    "呼延",
    "南宫",
)
TITLES = "师傅|先生|女士|小姐|太太|同志|大哥|大姐|大叔|大妈|阿姨|老师|经理|站长|店长|队长|组长|主任|科长|处长|局长|书记|老板|医生|律师|某某|某"
ROLES = (
    "骑手|外卖员|外卖小哥|快递员|快递小哥|网约车司机|货车司机|卡车司机|司机|家政工|家政员|保洁员|保姆|月嫂|主播|自由职业者|受访者|受访人|被访者"
    "|访谈对象|农民工|工人|员工|劳动者|队员|站长|店长|经理|工友|同事|老乡|妻子|丈夫|儿子|女儿"
)
AFTER_NAME = r"(?=$|[\s,.;:!?、。,;:!?()(){}\[\]\"'“”‘’《》]|说|讲|称|表示|告诉|认为|回忆|介绍|觉得|抱怨|透露|坦言|补充|今年|来自|家住|住在|是|在|从|于|和|与|的)"
_GIVEN = r"[\u4e00-\u9fff]{1,2}"
_NAME = rf"(?:(?:{'|'.join(COMPOUND)}){_GIVEN}|[{SURNAMES}]{_GIVEN})"
_WORDS_LIKE_NAMES = (
    "(?!高度|高级|安全|安心|成为|成功|全部|全国|全职|应该|应当|和其|和他|明确|明白|时间|时候|方面|方便|平时|平台|关于|关系|常常|常年|文件|文化|简单|简直"
    "|连续|任何|路上|路线|向上|向我|单位|单量|单价|华东|华南|江苏|江西|江浙|云南|黄河|黄金|白天|马上|马路|万一|万人|温州|安徽|宁波|宁夏|武汉|康复|毛利|钱不|钱少"
    "|包括|包车|房租|管理|商家|商业|农村|农业|农忙|党员|师傅|边缘|米面|车辆|车型|车险|成都|成员|成本|解决|解除|计算|曲线|冷饮|苏州|陈述|许多|许可|何时|何处|何况"
    "|余下|余额|程序|方式|方法|贾不|易于|易受|游客|时薪|时常|司机|党组织|明年|明天|荣誉|桂林|边跑|全家|全年|应保|古城|沙发|石家庄|龙头|龙华|毕竟|毕业|向前|夏天|夏季|秦皇岛|雷雨"
    "|严格|严重|武装|常见|温度|盛夏|项目|景区|费用|席位|卫生|宗旨|左右|贺州|从事|从来|连同|左手|丁字|林业|田间|季节|尚未|尚无|舒服|路程|路面|符合|关心|关注|关键|左边|单独|单亲"
    "|欧洲|阳光|阳性|成年|安排|安装|全面|全勤|解释|和站|和平|和同|和我|和家|与|钟点|时段|文明|文书|华人|顾客|程度|施工|施行|史上|纪录|汤水|苗头|童工|季度|凌晨|盛行|卓越|吉林|海南)"
)
PINYIN = (
    "Wang|Li|Zhang|Liu|Chen|Yang|Huang|Zhao|Wu|Zhou|Xu|Sun|Ma|Zhu|Hu|Guo|He|Lin|Luo|Zheng|Liang|Xie|Song|Tang|Han|Feng|Deng|Cao|Peng|Zeng|Xiao|Tian|Dong"
    "|Yuan|Pan|Jiang|Cai|Yu|Du|Ye|Cheng|Su|Wei|Lu|Lyu|Ding|Ren|Shen|Yao|Cui|Zhong|Tan|Fan|Shi|Liao|Jia|Xia|Fu|Fang|Bai|Zou|Meng|Xiong|Qin|Qiu|Yin|Xue|Yan|Duan"
    "|Lei|Hou|Long|Tao|Gu|Mao|Hao|Gong|Shao|Wan|Qian|Qu|Ouyang|Situ"
)
_ENGLISH_ROLES = "rider|courier|driver|worker|cleaner|nanny|streamer|freelancer|respondent|interviewee|manager|dispatcher|colleague|husband|wife|son|daughter|migrant"

PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[\w.+\-]+\s?(?:@|\(at\)|\[at\])\s?[\w\-]+(?:\s?(?:\.|\(dot\)|\[dot\])\s?[A-Za-z\-]{2,})+")),
    ("identity_number", re.compile(rf"{_NO_DIGIT_BEFORE}{_times(17)}{_GAP}[\dXx](?![\dA-Za-z])")),
    ("account", re.compile(rf"{_NO_DIGIT_BEFORE}{_times(16)}(?:{_GAP}\d){{0,3}}{_NO_DIGIT_AFTER}")),
    ("identity_number", re.compile(rf"{_NO_DIGIT_BEFORE}{_times(15)}{_NO_DIGIT_AFTER}")),
    ("phone", re.compile(rf"(?<!\d)(?:\+?\s?0{{0,2}}86{_GAP})?1{_GAP}[3-9]{_GAP}{_times(9)}{_NO_DIGIT_AFTER}")),
    ("phone", re.compile(rf"(?<!\d)\(?0\d{{2,3}}\)?{_GAP}[2-9]{_GAP}{_times(6)}(?:{_GAP}\d)?{_NO_DIGIT_AFTER}")),
    ("phone", re.compile(rf"(?<!\w)\+\s?\d{{1,3}}{_GAP}{_times(7)}(?:{_GAP}\d){{0,4}}{_NO_DIGIT_AFTER}")),
    ("coordinates", re.compile(r"(?<!\d)\d{1,3}\.\d{4,}\s*°?\s*[NSEW]?\s*[,;、\s]\s*\d{1,3}\.\d{4,}")),
    (
        "plate",
        re.compile(
            rf"[{_PROVINCES}]\s?[A-HJ-NP-Z]\s?[·.\- ]?\s?(?=[A-HJ-NP-Z0-9]*\d)[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警]"
        ),
    ),
    (
        "number",
        re.compile(
            r"(?:微信号?|WeChat(?: ID)?|QQ号?|工号|骑手编号|员工编号|订单号|工单号|保单号|社保号|社会保障号码?|病历号|案号|staff (?:no\.?|number)|rider (?:ID|no\.?|number)"
            r"|order (?:no\.?|number)|policy (?:no\.?|number))\s*(?:是|为|is)?\s*[::#]?\s*(?=[A-Za-z_\-]*\d|[A-Za-z]\w*[_\-])[A-Za-z0-9_\-]{5,}",
            re.IGNORECASE,
        ),
    ),
    (
        "address",
        re.compile(
            r"[\u4e00-\u9fff]{1,10}?(?:路|街|道|巷|弄|胡同|里|村|镇|小区|花园|公寓|大厦|新村|家园|苑)[\u4e00-\u9fff]{0,6}?\s?\d{1,5}\s?(?:弄|号楼|号院|号|栋|楼|幢|单元|室|层|座)"
            r"|\d{1,4}\s?(?:号楼|栋|幢|座)\s?\d{0,2}\s?(?:单元)?\s?\d{2,5}\s?(?:室|号|房)?"
        ),
    ),
    (
        "address",
        re.compile(
            r"\b(?:No\.?\s?)?\d{1,5}[A-Za-z]?,?\s(?:[A-Z][\w'\-]*\s){1,4}(?:Road|Rd|Street|St|Avenue|Ave|Lane|Alley|Boulevard|Blvd)\b"
            r"|\b(?:Room|Flat|Apartment|Apt|Unit|Building|Block)\s?(?:No\.?\s?)?\d{1,5}[A-Za-z]?\s?,\s?(?:[A-Z]|\d)"
        ),
    ),
    (
        "birthday",
        re.compile(
            r"(?:19|20)\d{2}\s?(?:年|[.\-/])\s?\d{1,2}\s?(?:月|[.\-/])\s?\d{1,2}\s?日?\s?(?:出生|生于|生人|生日|生(?!活|产|病|意))"
            r"|(?:出生于|生于|生日(?:是|为)?)\s?(?:19|20)\d{2}\s?(?:年|[.\-/])\s?\d{1,2}\s?(?:月|[.\-/])\s?\d{1,2}"
            r"|\bborn (?:on )?(?:\d{1,2}(?:st|nd|rd|th)?\s[A-Z][a-z]+,?\s\d{4}|[A-Z][a-z]+\s\d{1,2},?\s\d{4}|\d{4}-\d{2}-\d{2})",
        ),
    ),
    ("name", re.compile(rf"(?:{ROLES})[::\s]?(?P<it>{_WORDS_LIKE_NAMES}{_NAME}){AFTER_NAME}")),
    ("name", re.compile(rf"(?<![\u4e00-\u9fff])(?P<it>{_WORDS_LIKE_NAMES}{_NAME})(?:{TITLES}|{ROLES})")),
    (
        "name",
        re.compile(
            rf"(?P<it>(?:{'|'.join(COMPOUND)}|(?<![老小阿])[{SURNAMES}])(?:师傅|先生|女士|小姐|太太|同志|某某|某(?=[\s,。、,.;]|说|称|$)))"
        ),
    ),
    (
        "name",
        re.compile(
            rf"(?:我叫|我是|名叫|叫做|姓名[::]?|本名|真名(?:是|叫)?)\s?(?P<it>{_WORDS_LIKE_NAMES}{_NAME}){AFTER_NAME}"
        ),
    ),
    (
        "name",
        re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mister|Madam|Master|Shifu|Dr)\.?\s(?P<it>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)"),
    ),
    (
        "name",
        re.compile(
            rf"\b(?i:{_ENGLISH_ROLES}),?\s(?:called\s|named\s)?"
            rf"(?P<it>(?:{PINYIN})(?:\s[A-Z][a-z]+)?)\b(?!\s(?:Province|City|County|District))"
        ),
    ),
    (
        "name",
        re.compile(
            rf"\b(?P<it>(?:{PINYIN})\s[A-Z][a-z]+),?\s(?:\(?\d{{2}}\)?,?\s)?(?:an?\s|the\s|our\s|my\s)?(?:\w+\s)?(?:{_ENGLISH_ROLES})\b"
        ),
    ),
    (
        "name",
        re.compile(r"\b(?:[Mm]y name is|I am called|[Hh]er name is|[Hh]is name is)\s(?P<it>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)"),
    ),
)
"""By kind, the surer ones first: what one of them has found is no other's."""
