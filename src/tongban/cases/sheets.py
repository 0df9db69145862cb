"""From a case to the data of a printed form: what ``paperwork.model`` asks for, persons masked."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from tongban.cases.links import rating_url
from tongban.cases.models import Case, CaseItem, CaseMaterial, Delivery
from tongban.identity.masking import mask_id, mask_name
from tongban.paperwork.model import PostLabel
from tongban.people.models import City, Region, Staff
from tongban.procedure.model import Procedure, TimeLimit, Topic
from tongban.rules.review import MaterialState, Outcome

UNITS = {"working_day": "个工作日", "natural_day": "个自然日"}


def head(case: Case, staff: Staff, topics: tuple[Topic, ...]) -> dict[str, Any]:
    """What stands on every form of ``case``; serial, number and time are added when it is issued."""
    city = City.objects.filter(name=case.version.city).first()
    clauses = case.procedure.cite(*topics)
    clause = case.procedure.clause(clauses[0]) if clauses else None
    agent = next((party for party in case.parties.all() if party.role == "agent"), None)
    return {
        "title_line": city.title if city else case.version.city,
        "applicant": mask_name(case.applicant_name),
        "id_masked": mask_id(case.applicant_id_number),
        "agent": mask_name(agent.name) if agent else "",
        "package": case.version.name,
        "items": [{"name": item.name, "code": item.code} for item in case.items.all()],
        "region": case.region.name,
        "window": {"name": case.window.name, "address": case.window.address, "phone": case.window.phone},
        "officer": staff.name,
        "complaint_phone": city.complaint_phone if city else "",
        "seal": city.seal if city else "",
        "clauses": list(clauses),
        "clause_text": clause.text.replace("\n", "") if clause else "",
    }


def label_head(case: Case, staff: Staff) -> dict[str, Any]:
    """What stands on a label of ``case``: less than on a sheet, and no person."""
    known = PostLabel.model_fields
    return {name: value for name, value in head(case, staff, ()).items() if name in known}


def sheet_head(staff: Staff, region: Region, place: Mapping[str, str]) -> dict[str, Any]:
    """What stands on a sheet of no single case; ``place`` is where to ask: name, address, phone."""
    city = City.objects.filter(name=region.city).first()
    return {
        "title_line": city.title if city else region.city,
        "window": dict(place),
        "officer": staff.name,
        "complaint_phone": city.complaint_phone if city else "",
        "seal": city.seal if city else "",
    }


def first_forms(case: Case) -> tuple[str, ...]:
    """The forms to hand out after taking in, by the outcome of the review."""
    return {
        Outcome.DECLINE: ("decline_notice",),
        Outcome.SUPPLEMENT: ("supplement_notice",),
        Outcome.TOLERANCE: ("tolerance_notice", "tolerance_pledge", "intake_receipt"),
        Outcome.CONFORM: ("intake_receipt",),
    }[Outcome(case.outcome)]


def window_sheet(case: Case, kind: str, staff: Staff) -> dict[str, Any]:
    """The data of a form the window hands out."""
    if kind == "decline_notice":
        return head(case, staff, (Topic.DECLINE,)) | {"reason": case.outcome_reason}
    if kind == "supplement_notice":
        asked = [
            {
                "name": defect["name"],
                "defects": defect["defects"],
                "requirement": defect["requirement"],
                "mend": "请补交" if defect["state"] == MaterialState.MISSING else "请按要求换一份",
            }
            for defect in case.defects
        ]
        consequence = case.procedure.policy.supplement_consequence
        return head(case, staff, (Topic.SUPPLEMENT,)) | {"materials": asked, "consequence": consequence}
    if kind in ("tolerance_notice", "tolerance_pledge"):
        consequence = case.procedure.policy.tolerance_consequence
        return head(case, staff, (Topic.TOLERANCE,)) | {"materials": _tolerated(case), "consequence": consequence}
    return head(case, staff, (Topic.RECEIPT,)) | _receipt(case)


def supplied_sheet(case: Case, staff: Staff, supplied: CaseMaterial, way: str, files: int) -> dict[str, Any]:
    """The data of the receipt for a tolerated material that has come, and what is still open."""
    came = {"name": supplied.name, "on": timezone.localdate().isoformat(), "way": way, "files": files}
    still = _tolerated(case, case.materials.filter(tolerated=True, supplied_at=None))
    return head(case, staff, (Topic.TOLERANCE,)) | {"materials": [came], "open": still}


def late_sheet(case: Case, staff: Staff, late: Iterable[CaseMaterial], done: str) -> dict[str, Any]:
    """The data of the notice that tolerance has run out, and what was ``done``."""
    own = {
        "materials": _tolerated(case, late),
        "consequence": case.procedure.policy.tolerance_consequence,
        "done": done,
    }
    return head(case, staff, (Topic.TOLERANCE,)) | own


def _tolerated(case: Case, rows: Iterable[CaseMaterial] | None = None) -> list[dict[str, Any]]:
    found = []
    for row in case.materials.filter(tolerated=True) if rows is None else rows:
        material = case.procedure.materials[row.index]
        due = row.tolerance_due.isoformat() if row.tolerance_due else row.tolerance_until or "承办部门办结前"
        channels = list(material.tolerance.channels)
        found.append({"name": row.name, "requirement": material.requirement, "due": due, "channels": channels})
    return found


def _receipt(case: Case) -> dict[str, Any]:
    materials = []
    for row in case.materials.prefetch_related("files"):
        files = [file for file in row.files.all() if not file.withdrawn]
        asked = case.procedure.materials[row.index]
        forms = [
            text
            for text, there in (
                ("原件核验", row.original_shown),
                ("电子档" if asked.electronic else "扫描件", bool(files)),
                ("历史资料", any(file.source == "earlier" for file in files)),
            )
            if there
        ]
        handling = "容缺待补" if row.tolerated else "转送承办部门" if row.forwarded else "已退回申请人"
        materials.append(
            {"name": row.name, "form": "、".join(forms) or "未提交", "files": len(files), "handling": handling}
        )
    hall = getattr(case.region, "hall", None)
    module = f"“{case.module}”模块" if case.module else ""
    collect = "领取时请带申请人或代办人的身份证，或本回执；也可凭领证短信原件并写出申办时的身份证号和手机号码。"
    if case.delivery == Delivery.POST:
        delivery, collect = f"邮寄给{mask_name(case.delivery_name)}，办结后寄出并短信告知邮件号。", ""
    else:
        delivery = f"到{hall.name if hall else case.region.name + '政务大厅'}{'（' + hall.address + '）' if hall and hall.address else ''}领取。"
    return {
        "materials": materials,
        "pushed_to": f"{case.platform}{module}",
        "promise": promise(case.procedure),
        "delivery": delivery,
        "collect": collect,
        "rate_at": rating_url(case.number),
    }


def promise(procedure: Procedure, limit: TimeLimit | None = None) -> str:
    """The promised limit and how it is counted, for a person."""
    limit = limit or procedure.time_limit
    if limit is None:
        return "各事项的承诺时限以承办部门告知的为准，从受理的第二天起算。"
    if limit.days == 0:
        return "属于即办件，承办部门受理当天办结。"
    how = "只算工作日" if limit.unit == "working_day" else "按自然日算，最后一天是休息日的顺延"
    return f"承诺自承办部门受理之日起 {limit.days} {UNITS[limit.unit]}内作出决定，从受理的第二天起算，{how}。"


def clock_sheet(case: Case, item: CaseItem, staff: Staff, *, ground: str = "", note: str = "") -> dict[str, Any]:
    """The data of a pause or resume notice for one item, from today."""
    today = timezone.localdate()
    since = f"{today.year}年{today.month}月{today.day}日"
    own = {"item": item.name, "ground": ground, "note": note, "since": since, "due": item.due_said}
    return head(case, staff, (Topic.TIME_LIMIT,)) | own


def fee_sheet(case: Case, item: CaseItem, staff: Staff) -> dict[str, Any]:
    """The data of a fee notice."""
    return head(case, staff, (Topic.RECEIPT,)) | {"item": item.name, "amount": str(item.fee_asked)}


def release_sheet(
    case: Case, staff: Staff, event: dict[str, Any], collector: str, clauses: list[str]
) -> dict[str, Any]:
    """The data of the receipt a collector signs, from the data of the hand-over's event."""
    handed = [item.name for item in case.items.all() if item.order in event.get("items", [])]
    return head(case, staff, (Topic.RELEASE_ON_SITE,)) | {
        "results": handed,
        "collector": mask_name(collector),
        "way": "、".join(clauses),
        "warning": event.get("warning", ""),
        "voucher": event.get("voucher", ""),
    }


def refusal_sheet(case: Case, staff: Staff, event: Mapping[str, Any], collector: str) -> dict[str, Any]:
    """The data of the sheet that says why a result is not handed over, from the data of the refusal's event."""
    instead = "请带申请人或原代办人的身份证，或者收件回执再来；也可以改为邮寄。"
    own = {"reason": event.get("reason", ""), "collector": mask_name(collector), "instead": instead}
    return head(case, staff, (Topic.RELEASE_REFUSED, Topic.RELEASE_ON_SITE)) | own


def list_sheet(case: Case, staff: Staff, unit: str, materials: list[dict[str, Any]], bag: str = "") -> dict[str, Any]:
    """The data of a 单位材料目录; ``bag`` is the code on the label of what it lies in."""
    return head(case, staff, (Topic.PAPER_LISTS,)) | {"unit": unit, "materials": materials, "bag": bag}
