"""Acts without staff: the program's own, and an applicant's who holds a link. The same door: transaction, lock, event."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import transaction
from django.utils import timezone

from tongban.cases.actions.door import Change
from tongban.cases.models import Case, Event

P = ParamSpec("P")


def outside_act(by_name: str) -> Callable[[Callable[Concatenate[Change, P], None]], Callable[..., Case]]:
    """Make an act of ``by_name``: called as ``do(case_id, key=…, **facts)``. A key that was there changes nothing.

    Whoever calls it has proved that the case may be acted on: by a signed link, or by being the program itself.
    """

    def decorate(body: Callable[Concatenate[Change, P], None]) -> Callable[..., Case]:
        @wraps(body)
        def do(case_id: int, /, *, key: str, **facts: Any) -> Case:
            with transaction.atomic():
                case = Case.objects.select_for_update().get(pk=case_id)
                if not Event.objects.filter(key=key).exists():
                    change = Change(case, list(case.items.all()), None, (), timezone.now(), by_name=by_name)
                    body(change, **facts)  # type: ignore[call-arg]
                    change.write(key)
                return case

        return do

    return decorate
