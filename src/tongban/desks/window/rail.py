"""The window's rail: what waits, counted within what is looked for, never over all there ever was."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from tongban.archive.queries import asks_owed_by
from tongban.cases.models import Case, CaseMaterial, Papers
from tongban.cases.queries import drafts_visible_to, forms_to_hand, of_visible, visible_to
from tongban.cases.states import CaseState
from tongban.messages.calls import to_call
from tongban.people.models import Role, Staff


def tolerated_rows(staff: Staff) -> Any:
    """Tolerated materials still to come, of cases of this window."""
    rows = CaseMaterial.objects.filter(tolerated=True, supplied_at=None)
    over = (CaseState.SUPPLEMENTING, CaseState.ARCHIVED, CaseState.NOT_ACCEPTED)
    return of_visible(rows, staff, Role.WINDOW).exclude(case__state__in=over)


def papers_here(staff: Staff) -> Any:
    """Cases whose working papers are on paper at this window, once they are with the department."""
    return (
        visible_to(staff, Role.WINDOW)
        .filter(papers=Papers.WINDOW)
        .exclude(state__in=(CaseState.SUPPLEMENTING, CaseState.DECLINED))
    )


def rail(staff: Staff, here: str = "") -> list[dict[str, Any]]:
    """Groups of entries for the rail."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    mine = visible_to(staff, Role.WINDOW)
    supplementing = mine.filter(state=CaseState.SUPPLEMENTING).count()
    taken_today = mine.filter(taken_at__gte=today).count()
    drafts = list(drafts_visible_to(staff).filter(case=None)[:6])

    def entry(label: str, name: str, count: int | None, **more: Any) -> dict[str, Any]:
        return {"label": label, "url": reverse(name), "count": count, "on": name == here, **more}

    def tone(count: int) -> str:
        return "soon" if count else ""

    tolerated, forms, papers = (
        tolerated_rows(staff).count(),
        forms_to_hand(staff, Role.WINDOW).count(),
        papers_here(staff).count(),
    )
    asks = asks_owed_by(staff, Role.WINDOW).count()
    calls = to_call(staff).count()
    return [
        {
            "label": "收件",
            "entries": [
                entry("收件", "window", None, key="F2"),
                entry("待补正", "window-supplements", supplementing, tone=tone(supplementing)),
                entry("容缺待补", "window-tolerated", tolerated, tone=tone(tolerated)),
                entry("待交文书", "window-forms", forms, tone=tone(forms)),
                entry("待寄材料", "window-mail", None),
                entry("待移交资料", "window-papers", papers),
                entry("归档催要", "window-asks", asks, tone=tone(asks)),
                entry("电话告知", "window-calls", calls, tone="late" if calls else ""),
            ],
        },
        {
            "label": "草稿",
            "entries": [
                {
                    "label": ((draft.body.get("fields", {}).get("applicant_name") or [""])[0] or "未填姓名")[:8],
                    "url": reverse("window-intake", args=[draft.pk]),
                    "count": f"{timezone.localtime(draft.updated_at):%H:%M}",
                    "on": str(draft.pk) == here,
                }
                for draft in drafts
            ],
        },
        {"label": "今天", "entries": [{"label": "已收件", "url": reverse("window"), "count": taken_today}]},
    ]


def recent(staff: Staff, size: int = 8) -> list[Case]:
    """The newest cases of this window."""
    return list(visible_to(staff, Role.WINDOW).select_related("version", "region").order_by("-id")[:size])
