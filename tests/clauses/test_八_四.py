"""对符合容缺办理的，打印《容缺告知书》和《容缺承诺书》交申请人。"""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.clauses.walk import at_the_window, event, forms, item
from tests.official import sample
from tests.world import World, bring, build, jpeg, key
from tongban.archive.acts import check
from tongban.cases.actions import department
from tongban.cases.actions.door import Refused
from tongban.cases.actions.forms import keep_signed
from tongban.cases.actions.supplement import supply
from tongban.cases.models import Case
from tongban.rules.review import MaterialState
from tongban.vault import store


def sign(world: World, case: Case) -> None:
    """The signed pledge comes back and is scanned."""
    pledge = case.forms.get(kind="tolerance_pledge")
    scan = store.store(jpeg(seed=99), "签字.jpg")
    keep_signed(world.window_clerk, case.number, key=key(), form_id=pledge.pk, scan=scan)


def test_this_package_has_none_whatever_the_applicant_wants(world: World) -> None:
    materials = world.materials({0: MaterialState.MISSING, 1: MaterialState.MISSING})
    case = world.case(materials=materials, wants_tolerance=frozenset({0, 1}))
    assert (case.outcome, case.state) == ("supplement", "supplementing")


class TestAnotherPackage:
    """The sample package has tolerable materials."""

    @pytest.fixture
    def world(self, db: None) -> World:
        return build(sample("药店"))

    def test_both_sheets_are_printed_with_the_deadline_and_the_case_goes_on(self, client: Client, world: World) -> None:
        case = at_the_window(client, world, state_1="missing", tolerate_1="1")
        assert case is not None
        assert case.outcome_clauses == ["八（四）", "八（五）"]
        assert case.state == "pushed"
        assert forms(case) == ["tolerance_notice", "tolerance_pledge", "intake_receipt"]
        row = case.materials.get(index=1)
        assert row.tolerated
        assert row.tolerance_due is not None
        assert len(set(case.forms.values_list("serial", flat=True))) == 3

    def test_who_rather_brings_it_gets_a_supplement_notice(self, client: Client, world: World) -> None:
        case = at_the_window(client, world, state_1="missing")
        assert case is not None
        assert case.outcome == "supplement"

    def test_it_cannot_be_granted_before_it_came(self, client: Client, world: World) -> None:
        case = at_the_window(client, world, state_1="missing", tolerate_1="1")
        assert case is not None
        with pytest.raises(Refused, match="签字件还没有存入"):
            department.accept(world.department, case.number, key=key())
        assert item(case).state == "pushed"
        sign(world, case)
        department.accept(world.department, case.number, key=key())
        with pytest.raises(Refused, match="容缺材料"):
            department.decide(world.department, case.number, key=key(), granted=True)
        supply(world.window_clerk, case.number, key=key(), material=1, files=(world.file("later.jpg", 5),))
        department.decide(world.department, case.number, key=key(), granted=True)
        assert item(case).decision == "granted"

    def test_the_signed_pledge_is_scanned_into_the_file(self, client: Client, world: World) -> None:
        case = at_the_window(client, world, state_1="missing", tolerate_1="1")
        assert case is not None
        pledge = case.forms.get(kind="tolerance_pledge")
        url = f"/cases/{case.number}/forms/{pledge.pk}/signed/"
        assert "《容缺承诺书》没有签字的扫描件" in [missing.what for missing in check(case, []).missing]
        assert client.get(url).status_code == 404
        for scan in (SimpleUploadedFile("a.jpg", b"not a picture"), SimpleUploadedFile("承诺书.jpg", jpeg(seed=77))):
            client.post(url, {"key": key(), "file": scan})
        pledge.refresh_from_db()
        assert pledge.signed_at is not None
        assert event(case, "form_signed") == (("八（四）",), {"serial": pledge.serial, "digest": pledge.signed_digest})
        assert client.get(url).content == jpeg(seed=77)
        assert "《容缺承诺书》没有签字的扫描件" not in [missing.what for missing in check(case, []).missing]

    def test_what_came_is_receipted_with_what_is_still_open(self, client: Client, world: World) -> None:
        case = at_the_window(client, world, state_1="missing", tolerate_1="1")
        assert case is not None
        url = f"/window/tolerated/{case.number}/1/"
        bring(client, url, 1, SimpleUploadedFile("a.jpg", jpeg(seed=7)))
        answer = client.post(url, {"key": key()})
        assert answer["Location"] == f"/window/done/{case.number}/"
        receipt = case.forms.get(kind="tolerance_receipt").data
        assert [one["name"] for one in receipt["materials"]] == [case.materials.get(index=1).name]
        assert receipt["open"] == []

    @pytest.mark.parametrize("accepted", [False, True])
    def test_late_a_person_does_what_the_notice_said_with_a_notice(
        self, client: Client, world: World, accepted: bool
    ) -> None:
        case = at_the_window(client, world, state_1="missing", tolerate_1="1")
        assert case is not None
        sign(world, case)
        if accepted:
            department.accept(world.department, case.number, key=key())
        with pytest.raises(Refused, match="没有逾期"):
            department.end_late(world.department, case.number, key=key())
        case.materials.filter(index=1).update(tolerance_due=date(2020, 1, 1))
        client.force_login(world.department)
        assert "容缺逾期处理" in client.get(f"/cases/{case.number}/").content.decode()
        client.post(f"/department/cases/{case.number}/end-late/", {"key": key(), "note": "已电话告知。"})
        row = item(case)
        assert (row.state, row.decision) == (("decided", "refused") if accepted else ("not_accepted", ""))
        assert "没有在告知的期限内补齐。已电话告知。" in row.reason
        notice = case.forms.get(kind="late_notice").data
        assert notice["materials"][0]["due"] == "2020-01-01"
        assert row.name in notice["done"]
        assert event(case, "tolerance_late")[1] == {"materials": [1]}
