"""A process that serves pages holds no model that reads text: it is asked everything around materials, and then looked into.
The worker holds them before the first card comes."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tongban.checks.looking import keep_looking
from tongban.imaging import text

pytestmark = pytest.mark.pure  # on a database of its own

SERVE = """
import sys
from tongban.ready import django_ready
django_ready()
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
settings.ALLOWED_HOSTS = ["testserver"]
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
from tests.pictures import portrait
from tests.world import build, jpeg, key
from tongban.checks.models import Check
world = build()
client = Client()
client.force_login(world.window_clerk)
url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
for place, data in ((0, jpeg(3000)), (1, portrait())):
    assert client.post(f"{url}files/{place}/", {"file": SimpleUploadedFile("a.jpg", data)}).status_code == 200
    assert client.get(f"{url}seen/{place}/").status_code == 200
assert client.get(url).status_code == 200
case = world.case("sent")
for role, path in (("oversight", "/errors/"), ("department", "/department/"), ("issuing", f"/issuing/cases/{case.number}/")):
    client.force_login(world.people[role])
    assert client.get(path).status_code == 200, path
assert client.post("/paper/camera/", {"frame": SimpleUploadedFile("f.jpg", jpeg(2000))}).json() == {"codes": []}
assert Client().get(f"/guide/{world.version.pk}/photo/1/").status_code == 200
assert {check.kind: check.state for check in Check.objects.all()} == {"idcard": "waiting", "photo": "done"}
print(sorted({"rapidocr", "onnxruntime", "opencc"} & {*sys.modules}))
"""


def test_no_model_is_loaded_by_serving_pages(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TONGBAN_", "DJANGO_"))}
    own = kept | {
        "TONGBAN_DATA": str(tmp_path),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONUTF8": "1",
        "TONGBAN_DEMO": "1",
    }
    done = subprocess.run([sys.executable, "-c", SERVE], capture_output=True, text=True, env=own, timeout=300)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_the_worker_loads_the_models_at_its_start() -> None:
    text._engine.cache_clear()
    ended = threading.Event()
    ended.set()
    keep_looking(ended)
    assert text._engine.cache_info().currsize == 1
