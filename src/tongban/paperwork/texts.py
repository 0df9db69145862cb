"""What a message to an applicant says: its kinds, what each may name, how many parts it costs. Pure.

A message is one head and the bodies of what it tells, joined: ``{head}{body}；{body}。`` A city may write its own
(``messages`` in city.yaml); what it names is checked when it is loaded.
"""

import re
from collections.abc import Iterable, Mapping
from string import Formatter

HEAD = "【{city}跨域通办】{name}，“{package}”（{number}）"
TEXTS = {
    "received": "已收件并推送{region}承办部门，受理结果另行短信告知",
    "supplement_asked": "需要补正材料，请按《补正材料告知单》一次补齐后到{window}办理",
    "accepted": "“{item}”已受理{due}",
    "not_accepted": "“{item}”不予受理：{reason}。详询{window} {window_phone}",
    "fee_asked": "“{item}”需缴费 {amount} 元，请按窗口告知的方式缴纳。本短信不含链接",
    "paused": "“{item}”因{ground}暂停计时，恢复时另行告知",
    "resumed": "“{item}”已恢复计时{due}",
    "decision_corrected": "“{item}”的决定已更正为“{decision}”{because}，以更正后的为准，领取另行通知",
    "tolerance_reminder": "容缺的{materials}应于 {deadline} 前补齐，请交到{window}，逾期影响办理",
    "result_ready": "结果已出，请带身份证或收件回执到{hall}领取，领证码 {code}。此为领证短信，转发无效",
    "collection_reminder": "结果还在{hall}等您领取，请带身份证或收件回执",
    "posted": "结果已寄出，邮件号 {waybill}",
    "rating_asked": "已办结交付。欢迎凭办件编号和手机号后四位在通办网页自愿评价{rate_at}",
    "rating_answered": "您的评价已答复，请在通办网页“查进度”里看",
    "code": "领取验证码 {code}，{minutes} 分钟内有效。只在领取时告诉发证窗口，不要告诉别人",
}
COMMON = frozenset({"city", "name", "package", "number", "region", "window", "window_phone", "hall"})
OWN = {
    "accepted": {"item", "due"},
    "not_accepted": {"item", "reason"},
    "fee_asked": {"item", "amount"},
    "paused": {"item", "ground"},
    "resumed": {"item", "due"},
    "decision_corrected": {"item", "decision", "because"},
    "tolerance_reminder": {"materials", "deadline"},
    "result_ready": {"code"},
    "posted": {"waybill"},
    "code": {"code", "minutes"},
    "rating_asked": {"rate_at"},
}
NEEDED = {
    "decision_corrected": {"decision"},
    "result_ready": {"code"},
    "code": {"code"},
    "posted": {"waybill"},
    "fee_asked": {"amount"},
}
LONGEST = 200  # characters of one text as a city writes it
CODE = "••••••"  # stands for a code wherever a message is kept or shown; the code itself is put in as it is sent
IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{14,17}[\dXx](?![0-9A-Za-z])")  # a citizen id, old or new


def allowed(kind: str) -> frozenset[str]:
    """What a text of ``kind`` (a key of ``TEXTS``, or ``head``) may name."""
    return COMMON | OWN.get(kind, set())


def fault(kind: str, text: str) -> str | None:
    """What is wrong with a city's own text (Chinese), or None."""
    if kind != "head" and kind not in TEXTS:
        return f"没有“{kind}”这种短信，可用：head、{'、'.join(TEXTS)}"
    if not text.strip() or len(text) > LONGEST:
        return f"“{kind}”应为 1 到 {LONGEST} 个字"
    if any(ord(character) < 32 for character in text):
        return f"“{kind}”里有换行或控制字符"
    try:
        pieces = [piece[1:] for piece in Formatter().parse(text) if piece[1] is not None]
    except ValueError:
        return f"“{kind}”的大括号不配对"
    if any(form or conversion for _, form, conversion in pieces):
        return f"“{kind}”的占位符只能写成 {{名称}}"
    named = {str(field) for field, _, _ in pieces}
    if unknown := sorted(named - allowed(kind)):
        return f"“{kind}”不能用占位符 {'、'.join(f'{{{name}}}' for name in unknown)}，可用：{'、'.join(sorted(allowed(kind)))}"
    if missing := sorted(NEEDED.get(kind, set()) - named):
        return f"“{kind}”缺少占位符 {'、'.join(f'{{{name}}}' for name in missing)}"
    return None


def body_of(kind: str, values: Mapping[str, object], own: Mapping[str, str]) -> str:
    """One body: the city's ``own`` text of ``kind`` or the usual one, with ``values`` put in."""
    return own.get(kind, TEXTS[kind]).format_map(values)


def join(bodies: Iterable[str], values: Mapping[str, object], own: Mapping[str, str]) -> str:
    """A whole message; what is told twice stands once."""
    said = list(dict.fromkeys(body.rstrip("。；") for body in bodies))
    return f"{own.get('head', HEAD).format_map(values)}{'；'.join(said)}。"


def without_identity(text: str) -> str:
    """Free text without citizen id numbers that somebody typed into it."""
    return IDENTITY.sub("（号码略）", text)


def parts(text: str) -> int:
    """How many short messages ``text`` is sent as: 70 UTF-16 units in one, 67 in each of several; no character is cut."""
    widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    if sum(widths) <= 70:
        return 1
    count, room = 1, 67
    for width in widths:
        if width > room:
            count, room = count + 1, 67
        room -= width
    return count
