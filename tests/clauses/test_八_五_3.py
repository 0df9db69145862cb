"""向申请人出具收件文书，并告知申请人受理、办理、缴费等以短信方式通知，要求其保持手机畅通。"""

from django.test import Client

from tests.clauses.walk import at_the_window, forms, messages, pdf_text
from tests.world import ADULT, World


def test_the_receipt_is_the_list_and_tells_of_messages(client: Client, world: World) -> None:
    case = at_the_window(client, world)
    assert case is not None
    assert forms(case) == ["intake_receipt"]
    text = pdf_text(case)
    for said in (case.number, "身份证", "寸照", "60 个工作日", "短信", "手机畅通"):
        assert said.replace(" ", "") in text.replace(" ", ""), said
    assert ADULT not in text


def test_each_step_is_told_by_message_without_the_id_number(world: World) -> None:
    case = world.case(until="handed")
    told = messages(case)
    assert {"received", "accepted", "result_ready", "rating_asked"} <= set(told)
    assert all(ADULT not in text and "张㛃" not in text for text in told.values())


def test_the_same_receipt_prints_the_same_bytes(client: Client, world: World) -> None:
    case = at_the_window(client, world)
    assert case is not None
    url = f"/cases/{case.number}/forms/{case.forms.get().pk}.pdf"
    assert client.get(url).content == client.get(url).content
    assert case.forms.get().prints == 2
