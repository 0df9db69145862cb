"""Files that the machine has nothing against: a portrait as the standard wants it, a page of print, a card. Different by ``seed``."""

import io
import random
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from tests.imaging import cards, portraits


@cache
def portrait(seed: int = 0) -> bytes:
    """A drawn photo of nobody: 358 × 441, white, JPEG."""
    return portraits.jpeg(portraits.draw(portraits.Drawn(seed=seed)))


@cache
def page(seed: int = 0) -> bytes:
    """An A4 page of print at 200 dpi, as a scanner makes it."""
    image = Image.new("L", (1654, 2339), 250)
    brush = ImageDraw.Draw(image)
    brush.text((180, 160), f"SPECIMEN {seed}", fill=20, font_size=60)
    rng = np.random.default_rng(seed)
    for top in range(300, 2150, 46):
        at = 180
        while at < 1440:
            wide = int(rng.integers(12, 60))
            brush.rectangle((at, top, at + wide, top + 22), fill=int(rng.integers(10, 60)))
            at += wide + int(rng.integers(6, 22))
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=90, dpi=(200, 200))
    return out.getvalue()


@cache
def card(seed: int = 0) -> bytes:
    """Both sides of an invented person's identity card, one above the other."""
    rng = random.Random(seed)
    person = cards.person(rng)
    sides = [cards.front(person, rng).convert("RGB"), cards.back(person, rng).convert("RGB")]
    wide, high = sides[0].size
    both = Image.new("RGB", (wide + 80, 2 * high + 120), (150, 150, 150))
    both.paste(sides[0], (40, 40))
    both.paste(sides[1], (40, high + 80))
    out = io.BytesIO()
    both.save(out, "JPEG", quality=85, dpi=(300, 300))
    return out.getvalue()


def picture(check: str | None, seed: int = 0) -> bytes:
    """What goes through for a material that is looked at as ``check``."""
    return portrait(seed) if check == "photo" else page(seed)
