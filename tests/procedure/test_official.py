"""The official text, field by field; as text, as Word and as old Word it says the same."""

from pathlib import Path

import pytest

from tests.official import OFFICIAL, PROCEDURES, official
from tests.procedure.make import build, saved
from tongban.procedure import yaml
from tongban.procedure.files import read_file
from tongban.procedure.model import TimeLimit, Topic
from tongban.procedure.reader import read

pytestmark = pytest.mark.pure
FIXTURES = Path(__file__).parent / "fixtures"


def test_head() -> None:
    p = official()
    assert (p.annex, p.city, p.name) == ("附件6", "益阳市", "我要办社保卡")
    assert p.directory == "市政务服务旗舰店“‘一件事一次办’跨域通办窗口名录”栏目"
    assert p.time_limit == TimeLimit(days=60, unit="working_day")


def test_items() -> None:
    assert [(i.name, i.code, i.group, i.pickable) for i in official().items] == [
        ("社会保障卡服务", "00201401000Y", True, False),
        ("社会保障卡申领", "002014010001", False, True),
        ("社会保障卡启用（含社会保障卡银行账户激活）", "002014010002", False, True),
    ]


def test_contacts() -> None:
    assert [(c.region, c.phones, c.valid) for c in official().contacts] == [
        ("南县", ("0737-5212333",), True),
        ("安化县", ("0737-7225161",), True),
        ("桃江县", ("0737-8883718",), True),
        ("沅江市", ("0737-2721840",), True),
        ("大通湖区", ("0737－5663472",), True),
        ("赫山区", ("0737-6501466",), True),
        ("资阳区", ("0737-6501011",), True),
        ("高新区", ("0737-650101",), False),
        ("东部新区", ("0737-4617003",), True),
    ]


def test_materials() -> None:
    card, photo = official().materials
    assert (card.name, card.original, card.copies, card.electronic, card.tolerable) == ("身份证", True, 1, False, False)
    assert card.common_errors == ("身份证不在有效期内", "身份证未正反面复印或复印件不清晰")
    assert (photo.name, photo.original, photo.copies, photo.electronic, photo.tolerable) == (
        "寸照",
        False,
        0,
        True,
        False,
    )
    assert photo.common_errors == ("非电子档", "不符合身份证电子证照的要求", "非白底彩色寸照")
    assert not card.forwarded
    assert card.paper_handling == photo.paper_handling == "扫描录入收件办理平台后退回申请人，承办部门从平台中共享下载"


def test_platforms() -> None:
    assert [(p.region, p.platform, p.module) for p in official().platforms] == [
        (None, "市一体化平台", "跨域通办"),
        ("桃江县", "桃江县一体化平台", "跨域通办"),
    ]


def test_clause_numbers_follow_the_print() -> None:
    assert [clause.number for clause in official().clauses] == [
        *(
            "一",
            "二",
            "三",
            "三.1",
            "三.2",
            "三.3",
            "四",
            *(f"四.{n}" for n in range(1, 10)),
            "五",
            "六",
            "六.1",
            "六.2",
        ),
        *("七", "八", *(f"八（{n}）" for n in "一二三四五"), "八（五）1", "八（五）2", "八（五）3"),
        *(f"八（{n}）" for n in "六七八九"),
        *("九", "十", "十.1", "十.2", "十.2（1）", "十.2（2）", "十.2（3）", "十.3", "十一"),
    ]


def test_every_topic_has_its_clause() -> None:
    assert {topic: official().cite(topic) for topic in Topic if len(official().cite(topic)) != 1} == {}
    cite = official().cite
    assert cite(Topic.DECLINE, Topic.TOLERANCE, Topic.RECEIPT) == ("八（一）", "八（四）", "八（五）3")
    assert cite(Topic.RELEASE_DOCUMENTS, Topic.RELEASE_REFUSED) == ("十.2（1）", "十.3")


def test_broken_heading_and_closing_line() -> None:
    refused, release, last = (official().clause(number) for number in ("十.3", "十", "十一"))
    assert refused
    assert release
    assert last
    assert refused.text == "不能现场发放证照的情形：既不能提供身份证、收文清单，且领证短信属于转发的。"
    assert release.text.endswith("办理结果发放成功的，需要登录办理平台完成相关操作。")
    assert last.inferred
    assert last.heading == "工作资料归档"


def test_anomalies_have_their_place() -> None:
    assert sorted((a.code, a.clause) for a in official().anomalies if a.clause) == [
        ("both-or-either", "十.2（1）"),
        ("copy-kept-or-returned", "六.1"),
        ("electronic-or-scanned", "六.2"),
        ("line-broken", "十.3"),
        ("mark-mixed", "四.5"),
        ("mark-mixed", "四.8"),
        ("materials-not-tied-to-items", "六"),
        ("phone-malformed", "四.8"),
        ("section-without-number", "十一"),
    ]


def test_docx_says_the_same() -> None:
    assert read(saved(build())) == official()


def test_doc_says_the_same() -> None:
    assert read((FIXTURES / "official.doc").read_bytes()) == official()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_say_the_same(encoding: str, newline: str) -> None:
    text = OFFICIAL.read_text(encoding="utf-8").replace("\n", newline)
    assert read(text.encode(encoding)) == official()


@pytest.mark.parametrize("file", sorted(PROCEDURES.glob("*/附件*.yaml")), ids=lambda f: f.stem)
def test_published_yaml_reads_back_without_loss(file: Path) -> None:
    published = read_file(str(file))
    assert yaml.load(yaml.dump(published)) == published


def test_published_form_is_what_the_text_says() -> None:
    assert read_file(str(OFFICIAL.with_suffix(".yaml"))) == official()
