"""A year's notice: the published years come back day by day from a file; whatever is wrong with one is said."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
import yaml

from tongban.rules.clock import PUBLISHED
from tongban.rules.notices import Malformed, Notice, days_of, read, sums_of

pytestmark = pytest.mark.pure
NOTICE_2026: dict[str, Any] = {
    "year": 2026,
    "title": "国务院办公厅关于2026年部分节假日安排的通知",
    "off": [
        {"name": "元旦", "from": "2026-01-01", "to": "2026-01-03"},
        {"name": "春节", "from": "2026-02-15", "to": "2026-02-23"},
        {"name": "清明节", "from": "2026-04-04", "to": "2026-04-06"},
        {"name": "劳动节", "from": "2026-05-01", "to": "2026-05-05"},
        {"name": "端午节", "from": "2026-06-19", "to": "2026-06-21"},
        {"name": "中秋节", "from": "2026-09-25", "to": "2026-09-27"},
        {"name": "国庆节", "from": "2026-10-01", "to": "2026-10-07"},
    ],
    "work": ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", {"day": "2026-09-20", "name": "国庆节"}, "2026-10-10"],
}  # fmt: skip
CSV_2026 = "\n".join(
    [
        "日期,至,安排,名称,通知",
        f"2026-01-01,2026-01-03,放假,元旦,{NOTICE_2026['title']}",
        *(f"{rest['from']},{rest['to']},放假,{rest['name']}," for rest in NOTICE_2026["off"][1:]),
        "2026-01-04,,上班,元旦,", "2026-02-14,,上班,春节", "2026-02-28,,上班,春节,", "2026-05-09,,上班,劳动节,",
        "2026-09-20,,上班,国庆节,", "2026-10-10,,上班,国庆节,",
    ]
)  # fmt: skip


def as_json(**changes: Any) -> bytes:
    return json.dumps({**NOTICE_2026, **changes}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (as_json(), "2026.json"),
        (yaml.safe_dump(NOTICE_2026, allow_unicode=True).encode(), "2026.yaml"),
        (CSV_2026.encode("utf-8-sig"), "2026.csv"),
        (CSV_2026.encode("gb18030"), "放假安排.CSV"),
    ],
)
def test_the_notice_of_2026_gives_the_published_days(data: bytes, name: str) -> None:
    notice = read(data, name)
    days = days_of(notice)
    day = date(2026, 1, 1)
    while day.year == 2026:
        assert (days[day].works, days[day].reason) == (PUBLISHED.kind(day).works, PUBLISHED.kind(day).reason), day
        assert not days[day].provisional
        day += timedelta(days=1)
    sums = sums_of(notice)
    assert (sums.off, sums.weekdays_off - sums.worked) == (33, 13)


OFF = NOTICE_2026["off"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"off": OFF[:5]}, "缺少法定节日：中秋节 2026-09-25、国庆节"),
        ({"off": [*OFF, {"name": "春节", "from": "2026-02-20", "to": "2026-02-24"}]}, "重复出现"),
        ({"work": [*NOTICE_2026["work"], "2026-10-03"]}, "又放假又上班"),
        ({"work": [*NOTICE_2026["work"], "2026-03-04"]}, "本来就上班"),
        ({"work": [*NOTICE_2026["work"], "2026-01-04"]}, "上班重复"),
        ({"work": [*NOTICE_2026["work"], "2027-01-02"]}, "不在 2026 年"),
        ({"off": [*OFF, {"name": "元旦", "from": "2025-12-01", "to": "2025-12-01"}]}, "不在 2026 年"),
        ({"off": [*OFF, {"name": "暑假", "from": "2026-07-01", "to": "2026-08-31"}]}, "不合理"),
        ({"off": [*OFF, {"name": "反了", "from": "2026-07-02", "to": "2026-07-01"}]}, "不合理"),
        ({"off": [*OFF, {"name": "凉假", "from": "2026-07-06", "to": "2026-07-17"}]}, "不合常理"),
        ({"title": "国务院办公厅关于2025年部分节假日安排的通知"}, "没有 2026 年"),
        ({"title": ""}, "title"),
        ({"year": 1999}, "year"),
        ({"year": 2027}, "没有 2027 年"),
        ({"extra": 1}, "extra"),
        ({"off": "全年"}, "off"),
        ({"off": [{"name": "元旦", "from": "2026-02-30", "to": "2026-03-01"}]}, "off.0.from"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Malformed, match=said):
        read(as_json(**changes), "2026.json")


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"{", "2026.json", "读不了"),
        (b"[" * 100_000, "2026.json", "读不了"),
        (b"a: [", "2026.yaml", "读不了"),
        (b"", "2026.yaml", "内容"),
        (b"", "2026.csv", "第一行"),
        ("日期,安排\n".encode(), "2026.csv", "第一行"),
        ("日期,至,安排,名称,通知\n2026-01-01,,休,元旦,".encode(), "2026.csv", "第 2 行的“安排”"),
        ("日期,至,安排,名称,通知\n1月1日,,放假,元旦,".encode(), "2026.csv", "第 2 行的日期"),
        (b"x", "2026.xlsx", "不是"),
        (bytes(300_000), "2026.csv", "太大"),
    ],
)
def test_a_file_that_is_no_notice(data: bytes, name: str, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        read(data, name)


def test_a_notice_may_name_days_at_the_end_of_the_year_before() -> None:
    moved = [*NOTICE_2026["work"][1:], "2025-12-28"]  # a Sunday worked for the New Year
    notice = Notice.model_validate_json(as_json(work=moved))
    assert days_of(read(as_json(work=moved), "2026.json"))[date(2025, 12, 28)].works
    assert notice.year == 2026
