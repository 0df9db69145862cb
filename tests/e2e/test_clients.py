"""A system is let in on the administrator's desk, speaks to the API, and is shut out; its developers find the description."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.e2e.conftest import Desk
from tests.world import World


def ask(url: str, token: str) -> int:
    try:
        with urlopen(Request(url, headers={"Authorization": f"Bearer {token}"}), timeout=30) as answer:
            json.load(answer)
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_a_system_is_let_in_and_shut_out(desk: Desk, world: World, live_server: Any) -> None:
    page = desk.be(world.administrator).page
    page.goto("/admin/clients/")
    page.get_by_text("登记接入系统…").click()
    page.get_by_label("名称").fill("示例镇自助终端")
    page.get_by_label("收件", exact=True).first.check()
    page.get_by_label("窗口", exact=True).select_option(index=1)
    page.get_by_label("查询").check()
    page.get_by_label("下载材料").check()
    page.get_by_label("推送地址").fill("https://app.example.cn")
    desk.shoot("page-administrator-client-new")
    desk.press("登记")
    page.get_by_text("还没有令牌").wait_for()
    desk.press("发放令牌")
    token = page.locator(".token code").inner_text()
    desk.shoot("page-administrator-client")
    assert ask(f"{live_server.url}/api/v1/cases", token) == 200
    page.reload()
    assert token not in page.content()  # shown once
    page.goto("/admin/clients/")
    desk.shoot("page-administrator-clients")
    page.get_by_role("link", name="接口说明").click()
    page.get_by_role("heading", name="通办 API").wait_for()
    desk.shoot("page-public-api")
    page.locator("#create_case").scroll_into_view_if_needed()
    page.locator("#create_case summary").first.click()
    desk.shoot("page-public-api-operation")
    page.go_back()
    page.get_by_role("link", name="示例镇自助终端").click()
    desk.press("停用这个接入系统")
    page.get_by_text("它办过的事和记录都还在").wait_for()
    assert ask(f"{live_server.url}/api/v1/cases", token) == 401
