"""Paper from hand to hand: always somewhere, always somebody's; two at every step; what does not agree is looked for."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.cases.test_races import together
from tests.official import sample
from tests.world import World, build, key
from tongban.cases.actions import papers
from tongban.cases.actions.door import Conflict, NotFound, Refused
from tongban.cases.events import verify_all
from tongban.cases.models import Case, CaseItem
from tongban.cases.states import WITH_RESULT
from tongban.custody import acts, holdings
from tongban.custody.codes import mistyped, new_code, normalise
from tongban.custody.models import Handover, Missing, Thing
from tongban.people.models import Unit


@pytest.fixture
def world(db: None) -> World:
    return build(sample("药店"))


def listed(world: World) -> Thing:
    case = world.case()
    acts.make_lists(world.window_clerk, case.number, key=key())
    return Thing.objects.get(case=case)


def sent(world: World) -> Thing:
    row = listed(world)
    acts.give(world.window_clerk, row.case.number, key=key(), thing_id=row.pk)
    return again(row)


def again(row: Thing) -> Thing:
    return Thing.objects.select_related("case", "holder").get(pk=row.pk)


def test_on_the_way_the_giver_answers_and_at_each_place_who_took_it(world: World) -> None:
    row = sent(world)
    assert (row.place, row.holder) == ("sent", world.window_clerk)
    acts.take(world.post, row.case.number, key=key(), thing_id=row.pk)
    assert (again(row).place, again(row).holder) == ("post", world.post)
    acts.give(world.post, row.case.number, key=key(), thing_id=row.pk)
    assert (again(row).place, again(row).holder) == ("sent", world.post)
    acts.take(world.department, row.case.number, key=key(), thing_id=row.pk)
    assert (again(row).place, again(row).holder) == ("unit", world.department)
    steps = list(Handover.objects.filter(thing=row).values_list("origin", "target", "given_by", "taken_by"))
    assert steps == [
        ("window", "post", world.window_clerk.pk, world.post.pk), ("post", "unit", world.post.pk, world.department.pk),
    ]  # fmt: skip
    kinds = list(row.case.events.order_by("sequence").values_list("kind", flat=True))
    assert kinds[-5:] == ["list_made", "list_sent", "list_received", "list_carried", "list_delivered"]
    assert [broken for _, broken in verify_all() if broken] == []


def test_nobody_gives_what_is_elsewhere_nor_takes_what_was_not_sent(world: World) -> None:
    row = listed(world)
    with pytest.raises(Conflict, match="收件窗口"):
        acts.take(world.post, row.case.number, key=key(), thing_id=row.pk)
    acts.give(world.window_clerk, row.case.number, key=key(), thing_id=row.pk)
    with pytest.raises(Conflict, match="途中"):
        acts.give(world.window_clerk, row.case.number, key=key(), thing_id=row.pk)
    with pytest.raises(Conflict):  # it goes to the post window, not to the unit
        acts.take(world.department, row.case.number, key=key(), thing_id=row.pk)
    with pytest.raises(NotFound):
        acts.take(world.issuing, row.case.number, key=key(), thing_id=row.pk)


def test_another_unit_cannot_take_it(world: World) -> None:
    first, second = (i.code or "" for i in world.procedure.items)
    Unit.objects.filter(pk=world.unit.pk).update(items=[first])
    other = world.staff("department", unit=Unit.objects.create(region=world.region, name="另一局", items=[second]))
    case = world.case(items=(first, second))
    acts.make_lists(world.window_clerk, case.number, key=key())
    row = Thing.objects.get(case=case, unit=world.unit)
    for staff, act in ((world.window_clerk, acts.give), (world.post, acts.take), (world.post, acts.give)):
        act(staff, case.number, key=key(), thing_id=row.pk)
    with pytest.raises(Conflict):
        acts.take(other, case.number, key=key(), thing_id=row.pk)
    acts.take(world.department, case.number, key=key(), thing_id=row.pk)


def test_nothing_exists_without_a_holder(world: World) -> None:
    row, case = sent(world), world.case("sent")
    for change in (
        lambda: Thing.objects.filter(pk=row.pk).update(holder=None),
        lambda: Thing.objects.filter(pk=row.pk).update(place_since=None),
        lambda: Case.objects.filter(pk=row.case_id).update(papers="window", papers_holder=None),
        lambda: Case.objects.filter(pk=row.case_id).update(papers_since=None),
        lambda: Handover.objects.filter(thing=row).update(taken_at=row.place_since),
        lambda: Handover.objects.create(thing=row, origin="window", target="post", given_by=world.post, given_at=row.place_since),
        *(lambda state=state: CaseItem.objects.filter(case=case).update(state=state, holder=None) for state in WITH_RESULT),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_every_result_has_a_holder_from_decision_to_hand_over(world: World) -> None:
    for until, who in (("decided", world.department), ("sent", world.department), ("handed", world.issuing)):
        assert CaseItem.objects.get(case=world.case(until)).holder == who


def test_a_result_is_taken_at_the_issuing_desk_once_and_it_is_never_a_gate(world: World) -> None:
    case = world.case("sent")
    papers.take_result(world.issuing, case.number, key=key())
    item = CaseItem.objects.get(case=case)
    assert (item.state, item.holder) == ("at_issuing", world.issuing)
    with pytest.raises(Conflict, match="已经签收过"):
        papers.take_result(world.issuing, case.number, key=key())
    assert world.case("handed").state == "released"


def test_what_is_missing_is_looked_for_by_who_gave_it_and_sent_again(world: World) -> None:
    row = sent(world)
    difference = [{"what": "missing", "text": "开业申请表"}, {"what": "extra", "text": "一把钥匙"}]
    acts.take(world.post, row.case.number, key=key(), thing_id=row.pk, differences=difference)
    search = Missing.objects.get(thing=row)
    assert (search.role, search.part, search.outcome) == ("window", ["开业申请表"], "")
    duty = world.window_clerk.duties_now[0]
    assert list(holdings.missing(world.window_clerk, duty)) == [search]
    with pytest.raises(NotFound):  # the window looks, not the post
        acts.found(world.post, row.case.number, key=key(), missing_id=search.pk, note="桌上")
    acts.replaced(world.window_clerk, row.case.number, key=key(), missing_id=search.pk, note="请申请人重签一份。")
    new = Thing.objects.exclude(pk=row.pk).get()
    assert (new.place, new.replaces, new.materials[0]["name"]) == ("window", row, "开业申请表")
    assert again(row).place == "post"
    with pytest.raises(Conflict, match="了结"):
        acts.found(world.window_clerk, row.case.number, key=key(), missing_id=search.pk, note="桌上")


def test_a_whole_thing_lost_is_replaced_under_a_new_label_and_the_old_one_is_dead(world: World) -> None:
    row = sent(world)
    ref = f"thing-{row.pk}"
    acts.report_missing(world.post, row.case.number, key=key(), ref=ref, role="post", note="邮车上没有。")
    with pytest.raises(Conflict, match="正在查找"):
        acts.report_missing(world.post, row.case.number, key=key(), ref=ref, role="post", note="再报一次。")
    search = Missing.objects.get()
    assert (again(row).place, again(row).holder) == ("sent", world.window_clerk)  # who gave it still answers
    acts.replaced(world.post, row.case.number, key=key(), missing_id=search.pk, note="申请人另交一套。")
    new = Thing.objects.get(replaces=row)
    assert (again(row).place, new.place, new.holder, new.code != row.code) == ("gone", "post", world.post, True)
    with pytest.raises(Conflict, match="已了结"):
        acts.take(world.post, row.case.number, key=key(), thing_id=row.pk)


def test_a_lost_result_goes_back_to_its_department_to_be_made_again(world: World) -> None:
    case = world.case("sent")
    item = CaseItem.objects.get(case=case)
    acts.report_missing(
        world.issuing, case.number, key=key(), ref=f"result-{item.pk}", role="issuing", note="盒里没有。"
    )
    acts.replaced(world.issuing, case.number, key=key(), missing_id=Missing.objects.get().pk, note="请部门补制。")
    item.refresh_from_db()
    case.refresh_from_db()
    assert (item.state, case.state) == ("decided", "delivering")
    assert case.events.latest("sequence").clauses == ["十"]


def test_what_a_person_writes_is_checked(world: World) -> None:
    row = sent(world)
    for wrong in (
        [{"what": "stolen", "text": "x"}],
        [{"what": "missing", "text": " "}],
        [{"what": "extra", "text": "x" * 900}],
    ):
        with pytest.raises(Refused):
            acts.take(world.post, row.case.number, key=key(), thing_id=row.pk, differences=wrong)
    assert again(row).place == "sent"
    for ref in ("thing-x", "thing-", "nothing-1", "result-999", "thing-99999999999999999999", ""):
        with pytest.raises(NotFound):
            acts.report_missing(world.post, row.case.number, key=key(), ref=ref, role="post", note="没有。")


@pytest.mark.pure
def test_a_label_read_wrongly_by_one_character_is_noticed() -> None:
    for kind in ("materials", "bag"):
        code = new_code(kind)
        assert normalise(f" https://example.invalid/b/{code.lower()}/ ") == code
        assert not mistyped(code)
        wrong = code[:5] + ("A" if code[5] != "A" else "B") + code[6:]
        assert mistyped(wrong)
    assert normalise(" nx-20261124-oil00000 ") == "NX-20261124-01100000"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("callers", [2, 8])
def test_at_once_over_the_same_bag_one_wins(transactional_db: None, callers: int) -> None:
    world = build(sample("药店"))
    row = sent(world)
    people = [world.staff("post", f"样例·{n}") for n in range(callers)]
    answers = together([lambda p=p: acts.take(p, row.case.number, key=key(), thing_id=row.pk) for p in people])
    won = [place for place, answer in enumerate(answers) if isinstance(answer, Case)]
    assert len(won) == 1, answers
    winner = people[won[0]]
    assert again(row).holder == winner
    assert all(isinstance(a, Conflict) and winner.name in str(a) for n, a in enumerate(answers) if n != won[0])
    assert Handover.objects.get(thing=row).taken_by == winner
    assert row.case.events.filter(kind="list_received").count() == 1
    connection.close()
