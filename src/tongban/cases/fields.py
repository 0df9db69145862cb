"""What a department types into a system of its own: the fields of a case, whole, in the order of a form."""

from datetime import datetime

from django.utils import timezone

from tongban.cases.models import Case, CaseItem, Delivery


def fields(case: Case, items: list[CaseItem]) -> list[tuple[str, str]]:
    """(label, value) of a case with these ``items``; what is empty is left out. Nothing is masked: who shows it records it."""
    found = [
        ("办件编号", case.number),
        ("套餐", case.version.name),
        *((f"事项{_n(n, items)}", item.name) for n, item in enumerate(items, 1)),
        *((f"事项编码{_n(n, items)}", item.code) for n, item in enumerate(items, 1)),
        ("申请人姓名", case.applicant_name),
        ("证件类型", case.get_applicant_id_kind_display()),
        ("证件号码", case.applicant_id_number),
        ("手机号码", case.applicant_phone),
        ("住址", case.applicant_address),
    ]
    for party in case.parties.all():
        who = party.get_role_display()
        found += [
            (f"{who}姓名", party.name),
            (f"{who}证件类型", party.get_id_kind_display()),
            (f"{who}证件号码", party.id_number),
            (f"{who}手机", party.phone),
        ]
    found += [
        ("承办地", case.region.name),
        ("收件窗口", case.window.name),
        ("收件时间", _when(case.taken_at)),
        *((f"受理时间{_n(n, items)}", _when(item.accepted_at)) for n, item in enumerate(items, 1)),
        *((f"应办结日{_n(n, items)}", item.due_said) for n, item in enumerate(items, 1)),
        ("交付方式", case.get_delivery_display()),
    ]
    if case.delivery == Delivery.POST:
        found += [
            ("收件人", case.delivery_name),
            ("收件人电话", case.delivery_phone),
            ("邮寄地址", case.delivery_address),
        ]
    return [(label, value) for label, value in found if value]


def _n(place: int, items: list[CaseItem]) -> str:
    return str(place) if len(items) > 1 else ""


def _when(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
