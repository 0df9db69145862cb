"""The form of a rating, the same on every page: five levels, the reasons offered for each, free text."""

from typing import Any

from django.http import HttpRequest

from tongban.cases.models import Case
from tongban.ratings.acts import rules_of
from tongban.ratings.models import Level, Service


def levels_of(case: Case) -> list[dict[str, Any]]:
    """The five levels with the reasons the city offers for each."""
    rules = rules_of(case.version.city)
    return [{"value": value, "label": label, "reasons": rules.reasons(value)} for value, label in Level.choices]


def given(request: HttpRequest) -> dict[str, Any]:
    """Service, level, reasons and comment as posted."""
    level = request.POST.get("level", "")
    return {
        "level": int(level) if level.isdecimal() and len(level) < 4 else 0,
        "comment": request.POST.get("comment", "")[:2000],
        "reasons": request.POST.getlist("reason")[:20],
        "service": request.POST.get("service", Service.INTAKE)[:10],
    }
