"""What came from outside and was not done: read by a person of oversight, done again on their word, or let lie."""

import json
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from tongban.cases.queries import of_visible
from tongban.cases.signed import genuine
from tongban.exchange import inward
from tongban.exchange.models import Letter, Platform, Shared, Way
from tongban.people.models import Role, Staff
from tongban.people.record import Noting, act
from tongban.people.refused import Refused

PERSONAL = {"applicant", "agent", "guardian", "delivery", "email"}
LONGEST_SHOWN = 20_000


def failed(staff: Staff) -> QuerySet[Letter]:
    """Letters that were not done, oldest first: all for who oversees every region, else those of cases one sees."""
    rows = Letter.objects.filter(state=Letter.State.FAILED).select_related("platform", "case").order_by("pk")
    if any(duty.region_id is None for duty in staff.duties_as(Role.OVERSIGHT)):
        return rows
    return of_visible(rows, staff, Role.OVERSIGHT)


def shown(letter: Letter) -> str:
    """A letter as a person reads it, without what is personal; as it came where it is no JSON of ours."""
    try:
        content = json.loads(letter.body)
    except (ValueError, RecursionError):
        return f"（不是 JSON，{len(letter.body)} 个字符）"
    return json.dumps(_masked(content, letter.signed), ensure_ascii=False, indent=2)[:LONGEST_SHOWN]


def _masked(content: Any, known: bool, depth: int = 0) -> Any:
    """Personal data and whatever lies too deep as ``…``; of what nobody signed only the names of the fields."""
    if isinstance(content, dict) and depth < 8:
        return {
            str(name)[:60]: "…" if name in PERSONAL and depth else _masked(value, known, depth + 1)
            for name, value in list(content.items())[:100]
        }
    if isinstance(content, list) and depth < 8:
        return [_masked(one, known, depth + 1) for one in content[:50]]
    if content is None or isinstance(content, bool | int | float):
        return content
    return str(content)[:120] if known and isinstance(content, str) else "…"


def _letter(by: Staff | None, letter_id: int) -> Letter:
    rows = failed(by) if by else Letter.objects.filter(state=Letter.State.FAILED)
    letter = rows.filter(pk=letter_id).select_related("platform__staff").first()
    if letter is None:
        raise Refused("这一件已经不在“没有办成”里了。")
    return letter


def retry(by: Staff, *, key: str, letter_id: int) -> str:
    """Do a letter again as if it came now; its signature is verified with the keys of today. Returns what came of it.

    Raises :class:`Refused` where it still cannot be done.
    """
    letter = _letter(by, letter_id)
    platform = Platform.objects.select_related("staff").filter(code=letter.code).exclude(way=Way.INSIDE).first()
    if platform is None:
        raise Refused("没有登记过这个平台，请系统管理员先在 city.yaml 里登记。")
    body = letter.body.encode()
    if not letter.signed:
        moment = letter.headers.get("webhook-timestamp", "0")
        came = letter.came_at.timestamp()
        if not (moment.isdigit() and genuine(letter.headers, body, platform.secrets(), came)):
            raise Refused("按现在登记的密钥，签名还是不对。请和对方核对密钥和时钟。")
    _noted(by, key=key, about=f"来件 {letter.code} {letter.subject or letter.key[:20]}", kind="letter_retried")
    answer = inward.again(platform, letter)
    if answer.status >= 300:
        raise Refused(f"还是没有办成：{answer.message}")
    if not letter.signed:
        Letter.objects.filter(pk=letter.pk, signed=False).delete()  # it stands among the signed ones now
    return "已办。" if answer.state == "done" else "正在取文件，取到就办。"


def drop(by: Staff, *, key: str, letter_id: int, reason: str) -> None:
    """Let a letter lie, with the reason. The step counts as taken, so that later steps of the case can come."""
    text = reason.strip()
    if not text or len(text) > 300:
        raise Refused("请写明为什么不再处理，最多 300 个字。", {"reason": "请写明为什么不再处理，最多 300 个字。"})
    letter = _letter(by, letter_id)
    _noted(
        by, key=key, about=f"来件 {letter.code} {letter.subject or letter.key[:20]}", kind="letter_dropped", reason=text
    )
    Letter.objects.filter(pk=letter.pk, state=Letter.State.FAILED).update(
        state=Letter.State.DROPPED, done_at=timezone.now(), error=f"{letter.error}（不再处理：{text}）"
    )
    if letter.signed and letter.sequence:
        mine = Shared.objects.filter(Q(case=letter.case), platform=letter.platform, taken=letter.sequence - 1)
        mine.update(taken=letter.sequence)


@act(Role.OVERSIGHT)
def _noted(change: Noting, *, about: str, kind: str, reason: str = "") -> None:
    """Record that a person had a letter done again, or let it lie."""
    change.note(kind, about, after={"理由": reason} if reason else {"结果": "重办"})
