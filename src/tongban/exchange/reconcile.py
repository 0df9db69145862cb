"""Whether two instances see the same cases alike: each tells its view, page by page; where they differ is reported.

What follows after the result was sent on is the business of who took the case in, so all of it counts as one state.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from tongban.cases.states import WITH_RESULT, ItemState
from tongban.exchange import fetching
from tongban.exchange.models import Platform, PlatformPush, Shared
from tongban.exchange.relay import origin_of

PAGE = 200
SENT_ON = "result_sent"  # the item's state from then on
WORDS = {
    "number": "编号", "taken": "已办到对方的第几步", "items": "事项", "state": "状态", "due": "应办结日", "decision": "决定",
    "fee": "费用", "materials": "材料文件", "document": "决定文书", "waiting": "还没有送到的步",
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One thing on which the two differ: of which case (our number, or theirs where we have none), what, ours, theirs."""

    number: str
    what: str
    ours: str
    theirs: str


def page_of(platform: Platform, after: int) -> dict[str, Any]:
    """``{"cases": [view of a case, …], "next": key of the next page or 0}`` of the cases shared with a platform."""
    rows = list(_rows(Shared.objects.filter(platform=platform, pk__gt=after).order_by("pk"))[: PAGE + 1])
    page = rows[:PAGE]
    return {"cases": [view_of(row) for row in page], "next": page[-1].pk if len(rows) > PAGE else 0}


def _rows(rows: Any) -> Any:
    return rows.select_related("case").prefetch_related("case__items__documents", "case__materials__files")


def view_of(row: Shared) -> dict[str, Any]:
    """A shared case as one instance sees it; ``origin`` is its number at who took it in, ``department`` the other one."""
    case = row.case
    ours, theirs = case.number, case.foreign_number
    return {
        "origin": origin_of(case),
        "department": ours if case.mirrored else theirs,
        "sent": row.sent,
        "taken": row.taken,
        "items": {str(item.order): _item(item) for item in case.items.all()},
        "materials": {
            str(material.index): sorted(file.digest for file in material.files.all() if not file.withdrawn)
            for material in case.materials.all()
        },
    }


def _item(item: Any) -> dict[str, str]:
    after = item.state in WITH_RESULT and item.state != ItemState.DECIDED
    return {
        "state": SENT_ON if after else item.state,
        "due": item.due.isoformat() if item.due else "",
        "decision": item.decision,
        "document": next((one.digest for one in item.documents.all() if one.withdrawn_at is None), ""),
        "fee": "" if item.fee_asked is None else f"{item.fee_asked:.2f}{' 已缴' if item.fee_paid_at else ''}",
    }


def compared(platform: Platform) -> Iterator[tuple[int, list[Difference]]]:
    """(cases compared since the last, differences), a page at a time, then what only we have. Raises :class:`NotSent`."""
    seen: set[int] = set()
    page: list[dict[str, Any]] = []
    for theirs in fetching.view(platform):
        page.append(theirs)
        if len(page) == PAGE:
            yield len(page), list(_page(platform, page, seen))
            page = []
    yield len(page), list(_page(platform, page, seen))
    yield from _ours_alone(platform, seen)


def _page(platform: Platform, page: list[dict[str, Any]], seen: set[int]) -> Iterator[Difference]:
    origins = [str(theirs.get("origin", "")) for theirs in page]
    wanted = Q(case__mirrored=False, case__number__in=origins) | Q(
        case__mirrored=True, case__foreign_number__in=origins
    )
    rows = {view_of(row)["origin"]: row for row in _rows(Shared.objects.filter(wanted, platform=platform))}
    waiting = _waiting(platform, [row.case_id for row in rows.values()])
    for theirs, origin in zip(page, origins, strict=True):
        row = rows.get(origin)
        if row is None:
            yield Difference(origin, "对方有，这里没有", "", str(theirs.get("department", "")))
            continue
        seen.add(row.pk)
        yield from differences(view_of(row), theirs, waiting.get(row.case_id, 0))


def _waiting(platform: Platform, cases: list[int]) -> dict[int, int]:
    pushes = PlatformPush.objects.filter(platform=platform, case__in=cases).exclude(state="sent")
    return dict(pushes.order_by().values_list("case_id").annotate(Count("pk")))


def differences(ours: dict[str, Any], theirs: dict[str, Any], waiting: int = 0) -> Iterator[Difference]:
    """Where two views of one case differ; ``waiting``: pushes of ours that have not arrived."""
    number = ours["origin"]
    if waiting:
        yield Difference(number, WORDS["waiting"], f"{waiting} 步", "")
    if ours["department"] != theirs.get("department"):
        yield Difference(
            number, "承办方的编号", ours["department"] or "还不知道", str(theirs.get("department") or "还不知道")
        )
    for mine, other, what in (("sent", "taken", "我方说了、对方办了"), ("taken", "sent", "我方办了、对方说了")):
        if ours[mine] != theirs.get(other):
            yield Difference(number, what, f"{ours[mine]} 步", f"{theirs.get(other)} 步")
    for kind in ("items", "materials"):
        said = theirs.get(kind)
        here: dict[str, Any] = ours[kind]
        there: dict[str, Any] = said if isinstance(said, dict) else {}
        for place in sorted({*here, *there}):
            yield from _parts(number, f"{WORDS[kind]} {place}", here.get(place), there.get(place))


def _parts(number: str, what: str, ours: Any, theirs: Any) -> Iterator[Difference]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in ours:
            if name in theirs and ours[name] != theirs[name]:  # an older instance says less
                yield Difference(
                    number, f"{what}的{WORDS[name]}", str(ours[name] or "无"), str(theirs.get(name) or "无")
                )
    elif ours != theirs:
        yield Difference(number, what, _said(ours), _said(theirs))


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(str(one)[:12] for one in value) or "没有文件"
    return "没有" if value is None else str(value)


def _ours_alone(platform: Platform, seen: set[int]) -> Iterator[tuple[int, list[Difference]]]:
    """Cases that we share and the other side did not name."""
    after = 0
    while rows := list(
        Shared.objects.filter(platform=platform, pk__gt=after).select_related("case").order_by("pk")[:PAGE]
    ):
        after = rows[-1].pk
        alone = [row for row in rows if row.pk not in seen]
        waiting = _waiting(platform, [row.case_id for row in alone])
        said = [
            Difference(origin_of(row.case), "这里有，对方没有", f"{waiting.get(row.case_id, 0)} 步还没有送到", "")
            for row in alone
        ]
        yield len(alone), said
