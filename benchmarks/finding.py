"""From dropping a file at the window to its finding on the page: through the views, the worker's look in this process.

What waited from before is looked at first and not counted; the models are loaded as the worker loads them at its start. What a clerk waits for beside it is the network and the turn of the worker (it looks for work four times a second).
"""

import io
import random
import resource
import statistics
import time

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.imaging import cards
from tests.imaging.portraits import draw, jpeg, varied
from tests.world import World

from tongban.checks.eyes import ready
from tongban.checks.looking import look

SEED = 20261124


def _resident() -> float:
    """MB (2^20 bytes) this process holds now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def _sides(seed: int) -> list[SimpleUploadedFile]:
    rng = random.Random(seed)
    person = cards.person(rng)
    files = []
    for name, side in (("front.jpg", cards.front(person, rng)), ("back.jpg", cards.back(person, rng))):
        out = io.BytesIO()
        side.convert("RGB").save(out, "JPEG", quality=92, dpi=(300, 300))
        files.append(SimpleUploadedFile(name, out.getvalue(), "image/jpeg"))
    return files


def measure(world: World, count: int = 12) -> list[str]:
    """Lines to print: seconds from drop to finding for photos and cards, and the memory a process holds before and after."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(world.window_clerk)
    item = world.application().items[0]

    def draft() -> str:
        url = str(client.post("/window/start/", {"version": world.version.pk}).headers["Location"])
        client.post(f"{url}check/", {"items": item})
        return url

    photos, read = [], []
    for number in range(count):
        url, data = draft(), jpeg(draw(varied(SEED + number)), 90)
        start = time.perf_counter()
        page = client.post(f"{url}files/1/", {"file": SimpleUploadedFile("photo.jpg", data)}).content.decode()
        photos.append(time.perf_counter() - start)
        assert "机器已看" in page or "机器已勾" in page
    before = _resident()
    start = time.perf_counter()
    ready()
    loading = time.perf_counter() - start
    while look():  # cards of cases measured before
        pass
    for number in range(count):
        url, sides = draft(), _sides(SEED + number)
        start = time.perf_counter()
        client.post(f"{url}files/0/", {"file": sides})
        while look():
            pass
        page = client.get(f"{url}seen/0/").content.decode()
        read.append(time.perf_counter() - start)
        assert "机器正在看" not in page
    return [
        f"from drop to finding: photo {1000 * statistics.median(photos):.0f} ms (median of {count}, in the request); "
        f"card {statistics.median(read):.2f} s (median of {count}, both sides, in the worker), {max(read):.2f} s the slowest; "
        f"the models are loaded in {loading:.2f} s when the worker starts.",
        f"memory held: {before:.0f} MB where photos are looked at, {_resident():.0f} MB where cards are read as well.",
    ]
