"""The official text beside a page that has no case on it yet."""

from django.utils import timezone

from tongban.cases.publish import in_force
from tongban.people.models import Staff
from tongban.procedure.model import Procedure


def standing(staff: Staff) -> Procedure | None:
    """The procedure of the one package in force in the city ``staff`` works in; None where there are several."""
    regions = [d.region or (d.unit and d.unit.region) or (d.window and d.window.region) for d in staff.duties_now]
    cities = {region.city for region in regions if region}
    if len(cities) != 1:
        return None
    versions = in_force(cities.pop(), timezone.localdate())
    return versions[0].procedure if len(versions) == 1 else None
