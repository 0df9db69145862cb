"""Who looked: every page, file and form of a case leaves a trace that outlives it; walked over the URL map."""

import pytest
from django.http import FileResponse
from django.test import Client

from tests.clauses.walk import at_the_window
from tests.desks.test_access import ROUTES
from tests.world import World, key
from tongban.cases.actions import papers
from tongban.cases.models import Case, IssuedForm, MaterialFile, Reading

pytestmark = pytest.mark.django_db
OF_A_CASE = [(name, path) for name, path in ROUTES if "<str:number>" in path]


@pytest.mark.parametrize(("name", "path"), OF_A_CASE)
def test_whatever_of_a_case_is_shown_is_recorded(client: Client, world: World, name: str, path: str) -> None:
    case = at_the_window(client, world)
    assert case is not None
    form, file = IssuedForm.objects.get(case=case), MaterialFile.objects.filter(material__case=case)[0]
    url = "/" + path.replace("<str:number>", case.number).replace("<int:form_id>", str(form.pk))
    url = url.replace("<int:file_id>", str(file.pk)).replace("<int:place>", "0").replace("<int:list_id>", "1")
    url = url.replace("<str:kind>", "intake_receipt")
    for staff in world.people.values():
        client.force_login(staff)
        before = Reading.objects.count()
        answer = client.get(url)
        if isinstance(answer, FileResponse):
            b"".join(answer)  # type: ignore[arg-type]
        shown = answer.status_code == 200
        assert Reading.objects.count() - before == (1 if shown else 0), f"{path}: {answer.status_code}"
        if shown:
            newest = Reading.objects.latest("id")
            assert (newest.case_number, newest.staff) == (case.number, staff)


def test_oversight_sees_who_looked_and_nobody_else_does(client: Client, world: World) -> None:
    case = world.case("accepted")
    for staff in (world.department, world.oversight, world.window_clerk):
        client.force_login(staff)
        html = client.get(f"/cases/{case.number}/").content.decode()
        assert ("谁看过" in html) == (staff == world.oversight)


def test_looking_elsewhere_in_vain_leaves_nothing_to_guess_by(client: Client, world: World) -> None:
    case = world.case()
    client.force_login(world.issuing)
    assert client.get(f"/cases/{case.number}/").status_code == 404
    assert Reading.objects.count() == 0


def test_acts_are_events_and_no_readings(world: World) -> None:
    case = world.case("handed")
    papers.papers_to_archive(world.issuing, case.number, key=key())
    assert Reading.objects.count() == 0
    assert Case.objects.count() == 1
