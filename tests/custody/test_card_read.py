"""The collector's card on the reader at the issuing desk: filled in, compared by the act, the record never shown."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.custody.test_counter import hand, states
from tests.world import ADULT, ANOTHER, World
from tongban.capture.command_simulate import EXAMPLE
from tongban.cases.models import Case

pytestmark = pytest.mark.django_db
OWN = EXAMPLE | {"name": "样例·张㛃", "number": ADULT}
YESTERDAY = (timezone.localdate() - timedelta(days=1)).isoformat()


def read(client: Client, case: Case, card: object) -> str:
    answer = client.post(f"/issuing/cases/{case.number}/card/", {"card": json.dumps(card)})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("card", "typed", "said"),
    [
        (OWN, ADULT, ""),
        (OWN | {"name": "样例·张山"}, ADULT, "身份证上的姓名与申办时不符"),
        (OWN | {"valid_until": YESTERDAY, "long_term": False}, ADULT, f"{YESTERDAY} 已到期"),
        (OWN, ANOTHER, "填的号码和读出的身份证不是同一个"),
        (OWN | {"number": ANOTHER}, ADULT, "填的号码和读出的身份证不是同一个"),
        (OWN | {"number": ANOTHER, "name": "样例·别人"}, ANOTHER, "没有出示规定的证明"),
    ],
)
def test_what_was_read_is_compared_with_the_case(
    client: Client, world: World, card: dict[str, object], typed: str, said: str
) -> None:
    case = world.case("sent")
    client.force_login(world.issuing)
    page = hand(client, case, card=json.dumps(card), card_number=typed)
    assert states(case) == ["delivering" if said else "released"]
    case.refresh_from_db()
    if said:
        assert said in page
        assert case.failed_releases == 1
        assert "十.3" in page
    else:
        assert case.events.get(kind="handed_over").data["card"] == "read"


def test_reading_tells_of_the_card_and_nothing_of_the_record(client: Client, world: World) -> None:
    case = world.case("sent")
    client.force_login(world.issuing)
    mine, other = (read(client, case, card) for card in (OWN, OWN | {"number": ANOTHER, "name": "样例·别人"}))
    assert mine.replace(ADULT, ANOTHER).replace("样例·张㛃", "样例·别人") == other, "the same whoever's card it is"
    assert "已到期" in read(client, case, OWN | {"valid_until": YESTERDAY, "long_term": False})
    assert not case.events.filter(kind="release_refused").exists()
    url = f"/issuing/cases/{case.number}/card/"
    assert client.post(url, {"card": "{"}).status_code == 422


def test_the_agents_card_is_of_the_agent(client: Client, world: World) -> None:
    from tongban.cases.application import Person

    case, other = (world.case("sent", agent=Person("样例·代", ANOTHER, "13900000000")) for _ in range(2))
    client.force_login(world.issuing)
    agent = OWN | {"number": ANOTHER, "name": "样例·代"}
    hand(client, case, card=json.dumps(agent), card_number=ANOTHER)
    hand(client, other, card=json.dumps(agent | {"name": "样例·张㛃"}), card_number=ANOTHER)
    assert states(case, other) == ["released", "delivering"]
