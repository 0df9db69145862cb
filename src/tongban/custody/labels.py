"""From things and mail to the data of what is printed for them: bag labels, postal labels, the list for the carrier."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from tongban.cases.models import Case
from tongban.cases.sheets import label_head, sheet_head
from tongban.custody.bags import still_missing
from tongban.custody.models import Consignment, Thing
from tongban.custody.post import items_of
from tongban.identity.areas import area_of
from tongban.identity.masking import mask_name, mask_phone
from tongban.people.models import Region, Staff, Window

KINDS = {Consignment.Kind.RESULT: "结果", Consignment.Kind.MATERIALS: "材料", Consignment.Kind.BAG: "容缺回寄"}


def _hall(region: Region) -> dict[str, str]:
    """The post window of a region's hall, as an end of a consignment."""
    hall = getattr(region, "hall", None)
    name = f"{hall.name if hall else region.name + '政务大厅'} 邮政专递窗口"
    return {"name": name, "phone": hall.phone if hall else "", "address": hall.address if hall else ""}


def _window(window: Window) -> dict[str, str]:
    return {"name": window.name, "phone": window.phone, "address": window.address}


def _without_case(head: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in head.items() if name != "case_number"}


def return_bag(bag: Thing, staff: Staff) -> dict[str, Any]:
    """The label of a bag that an applicant mails tolerated materials in; no name stands on it."""
    case = bag.case
    days = [row.tolerance_due for row in still_missing(case) if row.tolerance_due]
    return _without_case(label_head(case, staff)) | {
        "bag": bag.code,
        "kind": "容缺回寄",
        "sender": {"name": mask_name(case.applicant_name), "phone": mask_phone(case.applicant_phone)},
        "receiver": _hall(case.region),
        "cases": [case.number],
        "due": min(days).isoformat() if days else "",
    }


def hall_bag(row: Consignment, staff: Staff) -> dict[str, Any]:
    """The label of a bag with the paper of many cases for one hall."""
    assert row.window is not None
    numbers = sorted({thing.case.number for thing in row.things.select_related("case")})
    return sheet_head(staff, row.region, _window(row.window)) | {
        "bag": row.waybill or f"P{row.pk:011d}",
        "kind": "材料",
        "sender": _window(row.window),
        "receiver": _hall(row.region),
        "cases": numbers,
    }


def postal(row: Consignment, staff: Staff) -> dict[str, Any]:
    """The postal label of a result: the address whole, name and phone masked."""
    case = row.case
    assert isinstance(case, Case)
    return label_head(case, staff) | {
        "waybill": row.waybill,
        "kind": "结果",
        "sender": _hall(case.region),
        "receiver": {
            "name": mask_name(case.delivery_name),
            "phone": mask_phone(case.delivery_phone),
            "address": case.delivery_address,
        },
        "contents": [item.name for item in items_of(row)],
        "note": row.get_payer_display(),
    }


def of_the_day(rows: Iterable[Consignment], staff: Staff, region: Region, day: date, carrier: str) -> dict[str, Any]:
    """The list that the post desk hands the carrier with the day's mail."""
    hall = _hall(region)
    lines = []
    for row in rows:
        assert row.case is not None
        area = area_of(row.case.delivery_address)
        lines.append(
            {
                "waybill": row.waybill,
                "case_number": row.case.number,
                "kind": KINDS[Consignment.Kind(row.kind)],
                "receiver": mask_name(row.case.delivery_name),
                "destination": str(area) if area else "",
                "note": row.get_payer_display() if row.payer == Consignment.Payer.RECEIVER else "",
            }
        )
    return sheet_head(staff, region, hall) | {
        "day": day.isoformat(), "desk": hall["name"], "carrier": carrier, "rows": lines,
    }  # fmt: skip
