"""Several pages of one material become one PDF/A; the originals stay, and the case keeps both."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.clauses.walk import FORM
from tests.pictures import page
from tests.world import World, build
from tongban.cases.models import Case, MaterialFile
from tongban.checks.looking import look
from tongban.procedure.files import read_file
from tongban.vault import store

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    procedure = read_file("procedures/sample/附件1-我要开药店.yaml")
    return build(procedure, region="示例区", abbreviation="SL")


def test_pages_are_bound_and_the_originals_kept(client: Client, world: World) -> None:
    place = next(n for n, m in enumerate(world.procedure.materials) if m.check == "scan")
    client.force_login(world.window_clerk)
    url = str(client.post("/window/start/", {"version": world.version.pk}).headers["Location"])
    item = next(i for i in world.procedure.items if i.pickable)
    form = FORM | {"items": item.code or item.name, "region": str(world.region.pk)}
    form |= {f"state_{n}": "conforms" if n == place else "missing" for n in range(len(world.procedure.materials))}
    client.post(f"{url}check/", form)
    pages = [SimpleUploadedFile(f"{n}.jpg", page(n)) for n in (1, 2)]
    assert "机器正在看" in client.post(f"{url}files/{place}/", {"file": pages}).content.decode()
    assert client.get(f"{url}bound/{place}/").status_code == 404
    while look():
        pass
    assert "已合成一份 PDF/A" in client.get(f"{url}seen/{place}/").content.decode()
    pdf = client.get(f"{url}bound/{place}/").content
    assert pdf.startswith(b"%PDF-")
    assert client.post(f"{url}submit/", form).status_code == 302
    files = list(MaterialFile.objects.filter(material__case=Case.objects.get(), material__index=place))
    assert [file.media_type for file in files] == ["application/pdf", "image/jpeg", "image/jpeg"]
    assert store.read(files[0].digest) == pdf
    assert [file.merged_into for file in files] == ["", files[0].digest, files[0].digest]
    assert [store.read(file.digest) for file in files[1:]] == [page(1), page(2)]
