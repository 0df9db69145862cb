"""Masking, citing, lights and days for templates."""

import re
from datetime import date
from typing import Any

from django import template
from django.template import Context
from django.template.defaultfilters import stringfilter
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tongban.cases import labels
from tongban.cases.models import Case, CaseItem, MaterialFile
from tongban.desks import days
from tongban.identity import masking
from tongban.paperwork.form import KINDS
from tongban.people.labels import LABELS as CHANGES
from tongban.procedure.model import Procedure, Topic

register = template.Library()
register.filter("mask_name", stringfilter(masking.mask_name))
register.filter("mask_id", stringfilter(masking.mask_id))
register.filter("mask_phone", stringfilter(masking.mask_phone))
register.filter("mask_email", stringfilter(masking.mask_email))
register.filter("mask_address", stringfilter(masking.mask_address))
register.filter("event_label", stringfilter(labels.label))
register.filter("change_label", stringfilter(lambda kind: CHANGES.get(kind, kind)))


@register.simple_tag
def cite(clauses: Any) -> SafeString:
    """Chips of clause numbers, each leading to the clause in the law pane."""
    return format_html_join(" ", '<a class="cite" href="#clause-{}">{}</a>', ((c, c) for c in clauses or ()))


@register.simple_tag
def due_light(due: date | None, provisional: bool = False) -> SafeString:
    """A light for a due day (Asia/Shanghai): late, soon (three days or fewer), or in time."""
    if due is None:
        return SafeString("")
    left = (due - timezone.localdate()).days
    tone, text = (
        ("late", f"已超 {-left} 天")
        if left < 0
        else ("soon", "今天到期" if not left else f"还有 {left} 天")
        if left <= 3
        else ("", f"{due} 前")
    )
    return format_html('<span class="light {}">{}{}</span>', tone, text, "（暂定）" if provisional else "")


def _light(tone: str, words: str) -> SafeString:
    return format_html('<span class="light {}">{}</span>', tone, words) if words else SafeString("")


@register.simple_tag(takes_context=True)
def item_light(context: Context, item: CaseItem) -> SafeString:
    """The light of an item of a list and what is left: 还有 12 个工作日."""
    return _light(*days.item_left(item, timezone.localdate(), context["calendar"]))


@register.simple_tag(takes_context=True)
def case_light(context: Context, case: Case) -> SafeString:
    """The light of a case of a list and what it is about."""
    return _light(*days.case_light(case, timezone.localdate(), context["calendar"]))


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """``mapping[key]``, or an empty string."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""


@register.filter
def percent(part: float | None) -> str:
    """A share as 80.0%; a dash where there is none."""
    return "—" if part is None else f"{part:.1%}"


@register.filter
def form_title(kind: str) -> str:
    """The Chinese title of a kind of form."""
    return KINDS.get(kind, kind)


@register.filter
def source(value: str) -> str:
    """Where a file came from, in Chinese."""
    return dict(MaterialFile.Source.choices).get(value, "")


@register.filter
def cite_topic(procedure: Procedure, topic: str) -> tuple[str, ...]:
    """Clause numbers of a procedure on a topic."""
    return procedure.cite(Topic(topic))


@register.filter
def section(number: str) -> str:
    """The number of the section a clause stands in: 八（五）1 → 八."""
    return re.split(r"[（.]", number)[0]
