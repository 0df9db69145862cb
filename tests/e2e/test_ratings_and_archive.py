"""A bad rating followed up to its end; an archive package written, verified, altered by one byte and refused."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from tests.e2e.conftest import Desk
from tests.e2e.files import png
from tests.world import World
from tongban.archive.disposal import carry_out
from tongban.archive.keeping import fill_transfers
from tongban.archive.models import ArchivePackage
from tongban.archive.pack import pack
from tongban.cases.events import verify_all
from tongban.cases.links import rating_path, sign
from tongban.cases.models import MaterialFile
from tongban.ratings.models import FollowUp


def test_a_bad_rating_is_followed_up_to_the_end(desk: Desk, world: World) -> None:
    other = world.staff("oversight", name="样例·复核")
    type(other).objects.filter(pk=other.pk).update(demo=True)
    case = world.case("handed")
    page = desk.page
    page.goto(rating_path(case.number))
    assert not page.get_by_text("没有一次讲清").first.is_visible()
    page.get_by_label("非常不满意", exact=True).check()
    page.locator('[data-level="5"]').get_by_label("没有一次讲清").check()
    page.get_by_label("想说的话").fill("跑了三趟")
    desk.shoot("rating-link")
    desk.press("提交评价")
    page.get_by_text("谢谢您的评价").wait_for()

    desk.be(world.oversight)
    page.get_by_role("link", name="差评").first.click()
    desk.shoot("oversight-bad-ratings")
    page.get_by_role("link", name=case.number).click()
    page.get_by_text("跑了三趟").wait_for()
    desk.shoot("oversight-bad-rating")
    page.get_by_label("回访情况").fill("向申请人道歉，了解经过")
    desk.press("记下回访")
    page.get_by_label("属实", exact=True).check()
    page.get_by_label("查实的情况").fill("第一次没有讲清要带照片的电子件")
    desk.press("认定")
    page.get_by_label("怎么整改的").fill("窗口重新学习收件要点")
    desk.press("整改完毕")
    page.get_by_label("答复内容").fill("给您添麻烦了，窗口已经整改。")
    desk.press("答复")
    page.get_by_text("已答复申请人").wait_for()

    page.goto("/progress/")
    page.get_by_label("办件编号").fill(case.number)
    page.get_by_label("手机号后四位").fill("0000")
    desk.press("查询")
    page.get_by_text("窗口已经整改").wait_for()
    page.get_by_text("对答复不满意…").click()
    desk.shoot("public-progress-answered")
    page.get_by_label("哪里不满意").fill("希望当面说明")
    desk.press("申诉")
    page.get_by_text("申诉已收到").wait_for()

    desk.be(other)
    page.goto(f"/oversight/ratings/{case.number}/")
    page.get_by_label("属实", exact=True).check()
    page.get_by_label("复核意见").fill("维持认定，已登门说明。")
    desk.press("复核完毕")
    page.get_by_text("复核已记录").wait_for()
    desk.shoot("oversight-bad-rating-decided")
    page.goto("/oversight/ratings/rates/")
    page.get_by_text("太少，不显示").first.wait_for()
    desk.shoot("oversight-rates")
    assert FollowUp.objects.get().state == "decided"
    assert [broken for _, broken in verify_all() if broken] == []


def test_the_tablet_shows_the_form_when_the_clerk_invites(desk: Desk, world: World) -> None:
    case = world.case()
    page = desk.be(world.window_clerk).page
    page.goto(f"/window/done/{case.number}/")
    desk.press("请申请人在平板上评价")
    page.get_by_text("窗口平板已经打开评价").wait_for()
    page.goto(f"/rate/tablet/{world.window.pk}/{sign('tablet', str(world.window.pk))}/")
    page.get_by_text("您对这次收件的服务满意吗").wait_for()
    desk.shoot("tablet-form")
    page.get_by_label("非常满意", exact=True).check()
    desk.press("提交评价")
    page.get_by_text("谢谢您的评价").wait_for()
    desk.shoot("tablet-thanks")
    page.get_by_text("欢迎").wait_for()  # by itself, after a while
    desk.shoot("tablet-waiting")


def test_what_is_missing_is_asked_of_the_window_and_brought(desk: Desk, world: World, tmp_path: Path) -> None:
    case = world.case("passed")
    MaterialFile.objects.filter(material__case=case, material__index=1).update(withdrawn=True)
    page = desk.be(world.archive).page
    page.get_by_role("link", name="检查并归档").click()
    desk.shoot("archive-missing")
    desk.press("向责任岗位催要")
    page.get_by_text("还没有", exact=True).wait_for()
    desk.be(world.window_clerk)
    page.get_by_role("link", name="归档催要").click()
    page.get_by_label("补的文件").set_input_files(png(tmp_path / "photo.png", 7))
    desk.shoot("window-asks")
    desk.press("答复归档岗位")
    page.get_by_text("没有向这里催要什么").wait_for()
    desk.be(world.archive)
    page.get_by_text("都已答复").wait_for()
    page.get_by_role("link", name="检查并归档").click()
    page.get_by_text("资料齐全").wait_for()
    desk.shoot("archive-asked")
    desk.press("归档并关闭办件")
    page.get_by_text("已归档，办件关闭。").wait_for()


def test_a_package_written_verified_altered_by_one_byte_and_refused(desk: Desk, world: World, tmp_path: Path) -> None:
    case = world.case("passed")
    page = desk.be(world.archive).page
    page.get_by_role("link", name="检查并归档").click()
    desk.press("归档并关闭办件")
    page.get_by_text("后台正在编号").wait_for()
    pack()  # what the worker does beside the server
    page.reload()
    page.get_by_text("已制成").wait_for()
    desk.shoot("archive-package")
    page.get_by_text("导出信息包…").click()
    page.get_by_label("导出用途").fill("市里抽查")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出", exact=True).click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    def verify() -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-X", "utf8", "-m", "tongban", "archive", "verify", str(file)]
        return subprocess.run(words, capture_output=True, text=True)

    assert verify().returncode == 0
    data = bytearray(file.read_bytes())
    data[data.index(b"\xff\xd8\xff") + 40] ^= 1
    file.write_bytes(data)
    refused = verify()
    assert refused.returncode == 1
    assert "材料/01-身份证/1-0.jpg”的内容被改动过" in refused.stdout
    page.reload()
    page.get_by_text("导出归档信息包").wait_for()
    page.goto("/archive/list/archived/")
    desk.shoot("archive-packages")
    assert case.number in page.content()


def test_lent_transferred_and_after_its_term_destroyed_by_two(desk: Desk, world: World) -> None:
    cases = [world.case("archived", materials=world.materials(seed=n * 10)) for n in range(3)]
    pack()
    lent, over = cases[0], cases[1]
    page = desk.be(world.archive).page
    page.goto(f"/archive/cases/{lent.number}/")
    page.get_by_text("借出…").click()
    page.get_by_label("借阅人").fill("样例·李　审计局")
    page.get_by_label("借阅用途").fill("年度审计")
    page.get_by_label("应还日期").fill((timezone.localdate() + timedelta(days=2)).isoformat())
    desk.press("借出")
    page.get_by_text("借出已登记").wait_for()
    desk.shoot("archive-package-lent")
    page.goto("/archive/loans/")
    page.get_by_text("样例·李").wait_for()
    desk.shoot("archive-loans")

    page.goto("/archive/transfers/")
    desk.press("把没有移交过的编成一批")
    page.get_by_text("每个信息包读一遍再编进去：0 / 3").wait_for()
    desk.shoot("archive-transfer-filling")
    fill_transfers()
    page.get_by_text("等回执").wait_for()
    page.get_by_text("登记回执…").click()
    page.get_by_label("回执编号").fill("市档收 2026-17")
    page.get_by_label("接收人").fill("样例·馆员")
    page.get_by_label("接收日期").fill(timezone.localdate().isoformat())
    desk.shoot("archive-transfers")
    desk.press("登记回执")
    page.get_by_text("已接收").first.wait_for()

    ArchivePackage.objects.filter(case__in=(over, cases[2])).update(expires_on=timezone.localdate() - timedelta(days=1))
    page.goto("/disposals/")
    desk.press("列出满期的")
    page.get_by_role("link", name="XH").click()
    page.get_by_text("划去…").last.click()
    page.get_by_label("理由").last.fill("有史料价值")
    page.get_by_role("button", name="划去").last.click()
    page.get_by_text("已划去").wait_for()
    desk.shoot("archive-disposal-review")
    desk.press("审查完毕，报督办批准")
    page.get_by_text("等督办人员批准").wait_for()
    desk.be(world.oversight)
    page.get_by_role("link", name="到期销毁").click()
    page.get_by_role("link", name="XH").click()
    desk.shoot("oversight-disposal-approve")
    desk.press("批准销毁")
    page.get_by_text("后台开始销毁").wait_for()
    while carry_out():
        pass
    page.reload()
    page.get_by_text("销毁证明").wait_for()
    desk.shoot("archive-disposal-done")
    page.goto(f"/cases/{over.number}/")
    desk.press("核验经过有无改动")
    page.get_by_text("核验通过").wait_for()
    desk.shoot("oversight-case-destroyed")
    assert [broken for _, broken in verify_all() if broken] == []
