"""Invented data of every form: to look at them, and to try a city's own template before it is used."""

import json
from datetime import UTC, datetime
from typing import Any

from tongban.paperwork.form import MODELS

COMMON: dict[str, Any] = {
    "title_line": "示例市“一件事一次办”跨域通办",
    "serial": "示〔2026〕000001号",
    "token": "7Q4K2M9D7Q4K2M9D7Q4K",
    "check_at": "https://tongban.example/check/",
    "case_number": "SL-20261123-7Q4K2M9D",
    "applicant": "样*",
    "id_masked": "4****************X",
    "package": "我要办样例事（示例）",
    "items": [{"name": "样例经营许可（示例）", "code": "000100001001"}],
    "region": "示例县",
    "window": {"name": "示例镇跨域通办窗口（示例）", "address": "示例镇示例路 1 号", "phone": "0737-0000000"},
    "officer": "样例·陈",
    "issued_at": datetime(2026, 11, 23, 1, 52, tzinfo=UTC).isoformat(),
    "complaint_phone": "12345",
    "clauses": ["示例条款一"],
    "clause_text": "一次告知申请人需要补正的全部内容。",
}
MISSING = [{"name": "场地证明", "requirement": "原件", "due": "2026-11-30", "channels": ["邮寄", "现场提交"]}]
LATE = "逾期没有补齐的，由承办部门决定不予受理或者终止办理。"
SENDER = {"name": "示例镇跨域通办窗口（示例）", "phone": "0737-0000000", "address": "示例县示例镇示例路 1 号"}
RECEIVER = {
    "name": "样*",
    "phone": "138****0000",
    "address": "示例市样板区样板街道样板路 99 号 3 栋 501",
    "postcode": "000000",
}
OWN: dict[str, dict[str, Any]] = {
    "supplement_notice": {
        "materials": [
            {
                "name": "寸照",
                "defects": ["非白底彩色寸照", "非电子档"],
                "requirement": "电子档白底彩色寸照",
                "mend": "",
            },
            {"name": "身份证", "defects": [], "requirement": "验原件，留复印件1份", "mend": "补交这份材料"},
        ],
        "consequence": "补齐之前申请不推送承办部门，办结时限不起算。",
    },
    "release_refusal": {
        "reason": "没有身份证、收文清单，且领证短信属于转发，不能现场发放。",
        "collector": "样*",
        "instead": "请带申请人或原代办人的身份证，或者收件回执再来；也可以改为邮寄。",
    },
    "decline_notice": {"reason": "申请的事项由不动产登记机构办理。", "competent": "示例县不动产登记中心（示例）"},
    "tolerance_notice": {"materials": MISSING, "consequence": LATE},
    "tolerance_pledge": {"materials": MISSING, "consequence": LATE},
    "tolerance_receipt": {
        "materials": [{"name": "场地证明", "on": "2026-11-28", "way": "邮件袋", "files": 2}],
        "open": [{"name": "样例资格证", "requirement": "验原件", "due": "办结前"}],
    },
    "late_notice": {"materials": MISSING, "consequence": LATE, "done": "转承办部门决定，结果短信告知。"},
    "intake_receipt": {
        "materials": [{"name": "身份证", "form": "原件核验、扫描", "files": 2, "handling": "已退回申请人"}],
        "pushed_to": "示例平台“跨域通办”模块",
        "promise": "承诺自承办部门受理之日起 60 个工作日内作出决定，受理的次日为第 1 日。",
        "delivery": "到示例县政务大厅领取。",
        "collect": "领取时请带身份证或本回执；也可凭领证短信原件并写出申办时的身份证号和手机号码。",
    },
    "material_list": {"unit": "示例县承办局（示例）", "materials": [{"name": "申请表", "original": True, "copies": 2}]},
    "release_receipt": {"results": ["许可证"], "collector": "样*", "way": "示例条款二", "warning": "", "voucher": ""},
    "pause_notice": {"item": "样例经营许可（示例）", "ground": "检验", "note": "", "since": "2026年11月24日"},
    "resume_notice": {"item": "样例经营许可（示例）", "since": "2026年11月30日", "due": "2027-02-18（暂定）"},
    "fee_notice": {"item": "样例经营许可（示例）", "amount": "120.00"},
    "bag_label": {
        "bag": "SLX-B-20261123-0007",
        "kind": "容缺回寄",
        "sender": RECEIVER,
        "receiver": SENDER,
        "cases": ["SL-20261123-7Q4K2M9D"],
        "due": "2026-11-30",
    },
    "post_label": {
        "waybill": "EX123456789CN",
        "kind": "结果",
        "sender": SENDER,
        "receiver": RECEIVER,
        "contents": ["样例经营许可证"],
        "note": "请本人签收",
    },
    "post_list": {
        "day": "2026年11月23日",
        "desk": "示例县邮政专递窗口（示例）",
        "carrier": "邮政速递（示例）",
        "rows": [
            {
                "waybill": "EX123456789CN",
                "case_number": "SL-20261123-7Q4K2M9D",
                "kind": "结果",
                "receiver": "样*",
                "destination": "样板区",
            }
        ],
    },
    "archive_cover": {
        "archive_number": "示例-2026-D30-000017",
        "fonds": "示例全宗",
        "category": "行政许可",
        "year": 2026,
        "retention": "30年",
        "result": "样例经营许可（示例）：准予",
        "taken_on": "2026-11-23",
        "closed_on": "2026-12-20",
        "files": 3,
        "pages": 12,
    },
    "archive_list": {
        "archive_number": "示例-2026-D30-000017",
        "rows": [
            {"name": "身份证", "mark": "1-1", "day": "2026-11-23", "digest": "0a1b2c3d" * 8},
            {
                "name": "收件回执（收文清单）",
                "mark": "示收〔2026〕000001号",
                "day": "2026-11-23",
                "pages": 1,
                "digest": "9f8e7d6c" * 8,
            },
        ],
    },
}


def sample(kind: str) -> dict[str, Any]:
    """Invented data of one form, as plain JSON data."""
    known = MODELS[kind].model_fields
    data: dict[str, Any] = {name: value for name, value in (COMMON | OWN[kind]).items() if name in known}
    copied: dict[str, Any] = json.loads(json.dumps(data))
    return copied
