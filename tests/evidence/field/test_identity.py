"""What tells who somebody is, however it is written; and what only looks like it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canbao.evidence.field.identity import traces


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("打我电话13800138000", "phone"),
        ("1 3 8 0 0 1 3 8 0 0 0", "phone"),
        ("138-0013-8000", "phone"),
        ("１３８００１３８０００", "phone"),
        ("一三八零零一三八零零零", "phone"),
        ("幺三八〇〇一三八〇〇〇", "phone"),
        ("138\u200b0013\u200b8000", "phone"),
        ("+86 138 0013 8000", "phone"),
        ("010-62345678", "phone"),
        ("(0512) 6334 5678", "phone"),
        ("call +44 20 7946 0958", "phone"),
        ("身份证110105194912310021", "identity_number"),
        ("11010519491231002X", "identity_number"),
        ("110105 1949 1231 002x", "identity_number"),
        ("110105491231002", "identity_number"),
        ("卡号6222 0202 0000 1234 567", "account"),
        ("车牌苏E12345", "plate"),
        ("京A·D12345", "plate"),
        ("沪AD12345", "plate"),
        ("粤 B 12345", "plate"),
        ("zhang.san@163.com", "email"),
        ("zhangsan (at) qq.com", "email"),
        ("ｚｈａｎｇ＠ｑｑ．ｃｏｍ", "email"),
        ("微信号：rider_520", "number"),
        ("QQ 12345678", "number"),
        ("工号A10293", "number"),
        ("人民路88号", "address"),
        ("住在松陵镇中山南路1988号", "address"),
        ("3栋2单元401室", "address"),
        ("No. 12 Zhongshan Road", "address"),
        ("Room 302, Building 5", "address"),
        ("31.1234, 120.6543", "coordinates"),
        ("1987年5月12日出生", "birthday"),
        ("born on 12 May 1987", "birthday"),
        ("骑手王建国说", "name"),
        ("骑手张三，32岁", "name"),
        ("受访者：赵敏", "name"),
        ("王建国师傅说没人管", "name"),
        ("王师傅说没人管", "name"),
        ("李女士", "name"),
        ("欧阳先生", "name"),
        ("我叫刘小红。", "name"),
        ("外卖员李强告诉我们", "name"),
        ("家政工刘桂芳的雇主", "name"),
        ("rider Wang Jianguo said", "name"),
        ("Mr Zhang said", "name"),
        ("Li Na, a rider, said", "name"),
        ("Wang Wei, 32, a courier", "name"),
        ("my name is Chen Wei", "name"),
    ],
)
def test_what_tells_who_it_is(text: str, kind: str) -> None:
    assert [one.kind for one in traces(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "骑手高度依赖平台收入",
        "骑手，男，三十多岁",
        "Food rider, man, in his thirties, Yangtze delta",
        "每月缴费1200元左右，一年14400元",
        "基数4879元，缴费975.8元",
        "2021年7月起，工作12小时，跑60单",
        "京沪两地，A级景区",
        "平台师傅都这样说",
        "司机马上就要走",
        "骑手马路上受伤",
        "老师傅，先生，你好",
        "国办发〔2009〕66号，人社部发〔2021〕56号",
        "江苏省苏州市吴江区",
        "浙江省人社厅2023年7月1日起施行",
        "劳动者应当参保，员工常年在外",
        "the driver long waited, worker long hours, driver he said",
        "a driver in Hubei, a rider from Hebei Province",
        "3,145 workers in 12 provinces, 1.04 billion orders, 24,314,800 yuan, 53,600 / 139,500",
        "2018-04-29, 2021-06-30",
        "Law 35, Room for improvement, 30 days",
        "工人时间不固定，同事和我，队员向我说",
    ],
)
def test_what_only_looks_like_it(text: str) -> None:
    assert traces(text) == []


def test_a_pseudonym_that_is_marked() -> None:
    assert traces("王师傅（化名）说") == [] and traces("Mr Zhang (pseudonym) said") == []
    assert traces("王师傅（队长）说")


def test_what_the_team_has_looked_at() -> None:
    assert traces("我叫王府井。") and traces("我叫王府井。", ["王府井"]) == []
    assert traces("拨打13800138000", ["1"]), "a short text lets nothing long through"


def test_where_it_stands_and_as_it_was_written() -> None:
    (found,) = traces("打１３８ 0013\u200b-8000吧")
    assert found.text == "１３８ 0013\u200b-8000" and found.start == 1


@given(
    st.integers(13_000_000_000, 19_999_999_999),
    st.lists(st.sampled_from(["", " ", "-", "·", "\u200b", "."]), min_size=10, max_size=10),
)
def test_any_mobile_number_however_it_is_spaced(number: int, gaps: list[str]) -> None:
    digits = str(number)
    written = digits[0] + "".join(gap + digit for gap, digit in zip(gaps, digits[1:], strict=True))
    assert any(one.kind == "phone" for one in traces(f"电话是{written}，晚上打"))


@given(st.text(max_size=200))
def test_any_text_is_looked_through(text: str) -> None:
    assert all(text[one.start :].startswith(one.text) for one in traces(text))


@pytest.mark.parametrize("part", ["路街道巷弄里村镇", "1 ", "a.b@", "Wang ", "骑手王建国说", ".", "@", "+1", "a", "师傅"])
def test_long_lines_take_no_time(part: str) -> None:
    """Forty thousand characters made to look like an identity over and over."""
    begun = time.process_time()
    traces(part * (40_000 // len(part)))
    assert time.process_time() - begun < 5
