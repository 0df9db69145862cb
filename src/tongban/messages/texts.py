"""What a message says. Names are masked, no id number ever appears; what is promised is what the case says."""

from typing import Any

from tongban.cases.links import rating_url
from tongban.cases.models import Case, CaseItem
from tongban.identity.masking import mask_name

TEXTS = {
    "received": "【{city}跨域通办】{name}，您的“{package}”（{number}）已收件并推送{region}承办部门，受理结果另行短信告知。",
    "supplement_asked": "【{city}跨域通办】{name}，您的“{package}”（{number}）需要补正材料，请按《补正材料告知单》一次补齐后到{window}办理。",
    "accepted": "【{city}跨域通办】{name}，“{item}”（{number}）已受理{due}。",
    "not_accepted": "【{city}跨域通办】{name}，“{item}”（{number}）不予受理：{reason}。详询{window} {window_phone}。",
    "fee_asked": "【{city}跨域通办】{name}，“{item}”（{number}）需缴费 {amount} 元，请按窗口告知的方式缴纳。本短信不含链接。",
    "paused": "【{city}跨域通办】{name}，“{item}”（{number}）因{ground}暂停计时，恢复时另行告知。",
    "resumed": "【{city}跨域通办】{name}，“{item}”（{number}）已恢复计时{due}。",
    "result_ready": "【{city}跨域通办】{name}，“{package}”（{number}）结果已出，请带身份证或收件回执到{region}政务大厅领取。此为领证短信，转发无效。",
    "posted": "【{city}跨域通办】{name}，“{package}”（{number}）结果已寄出，邮件号 {waybill}。",
    "rating_asked": "【{city}跨域通办】{name}，“{package}”（{number}）已办结交付。欢迎凭办件编号和手机号后四位在通办网页自愿评价{rate_at}。",
    "rating_answered": "【{city}跨域通办】{name}，您对“{package}”（{number}）的评价已答复，请在通办网页“查进度”里看。",
}


def text_of(
    kind: str, case: Case, items: dict[int, CaseItem], data: dict[str, Any], out: dict[str, Any], ground: str
) -> str:
    """The text of one message about ``case``; ``items`` by order, ``data`` of its event, ``out`` its outgoing entry."""
    item = items.get(int(out.get("item", 0)))
    due = item.due if item else None
    return TEXTS[kind].format(
        city=case.version.city,
        name=mask_name(case.applicant_name),
        package=case.version.name,
        number=case.number,
        region=case.region.name,
        window=case.window.name,
        window_phone=case.window.phone,
        item=item.name if item else "",
        due=f"，应于 {due:%Y-%m-%d} 前办结{'（暂定）' if item and item.due_provisional else ''}" if due else "",
        reason=str(data.get("reason", ""))[:120],
        amount=data.get("amount", ""),
        ground=ground,
        waybill=out.get("waybill", ""),
        rate_at=f"，或打开 {link}" if (link := rating_url(case.number)) else "",
    )
