"""What comes in from outside: taken when it is what it says and does nothing, else refused with the reason, in bounded memory."""

import io
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings, strategies
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from tests.world import World, jpeg
from tongban.cases.models import Draft
from tongban.vault import store, uploads
from tongban.vault.kinds import NotAccepted

pytestmark = pytest.mark.django_db


def pdf(change: object = None, pages: int = 1) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if callable(change):
        change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def image(kind: str, size: tuple[int, int] = (20, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size).save(out, kind)
    return out.getvalue()


def huge_png() -> bytes:
    """A PNG that says 50 000 × 50 000 pixels in a few hundred bytes."""
    png = image("PNG")
    head = b"IHDR" + (50_000).to_bytes(4, "big") * 2 + png[24:29]
    return png[:12] + head + zlib.crc32(head).to_bytes(4, "big") + png[33:]


def action(kind: str, key: str) -> DictionaryObject:
    return DictionaryObject({NameObject("/S"): NameObject(kind), NameObject(key): TextStringObject("x")})


def opening(writer: pypdf.PdfWriter) -> None:
    writer.root_object[NameObject("/OpenAction")] = action("/Launch", "/F")


def scripted(writer: pypdf.PdfWriter) -> None:
    writer.root_object[NameObject("/OpenAction")] = action("/JavaScript", "/JS")


def hidden(writer: pypdf.PdfWriter) -> None:
    """Behind a reference, on a page, when it is left."""
    leaves = DictionaryObject({NameObject("/C"): writer._add_object(action("/Launch", "/F"))})
    writer.pages[0][NameObject("/AA")] = writer._add_object(leaves)


GOOD = {"a.jpg": jpeg(2000), "a.png": image("PNG"), "a.tif": image("TIFF"), "a.pdf": pdf(), "seiten.pdf": pdf(pages=40)}
BAD = {
    "nothing": ("a.jpg", b"", "空的"),
    "svg": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "只收"),
    "svg as an image": ("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "只收"),
    "html as an image": ("a.png", b"<!doctype html><script>alert(1)</script>", "只收"),
    "a program": ("a.pdf", b"MZ" + bytes(2000), "只收"),
    "a zip": ("a.pdf", b"PK\x03\x04" + bytes(2000), "只收"),
    "gif": ("a.gif", image("GIF"), "只收"),
    "another kind than its name": ("a.pdf", jpeg(2000), "内容却是"),
    "a picture that begins and is none": ("a.jpg", b"\xff\xd8\xff\xe0" + b"<script>" * 100, "打不开"),
    "more pixels than anybody scans": ("a.png", huge_png(), "像素"),
    "a script": ("a.pdf", pdf(scripted), "脚本"),
    "starts a program": ("a.pdf", pdf(opening), "脚本"),
    "starts a program, by way of another object": ("a.pdf", pdf(hidden), "脚本"),
    "another file inside": ("a.pdf", pdf(lambda w: w.add_attachment("x.exe", b"MZ")), "附件"),
    "a password": ("a.pdf", pdf(lambda w: w.encrypt("geheim")), "密码"),
    "an owner's password": ("a.pdf", pdf(lambda w: w.encrypt("", "geheim")), "密码"),
    "a broken pdf": ("a.pdf", b"%PDF-1.7\n" + bytes(500), "打不开"),
    "a pdf without a page": ("a.pdf", pdf(pages=0), "没有一页"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_good_is_kept(name: str) -> None:
    assert store.read(uploads.take(GOOD[name], name).digest) == GOOD[name]


@pytest.mark.parametrize("what", BAD)
def test_what_is_bad_is_refused_with_the_reason_and_not_kept(what: str) -> None:
    name, data, said = BAD[what]
    before = set(store.digests())
    tracemalloc.start()
    with pytest.raises(NotAccepted, match=said):
        uploads.take(data, name)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 30 * 2**20
    assert set(store.digests()) == before


@settings(max_examples=300, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=strategies.sampled_from([*GOOD]),
    cuts=strategies.lists(strategies.tuples(strategies.integers(0, 10**6), strategies.binary(max_size=8)), max_size=6),
    keep=strategies.floats(0, 1),
)
def test_whatever_comes_gets_an_answer(kind: str, cuts: list[tuple[int, bytes]], keep: float) -> None:
    data = bytearray(GOOD[kind])
    for at, put in cuts:
        at %= len(data) or 1
        data[at : at + len(put)] = put
    with suppress(NotAccepted):  # anything else it raises is a fault
        uploads.take(bytes(data[: int(len(data) * keep) + 1]), kind)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\身份证.jpg", "身份证.jpg"),
        ("a\x00b.jpg", "ab.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("寸\u200b照\r\n.jpg", "寸照.jpg"),
        ("…", "…"),
        ("..", "文件"),
        ("", "文件"),
        ("长" * 300 + ".jpeg", "长" * 115 + ".jpeg"),
        ("𠮷㛃.pdf", "𠮷㛃.pdf"),
    ],
)
def test_names_are_tidied(given: str, kept: str) -> None:
    assert uploads.tidy(given) == kept
    assert uploads.tidy(kept) == kept


def test_ten_thousand_files_in_one_form_are_refused(client: Client, world: World) -> None:
    client.force_login(world.window_clerk)
    client.post("/window/start/", {"version": world.version.pk})
    draft = Draft.objects.get()
    url = f"/window/intake/{draft.pk}/files/0/"
    many = [SimpleUploadedFile(f"{n}.jpg", b"\xff\xd8\xff") for n in range(10_000)]
    assert client.post(url, {"file": many}).status_code == 400
    draft.refresh_from_db()
    assert draft.body["files"] == {}


def test_a_polyglot_is_served_as_the_picture_it_began_as(client: Client, world: World) -> None:
    client.force_login(world.window_clerk)
    client.post("/window/start/", {"version": world.version.pk})
    draft = Draft.objects.get()
    both = jpeg(2000) + b"PK\x03\x04<html><script>alert(1)</script>"
    client.post(f"/window/intake/{draft.pk}/files/0/", {"file": SimpleUploadedFile("a.jpg", both)})
    draft.refresh_from_db()
    file = draft.body["files"]["0"][0]
    answer = client.get(f"/window/intake/{draft.pk}/files/0/{file['id']}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@contextmanager
def antivirus(answer: bytes | None) -> Iterator[str]:
    """A daemon that speaks clamd's INSTREAM and gives ``answer``, or hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line:
                stream = line.makefile("rb")
                assert stream.read(10) == b"zINSTREAM\0"
                while size := int.from_bytes(stream.read(4), "big"):
                    stream.read(size)
                if answer is not None:
                    line.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"stream: Eicar-Test-Signature FOUND\0", "病毒"),
        (b"INSTREAM size limit exceeded. ERROR\0", "没有给出结果"),
        (b"", "没有给出结果"),
        (None, "没有给出结果"),
    ],
)
def test_what_the_antivirus_does_not_clear_is_refused(settings: object, answer: bytes | None, said: str) -> None:
    with antivirus(answer) as where:
        settings.CLAMD = where  # type: ignore[attr-defined]
        with pytest.raises(NotAccepted, match=said):
            uploads.take(GOOD["a.jpg"], "a.jpg")


def test_what_the_antivirus_clears_is_kept_and_without_it_nothing_is(settings: object) -> None:
    with antivirus(b"stream: OK\0") as where:
        settings.CLAMD = where  # type: ignore[attr-defined]
        uploads.take(GOOD["a.jpg"], "a.jpg")
    with pytest.raises(NotAccepted, match="暂时用不了"):
        uploads.take(GOOD["a.jpg"], "a.jpg")
