"""A city's templates come with its data; a broken one stops the loading, and nothing is half loaded."""

import shutil
from pathlib import Path

import pytest

from tongban.people.city import Malformed
from tongban.people.load import load
from tongban.people.models import City, Region

pytestmark = pytest.mark.django_db
SAMPLE = Path(__file__).parents[2] / "procedures" / "sample"
OWN = '#import "common.typ": *\n#show: form\n#case-facts\n本市自己的话。'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
    (copied / "forms").mkdir()
    return copied


def test_it_is_used_for_what_is_issued_from_then_on(folder: Path) -> None:
    (folder / "forms" / "fee_notice.typ").write_text(OWN, encoding="utf-8")
    load(folder)
    assert City.objects.get().templates == {"fee_notice": OWN}
    (folder / "forms" / "fee_notice.typ").unlink()
    load(folder)
    assert City.objects.get().templates == {}


def test_a_broken_one_is_named_and_nothing_is_loaded(folder: Path) -> None:
    (folder / "forms" / "fee_notice.typ").write_text(OWN + "\n#wrong", encoding="utf-8")
    with pytest.raises(Malformed, match=r"示例市的文书模板 fee_notice\.typ 第 5 行"):
        load(folder)
    assert not City.objects.exists()
    assert not Region.objects.exists()
