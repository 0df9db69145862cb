"""What the program does by itself, through the same door: one transaction, row lock, event."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import transaction
from django.utils import timezone

from tongban.cases.actions.door import Change
from tongban.cases.models import Case, Event

P = ParamSpec("P")


def system_act(body: Callable[Concatenate[Change, P], None]) -> Callable[..., Case]:
    """Make an act of the program: called as ``do(case_id, key=…, **facts)``. A key that was there changes nothing."""

    @wraps(body)
    def do(case_id: int, /, *, key: str, **facts: Any) -> Case:
        with transaction.atomic():
            case = Case.objects.select_for_update().get(pk=case_id)
            if not Event.objects.filter(key=key).exists():
                change = Change(case, list(case.items.all()), None, (), timezone.now(), by_name="系统")
                body(change, **facts)  # type: ignore[call-arg]
                change.write(key)
            return case

    return do
