"""Paper from hand to hand: one thing given and taken at a time, and two hundred scanned in one go."""

import time

from tests.world import World, key

from tongban.cases.actions.door import Refused
from tongban.custody import acts, holdings
from tongban.custody.codes import new_code
from tongban.custody.models import Thing
from tongban.people.models import Duty, Role

MANY = 200


def things(world: World, how_many: int) -> list[Thing]:
    """So many things, given and on their way to the post window; a case each."""
    staff = world.window_clerk
    made = []
    for _ in range(how_many):
        case = world.case()
        row = Thing.objects.create(
            code=new_code("materials"), case=case, unit=world.unit, place_since=case.taken_at, holder=staff
        )
        type(case).objects.filter(pk=case.pk).update(paper=True)
        acts.give(staff, case.number, key=key(), thing_id=row.pk)
        made.append(row)
    return made


def one_by_one(world: World) -> float:
    """Seconds that taking one thing over costs, its own transaction and event included."""
    rows = things(world, 50)
    start = time.perf_counter()
    for row in rows:
        acts.take(world.post, row.case.number, key=key(), thing_id=row.pk)
    return (time.perf_counter() - start) / len(rows)


def in_one_go(world: World) -> float:
    """Seconds that ``MANY`` scanned labels cost, from the codes to the answers."""
    from tongban.desks.paper.views import Answer, each

    codes = [row.code for row in things(world, MANY)]
    staff = world.post
    duty: Duty = staff.duties_as(Role.POST)[0]
    start = time.perf_counter()
    found = holdings.find(staff, duty, codes)
    answers = [Answer(code, found[code][0]) for code in codes]
    done = each(answers, key(), lambda held, own: holdings.take(staff, duty, held, key=own))
    spent = time.perf_counter() - start
    if any(answer.refused for answer in done):
        raise Refused(next(answer.refused for answer in done if answer.refused))
    return spent
