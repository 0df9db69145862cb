"""``python -m tests.paperwork.samples DIR``: every form from invented data, as PDF and PNG, to be looked at."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tongban.paperwork.form import KINDS, form

COMMON: dict[str, Any] = {
    "title_line": "示例市“一件事一次办”跨域通办",
    "serial": "示〔2026〕000001号",
    "case_number": "SL-20261123-7Q4K2M9D",
    "applicant": "样*",
    "id_masked": "4****************X",
    "package": "我要开药店（示例）",
    "items": [{"name": "药品经营许可（示例）", "code": "000100001001"}],
    "region": "示例县",
    "window": {"name": "示例镇跨域通办窗口（示例）", "address": "示例镇示例路 1 号", "phone": "0737-0000000"},
    "officer": "样例·陈",
    "issued_at": datetime(2026, 11, 23, 1, 52, tzinfo=UTC).isoformat(),
    "complaint_phone": "12345",
    "clauses": ["八（三）"],
    "clause_text": "一次告知申请人需要补正的全部内容。",
}
MISSING = [{"name": "场地证明", "requirement": "原件", "due": "2026-11-30", "channels": ["邮寄", "现场提交"]}]
OWN: dict[str, dict[str, Any]] = {
    "supplement_notice": {
        "materials": [
            {
                "name": "寸照",
                "defects": ["非白底彩色寸照", "非电子档"],
                "requirement": "电子档白底彩色寸照",
                "mend": "",
            },
            {"name": "身份证", "defects": [], "requirement": "验原件，留复印件1份", "mend": ""},
        ]
    },
    "decline_notice": {"reason": "申请的事项由不动产登记机构办理。", "competent": "示例县不动产登记中心（示例）"},
    "tolerance_notice": {"materials": MISSING},
    "tolerance_pledge": {"materials": MISSING},
    "intake_receipt": {
        "materials": [{"name": "身份证", "form": "原件核验、扫描", "files": 2, "handling": "已退回申请人"}],
        "pushed_to": "示例平台“跨域通办”模块",
        "promise": "承诺自承办部门受理之日起 60 个工作日内作出决定，受理的次日为第 1 日。",
        "delivery": "到示例县政务大厅领取。",
        "collect": "领取时请带身份证或本回执；也可凭领证短信原件并写出申办时的身份证号和手机号码。",
    },
    "material_list": {"unit": "示例县承办局（示例）", "materials": [{"name": "申请表", "original": True, "copies": 2}]},
    "release_receipt": {"results": ["许可证"], "collector": "样*", "way": "十.2（1）", "warning": "", "voucher": ""},
    "pause_notice": {"item": "药品经营许可（示例）", "ground": "检验", "note": "", "since": "2026年11月24日"},
    "resume_notice": {"item": "药品经营许可（示例）", "since": "2026年11月30日", "due": "2027-02-18（暂定）"},
    "fee_notice": {"item": "药品经营许可（示例）", "amount": "120.00"},
}


def sample(kind: str) -> dict[str, Any]:
    """Invented data of one form, as plain JSON data."""
    data: dict[str, Any] = json.loads(json.dumps(COMMON | OWN[kind]))
    return data


def main() -> None:
    """Write every form into the folder named on the command line."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        pdf = folder / f"{kind}.pdf"
        pdf.write_bytes(form(kind, sample(kind)))
        subprocess.run(["pdftoppm", "-r", "70", "-png", str(pdf), str(folder / kind)], check=True)


if __name__ == "__main__":
    main()
