"""What the applicant does on the public pages: known by case number and the last four digits of the phone."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongban.cases.actions.door import Change, NotFound, Refused, done_before
from tongban.cases.models import Case
from tongban.cases.queries import visible_to_applicant

P = ParamSpec("P")


def applicant_act(body: Callable[Concatenate[Change, P], None]) -> Callable[..., Case]:
    """Make an act of the applicant: called as ``do(number, phone_end, key=…, **facts)``; same door, no staff."""

    @wraps(body)
    def do(number: str, phone_end: str, /, *, key: str, **facts: Any) -> Case:
        try:
            with transaction.atomic():
                seen = visible_to_applicant(number, phone_end)
                if seen is None:
                    raise NotFound
                case = Case.objects.select_for_update().get(pk=seen.pk)
                change = Change(case, list(case.items.all()), None, (), timezone.now())
                body(change, **facts)  # type: ignore[call-arg]
                change.write(key)
                return case
        except (Refused, IntegrityError) as error:
            return done_before(key, error, number)

    return do
