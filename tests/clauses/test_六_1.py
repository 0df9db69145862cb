"""要求：验原件，留复印件1份……扫描录入收件办理平台后退回申请人。"""

from dataclasses import replace

import pytest
from django.test import Client

from tests.clauses.walk import at_the_window
from tests.world import World, zip_names
from tongban.cases.actions.door import Refused


def test_the_original_is_shown_a_copy_scanned_and_both_returned(world: World) -> None:
    material = world.procedure.materials[0]
    assert (material.name, material.original, material.copies, material.keep_copy) == ("身份证", True, 1, False)
    assert not material.forwarded


def test_it_cannot_be_taken_in_without_a_scan(world: World) -> None:
    materials = list(world.materials())
    materials[0] = replace(materials[0], files=())
    with pytest.raises(Refused) as refused:
        world.case(materials=tuple(materials))
    assert "身份证" in refused.value.fields["material_0"]


def test_an_expired_card_is_found_out(client: Client, world: World) -> None:
    assert at_the_window(client, world, applicant_valid_until="2020-01-01") is None


def test_a_ticked_error_makes_it_defective(client: Client, world: World) -> None:
    case = at_the_window(client, world, defect_0="身份证不在有效期内")
    assert case is not None
    assert case.defects[0]["defects"] == ["身份证不在有效期内"]


def test_the_department_downloads_it(client: Client, world: World) -> None:
    case = at_the_window(client, world)
    assert case is not None
    client.force_login(world.department)
    answer = client.get(f"/cases/{case.number}/materials.zip")
    assert any("身份证" in name for name in zip_names(b"".join(answer)))  # type: ignore[arg-type]
