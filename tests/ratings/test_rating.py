"""好差评: every way in opens to who holds it and to nobody else; a bad one goes to a named person and to its end."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.cases.test_races import together
from tests.world import ADULT, World, build, jpeg, key
from tongban.cases.actions import release
from tongban.cases.actions.door import Conflict, Refused
from tongban.cases.events import verify_all
from tongban.cases.links import rating_path, sign
from tongban.cases.models import Case
from tongban.messages.models import Message
from tongban.messages.relay import relay
from tongban.people.models import City, Duty, Region, Staff
from tongban.ratings import followup
from tongban.ratings.acts import invite, rate, rate_held
from tongban.ratings.models import Evidence, FollowUp, Invitation, Rating
from tongban.vault import keepers

pytestmark = pytest.mark.django_db


def bad(world: World, level: int = 5, **more: object) -> tuple[Case, FollowUp]:
    case = world.case("handed")
    rate(case.number, "0000", key=key(), level=level, **more)
    return case, FollowUp.objects.get(case=case)


def post(client: Client, url: str, **form: object) -> tuple[int, str]:
    answer = client.post(url, {"key": key(), **form})
    return answer.status_code, answer.content.decode()


# ways in


def test_the_link_opens_the_rating_and_nothing_of_the_person(client: Client, world: World) -> None:
    case = world.case("handed")
    html = client.get(rating_path(case.number)).content.decode()
    assert case.version.name in html
    for personal in (ADULT, "张㛃", "0000000", "示例街道"):
        assert personal not in html
    code, html = post(client, rating_path(case.number), level="2", reason=["一次讲清", "乱写的"], comment="好")
    assert (code, "谢谢您的评价" in html) == (200, True)
    rating = Rating.objects.get(case=case)
    assert (rating.level, rating.reasons, rating.comment, rating.channel) == (2, ["一次讲清"], "好", "link")
    code, html = post(client, rating_path(case.number), level="1")
    assert (code, "已经评价过" in html) == (422, True)


@pytest.mark.parametrize("change", ["number", "signature", "empty", "unicode"])
def test_no_link_can_be_made_up(client: Client, world: World, change: str) -> None:
    case, other = world.case("handed"), world.case("handed")
    signature = sign("rating", case.number)
    url = {
        "number": f"/rate/{other.number}/{signature}/",
        "signature": f"/rate/{case.number}/{'a' * len(signature)}/",
        "empty": f"/rate/{case.number}/-/",
        "unicode": f"/rate/{case.number}/评/",
    }[change]
    assert client.get(url).status_code == 404
    assert post(client, url, level="1")[0] == 404
    assert not Rating.objects.exists()


def test_trying_links_is_stopped(client: Client, world: World) -> None:
    codes = [client.get(f"/rate/NX-20261124-{n:08d}/abc/").status_code for n in range(30)]
    assert set(codes) == {404, 429}


def tablet_of(world: World) -> str:
    return f"/rate/tablet/{world.window.pk}/{sign('tablet', str(world.window.pk))}/"


def test_the_tablet_waits_is_invited_and_waits_again(client: Client, world: World) -> None:
    case = world.case("taken_in")
    url = tablet_of(world)
    assert "欢迎" in client.get(url).content.decode()
    invite(world.window_clerk, case.number, key=key())
    html = client.get(url).content.decode()
    assert "提交评价" in html
    assert "张㛃" not in html
    code, html = post(client, url, number=case.number, level="4", reason="态度不好")
    assert (code, "谢谢您的评价" in html) == (200, True)
    assert Rating.objects.get(case=case).channel == "tablet"
    assert "欢迎" in client.get(url).content.decode()


def test_an_invitation_ends_and_the_next_takes_its_place(client: Client, world: World) -> None:
    first, second = world.case(), world.case()
    invite(world.window_clerk, first.number, key=key())
    invite(world.window_clerk, second.number, key=key())
    code, html = post(client, tablet_of(world), number=first.number, level="1")  # the page of the one before, left open
    assert (code, "时间已经过了" in html) == (409, True)
    Invitation.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert "欢迎" in client.get(tablet_of(world)).content.decode()
    assert client.get(f"/rate/tablet/{world.window.pk}/abc/").status_code == 404


def test_the_message_holds_the_link_where_there_is_an_address(world: World, settings: object) -> None:
    settings.PUBLIC_URL = "https://tongban.example"  # type: ignore[attr-defined]
    case = world.case("handed")
    relay()
    text = Message.objects.get(case=case, kind="rating_asked").text
    assert f"https://tongban.example{rating_path(case.number)}" in text


def test_intake_and_hand_over_are_rated_once_each(client: Client, world: World) -> None:
    case = world.case("sent")
    url = rating_path(case.number)
    assert 'name="service" value="intake"' in client.get(url).content.decode()
    assert "还没有办好" in post(client, url, service="handover", level="1")[1]
    assert "还没有办好" in post(client, url, service="nonsense", level="1")[1]
    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown())
    assert "这次发证的服务满意吗" in client.get(url).content.decode(), "the newest first"
    code, html = post(client, url, service="handover", level="5", comment="等了一小时")
    assert (code, "还可以评一评收件的服务" in html) == (200, True)
    code, html = post(client, url, service="intake", level="1")
    assert (code, "还可以评一评" in html) == (200, False)
    for service in ("intake", "handover"):
        assert post(client, url, service=service, level="2")[0] == 422
    assert list(case.ratings.values_list("service", "level")) == [("handover", 5), ("intake", 1)]
    assert FollowUp.objects.get().rating.service == "handover"
    page = client.post("/progress/", {"number": case.number, "phone_end": "0000"}).content.decode()
    assert page.count("您已评价") == 2
    client.force_login(world.oversight)
    assert "发证　非常不满意" in client.get(f"/oversight/ratings/{case.number}/?of=handover").content.decode()
    assert client.get(f"/oversight/ratings/{case.number}/?of=intake").status_code == 404
    rows = client.get("/oversight/ratings/rates/").content.decode()
    assert "收件窗口" in rows
    assert "发证岗位" in rows


def test_two_bad_ones_of_a_case_are_followed_up_apart(client: Client, world: World) -> None:
    case, _ = bad(world)
    rate(case.number, "0000", key=key(), level=4, service="handover")
    client.force_login(world.oversight)
    post(client, f"/oversight/ratings/{case.number}/call/", of="intake", reached="1", note="收件的事")
    states = FollowUp.objects.values_list("rating__service", "state")
    assert set(states) == {("intake", "called"), ("handover", "open")}
    assert "收件的事" not in client.get(f"/oversight/ratings/{case.number}/?of=handover").content.decode()


def test_who_handed_it_over_does_not_follow_that_up(world: World) -> None:
    Duty.objects.create(staff=world.issuing, role="oversight", region=world.region)
    Duty.objects.filter(staff=world.oversight, role="oversight").delete()
    case = world.case("handed")
    rate(case.number, "0000", key=key(), level=5, service="handover")
    assert FollowUp.objects.get().assignee is None
    rate(case.number, "0000", key=key(), level=5, service="intake")
    assert FollowUp.objects.get(rating__service="intake").assignee == world.issuing


# anonymous towards the window


def test_the_window_never_sees_what_was_said_nor_that_it_is_followed_up(client: Client, world: World) -> None:
    case, row = bad(world, comment="窗口的人很凶")
    followup.call(row.assignee, case.number, key=key(), reached=True, note="回访时说的")
    for person in (world.window_clerk, world.issuing, world.department):
        client.force_login(person)
        html = client.get(f"/cases/{case.number}/").content.decode()
        for told in ("很凶", "非常不满意", "差评回访", "差评指派"):
            assert told not in html, told
    client.force_login(world.oversight)
    html = client.get(f"/cases/{case.number}/").content.decode()
    assert "很凶" in html
    assert "差评回访" in html


# a bad one


@pytest.mark.parametrize(("level", "followed"), [(1, 0), (2, 0), (3, 0), (4, 1), (5, 1)])
def test_only_a_bad_one_is_followed_up(world: World, level: int, followed: int) -> None:
    rate(world.case("handed").number, "0000", key=key(), level=level)
    assert FollowUp.objects.count() == followed


def test_the_days_are_the_citys(world: World) -> None:
    assert bad(world)[1].due_on == timezone.localdate() + timedelta(days=7)
    City.objects.create(name=world.version.city, title="示例", ratings={"answer_days": 15})
    assert bad(world)[1].due_on == timezone.localdate() + timedelta(days=15)


def test_given_to_the_least_busy_of_the_region_and_never_to_who_took_it_in(world: World) -> None:
    Duty.objects.create(staff=world.window_clerk, role="oversight", region=world.region)
    near = [world.oversight, world.staff("oversight")]
    far = world.staff("oversight", region=None)
    given = [bad(world)[1].assignee for _ in range(4)]
    assert sorted(person.pk for person in given if person) == sorted([near[0].pk, near[1].pk] * 2)
    Duty.objects.filter(staff__in=near).delete()
    assert bad(world)[1].assignee == far
    Duty.objects.filter(staff=far).delete()
    assert bad(world)[1].assignee is None


def test_to_the_end_founded_appealed_and_decided_by_another(client: Client, world: World) -> None:
    case, row = bad(world, comment="多跑了两趟")
    me, other, n = row.assignee, world.staff("oversight"), case.number
    assert me == world.oversight
    with pytest.raises(Conflict):
        followup.find(me, n, key=key(), finding="founded", note="没有回访就认定")
    followup.call(me, n, key=key(), reached=False, note="没人接")
    followup.call(me, n, key=key(), reached=True, note="说清了经过")
    with pytest.raises(Refused, match="负责"):
        followup.find(other, n, key=key(), finding="founded", note="我来")
    followup.find(me, n, key=key(), finding="founded", note="窗口没有一次告知")
    with pytest.raises(Conflict):
        followup.tell(me, n, key=key(), answer="先答复")
    followup.put_right(me, n, key=key(), remedy="窗口重新培训")
    followup.tell(me, n, key=key(), answer="向您道歉，已经整改")
    page = client.post("/progress/", {"number": n, "phone_end": "0000"}).content.decode()
    assert "向您道歉，已经整改" in page
    assert "窗口没有一次告知" not in page
    relay()
    assert "已答复" in Message.objects.get(case=case, kind="rating_answered").text
    code, page = post(client, "/progress/appeal/", number=n, phone_end="0000", text="还是不满意")
    assert (code, "申诉已收到" in page) == (200, True)
    for one in (me, row.assignee):
        with pytest.raises(Refused, match="另一位"):
            followup.decide_appeal(one, n, key=key(), finding="founded", decision="维持")
    followup.decide_appeal(other, n, key=key(), finding="founded", decision="维持，并致歉")
    row.refresh_from_db()
    assert (row.state, row.calls, row.decided_by) == ("decided", 2, other)
    assert "维持，并致歉" in client.post("/progress/", {"number": n, "phone_end": "0000"}).content.decode()
    assert [broken for _, broken in verify_all() if broken] == []
    data = str([event.data for event in case.events.all()])
    assert "一次告知" not in data
    assert "道歉" not in data


@pytest.mark.parametrize("finding", ["unfounded", "malicious"])
def test_not_founded_goes_straight_to_the_answer_with_reason_or_evidence(world: World, finding: str) -> None:
    case, row = bad(world)
    followup.call(row.assignee, case.number, key=key(), reached=True, note="说了")
    with pytest.raises(Refused, match="证据" if finding == "malicious" else "理由"):
        followup.find(row.assignee, case.number, key=key(), finding=finding, note=" ")
    followup.find(row.assignee, case.number, key=key(), finding=finding, note="监控和通话记录都没有")
    followup.tell(row.assignee, case.number, key=key(), answer="已核实")
    row.refresh_from_db()
    assert row.state == "told"


def test_a_file_proves_a_malicious_one_to_oversight_alone(client: Client, world: World) -> None:
    case, row = bad(world)
    followup.call(row.assignee, case.number, key=key(), reached=True, note="说了")
    client.force_login(world.oversight)
    url = f"/oversight/ratings/{case.number}/find/"
    form = {"finding": "malicious", "note": "监控录像里没有人"}
    post(client, url, **form, file=SimpleUploadedFile("录像.mp4", b"\x00\x00\x00\x18ftypisom"))
    row.refresh_from_db()
    assert (row.state, Evidence.objects.count()) == ("called", 0), "refused with the file, nothing half done"
    post(client, url, **form, file=SimpleUploadedFile("截图.jpg", jpeg(3000)))
    file = Evidence.objects.get(follow_up=row)
    shown = f"/oversight/ratings/{case.number}/evidence/{file.pk}/"
    assert client.get(shown).content == jpeg(3000)
    assert "截图.jpg" in client.get(f"/oversight/ratings/{case.number}/").content.decode()
    assert (file.digest, f"{case.number} 的差评认定证据") in set(keepers.kept())
    stranger = world.staff(
        "oversight", region=Region.objects.create(city=world.version.city, name="别县", abbreviation="BX", short="别")
    )
    for person in (world.window_clerk, world.issuing, world.department, world.archive, stranger):
        client.force_login(person)
        assert client.get(shown).status_code == 404
        assert "截图" not in client.get(f"/cases/{case.number}/").content.decode()
    assert not case.materials.filter(files__digest=file.digest).exists()


def test_three_calls_in_vain_are_enough_to_judge(world: World) -> None:
    case, row = bad(world)
    for n in range(3):
        with pytest.raises(Conflict):
            followup.find(row.assignee, case.number, key=key(), finding="founded", note="x")
        followup.call(row.assignee, case.number, key=key(), reached=False, note=f"第 {n} 次")
    followup.find(row.assignee, case.number, key=key(), finding="founded", note="看了记录")


def test_an_appeal_comes_in_time_and_once(world: World) -> None:
    case, row = bad(world)
    FollowUp.objects.filter(pk=row.pk).update(state="told", told_at=timezone.now() - timedelta(days=16))
    with pytest.raises(Refused, match="15 天"):
        followup.appeal(case.number, "0000", key=key(), text="迟了")
    FollowUp.objects.filter(pk=row.pk).update(told_at=timezone.now() - timedelta(days=14))
    followup.appeal(case.number, "0000", key=key(), text="不同意")
    with pytest.raises(Conflict):
        followup.appeal(case.number, "0000", key=key(), text="再来")


def test_named_anew_but_not_to_a_stranger_or_to_who_took_it_in(world: World) -> None:
    case, row = bad(world)
    other = world.staff("oversight")
    for wrong in (world.department, world.window_clerk, Staff(pk=0)):
        with pytest.raises(Refused):
            followup.assign(row.assignee, case.number, key=key(), staff_id=wrong.pk)
    followup.assign(row.assignee, case.number, key=key(), staff_id=other.pk)
    row.refresh_from_db()
    assert row.assignee == other


def test_the_pages_of_oversight(client: Client, world: World) -> None:
    case, row = bad(world, comment="等了很久", reasons=["超过承诺时限"])
    client.force_login(world.oversight)
    for which, there in (("mine", True), ("open", True), ("late", False), ("done", False)):
        assert (case.number in client.get(f"/oversight/ratings/list/{which}/").content.decode()) is there
    html = client.get(f"/oversight/ratings/{case.number}/").content.decode()
    assert "等了很久" in html
    assert "超过承诺时限" in html
    FollowUp.objects.filter(pk=row.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    assert case.number in client.get("/oversight/ratings/list/late/").content.decode()
    post(client, f"/oversight/ratings/{case.number}/call/", reached="1", note="接了")
    row.refresh_from_db()
    assert row.state == "called"


def test_rates_are_blank_where_few_rated_and_never_count_the_unrated(client: Client, world: World) -> None:
    client.force_login(world.oversight)
    for _ in range(4):
        rate(world.case("handed").number, "0000", key=key(), level=1)
    html = client.get("/oversight/ratings/rates/").content.decode()
    assert "太少，不显示" in html
    assert "100" not in html.partition("<tbody>")[2]
    rate(world.case("handed").number, "0000", key=key(), level=5)
    world.case("handed")
    html = client.get("/oversight/ratings/rates/").content.decode()
    assert "80.0%" in html  # four of the five who rated; the sixth said nothing


@pytest.mark.django_db(transaction=True)
def test_sixteen_ratings_at_once_are_one() -> None:
    world = build()
    case = world.case("handed")
    answers = together([lambda: rate_held(case.pk, key=key(), level=5, channel="link")] * 16)
    assert sum(isinstance(answer, Case) for answer in answers) == 1
    assert Rating.objects.count() == FollowUp.objects.count() == 1
