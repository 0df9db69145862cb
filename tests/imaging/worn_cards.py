"""Cards as they come in, each with what is to be found on it: the set of the accuracy table and of the tests."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle, islice

import numpy as np
from PIL import Image, ImageDraw

from tests.imaging import cards, wear
from tests.imaging.cards import TODAY, Person
from tests.imaging.papers import OTHERS
from tongban.identity.citizen_id import CHECKS

UNSURE = frozenset({"low-confidence"})
FRONT = frozenset({"name", "sex", "ethnicity", "birth", "address", "number"})
BACK = frozenset({"issuer", "valid_from", "valid_until"})
NOTHING = FRONT | BACK  # can be read


@dataclass(frozen=True)
class Sample:
    """Files of one card (or of something else), who stands on it, codes that must be found and codes that may."""

    way: str
    files: tuple[bytes, ...]
    person: Person
    codes: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()  # fields that cannot be read: must be null


@dataclass
class _Desk:
    """What a way of coming in works with."""

    one: Person
    rng: random.Random
    grain: np.random.Generator
    scale: float

    def front(self) -> Image.Image:
        return cards.front(self.one, self.rng, self.scale)

    def back(self) -> Image.Image:
        return cards.back(self.one, self.rng, self.scale)

    def both(self) -> list[Image.Image]:
        return [self.front(), self.back()]

    def files(self, *images: Image.Image, quality: int = 88) -> tuple[bytes, ...]:
        return tuple(wear.encoded(image, "JPEG", quality=quality) for image in images)


Way = Callable[[_Desk], Sample]
WAYS: dict[str, Way] = {}


def _way(name: str) -> Callable[[Way], Way]:
    def keep(way: Way) -> Way:
        WAYS[name] = way
        return way

    return keep


def _plain(change: Callable[[_Desk, Image.Image], Image.Image]) -> Way:
    """Both sides, each changed, nothing to be found."""
    return lambda desk: Sample("", desk.files(*(change(desk, side) for side in desk.both())), desk.one)


WAYS |= {
    "clean": _plain(lambda desk, side: side),
    "turned by a quarter": _plain(lambda desk, side: side.rotate(desk.rng.choice((90, 270)), expand=True)),
    "upside down": _plain(lambda desk, side: side.rotate(180)),
    "on a table": _plain(lambda desk, side: wear.on_table(side, desk.grain, desk.rng.uniform(-9, 9))),
    "on a table, turned": _plain(
        lambda desk, side: wear.on_table(side, desk.grain, desk.rng.choice((90, 180, 270)) + desk.rng.uniform(-20, 20))
    ),
    "noise": _plain(lambda desk, side: wear.noise(side, desk.grain, desk.rng.uniform(5, 18))),
    "shadow": _plain(lambda desk, side: wear.shadow(side, desk.grain)),
    "small": _plain(lambda desk, side: side.resize((480, 303), Image.Resampling.LANCZOS)),
    "copied once": _plain(lambda desk, side: wear.copied(side, desk.grain)),
    "scanned on A4": _plain(lambda desk, side: wear.on_paper([side], desk.grain, desk.scale)),
}


@_way("back first")
def _(desk: _Desk) -> Sample:
    return Sample("", desk.files(*reversed(desk.both())), desk.one)


@_way("low quality JPEG")
def _(desk: _Desk) -> Sample:
    return Sample("", desk.files(*desk.both(), quality=desk.rng.randrange(25, 50)), desk.one)


@_way("both in one picture")
def _(desk: _Desk) -> Sample:
    beside, gap = desk.rng.random() < 0.5, desk.rng.choice((0, 40, 150))
    return Sample("", desk.files(wear.together(desk.both(), beside=beside, gap=gap)), desk.one)


@_way("both on A4, turned")
def _(desk: _Desk) -> Sample:
    sheet = wear.on_paper(desk.both(), desk.grain, desk.scale, 150 + desk.rng.randrange(150))
    return Sample("", desk.files(sheet.rotate(desk.rng.choice((0, 90, 180, 270)), expand=True)), desk.one)


@_way("both on A4, one upside down")
def _(desk: _Desk) -> Sample:
    front, back = desk.both()
    return Sample("", desk.files(wear.on_paper([front, back.rotate(180)], desk.grain, desk.scale)), desk.one)


@_way("PDF of two pages")
def _(desk: _Desk) -> Sample:
    return Sample("", (wear.pdf(*desk.both(), dpi=desk.rng.choice((72, 150, 300))),), desk.one)


@_way("long term")
def _(desk: _Desk) -> Sample:
    desk.one = replace(desk.one, valid_until=None)
    return Sample("", desk.files(*desk.both()), desk.one)


@_way("expires today")
def _(desk: _Desk) -> Sample:
    desk.one = replace(desk.one, valid_from=TODAY.replace(year=TODAY.year - 10), valid_until=TODAY)
    return Sample("", desk.files(*desk.both()), desk.one)


@_way("expired")
def _(desk: _Desk) -> Sample:
    last = TODAY - timedelta(days=desk.rng.randrange(1, 2000))
    desk.one = replace(desk.one, valid_from=last - timedelta(days=3652), valid_until=last)
    return Sample("", desk.files(*desk.both()), desk.one, frozenset({"expired"}))


@_way("not yet valid")
def _(desk: _Desk) -> Sample:
    first = TODAY + timedelta(days=desk.rng.randrange(1, 60))
    desk.one = replace(desk.one, valid_from=first, valid_until=first + timedelta(days=3652))
    return Sample("", desk.files(*desk.both()), desk.one, frozenset({"not-yet-valid"}))


@_way("wrong check digit")
def _(desk: _Desk) -> Sample:
    wrong = desk.rng.choice([char for char in CHECKS if char != desk.one.number[17]])
    desk.one = replace(desk.one, number=desk.one.number[:17] + wrong)
    return Sample("", desk.files(*desk.both()), desk.one, frozenset({"number-malformed"}))


@_way("other birth")
def _(desk: _Desk) -> Sample:
    number = cards.number_of(desk.one.birth + timedelta(days=desk.rng.choice((1, 31, 365))), desk.one.sex, desk.rng)
    desk.one = replace(desk.one, number=number)
    return Sample("", desk.files(*desk.both()), desk.one, frozenset({"number-contradicts-birth"}))


@_way("other sex")
def _(desk: _Desk) -> Sample:
    desk.one = replace(desk.one, sex="女" if desk.one.sex == "男" else "男")
    return Sample("", desk.files(*desk.both()), desk.one, frozenset({"number-contradicts-sex"}))


@_way("front alone")
def _(desk: _Desk) -> Sample:
    return Sample("", desk.files(desk.front()), desk.one, frozenset({"back-missing"}), unread=BACK)


@_way("back alone")
def _(desk: _Desk) -> Sample:
    return Sample("", desk.files(desk.back()), desk.one, frozenset({"front-missing"}), unread=FRONT)


@_way("blurred")
def _(desk: _Desk) -> Sample:
    depth = desk.rng.uniform(0.19, 0.32)
    sides = [wear.blurred(side, depth, desk.scale) for side in desk.both()]
    return Sample("", desk.files(*sides), desk.one, frozenset({"blurred"}), UNSURE)


@_way("blurred beyond reading")
def _(desk: _Desk) -> Sample:
    sides = [wear.blurred(side, 0.7, desk.scale) for side in desk.both()]
    gone = frozenset({"blurred", "front-missing"})  # the large title of the back is still read at times
    return Sample("", desk.files(*sides), desk.one, gone, UNSURE | {"back-missing"}, NOTHING)


@_way("glare")
def _(desk: _Desk) -> Sample:
    front, back = desk.both()
    front = wear.glare(front, desk.grain, size=desk.rng.uniform(0.15, 0.3))
    return Sample("", desk.files(front, back), desk.one, frozenset({"glare"}), UNSURE)


@_way("cropped")
def _(desk: _Desk) -> Sample:
    front, back = desk.both()
    front = wear.cropped(front, desk.rng.choice(("left", "top", "right", "bottom")), desk.rng.uniform(0.07, 0.2))
    return Sample("", desk.files(front, back), desk.one, frozenset({"cropped"}), UNSURE)


@_way("number cut off")
def _(desk: _Desk) -> Sample:
    front, back = desk.both()
    cut = wear.cropped(front, "right", desk.rng.uniform(0.18, 0.4))
    return Sample("", desk.files(cut, back), desk.one, frozenset({"cropped"}), UNSURE, frozenset({"number"}))


@_way("number covered in part")
def _(desk: _Desk) -> Sample:
    front, back = desk.both()
    left = desk.rng.uniform(32, 60) * desk.scale
    box = (left, 44 * desk.scale, left + desk.rng.uniform(8, 16) * desk.scale, 51 * desk.scale)
    ImageDraw.Draw(front).rectangle(box, fill=(90, 70, 60))
    return Sample("", desk.files(front, back), desk.one, UNSURE, frozenset({"cropped"}), frozenset({"number"}))


@_way("copied twice")
def _(desk: _Desk) -> Sample:
    sides = [wear.copied(wear.copied(side, desk.grain), desk.grain) for side in desk.both()]
    return Sample("", desk.files(*sides), desk.one, frozenset({"copy-of-copy"}), UNSURE)


def _other(name: str) -> Way:
    def way(desk: _Desk) -> Sample:
        image = OTHERS[name](desk.one, desk.rng, desk.scale)
        return Sample("", desk.files(image), desk.one, frozenset({"not-an-id-card"}), unread=NOTHING)

    return way


WAYS |= {f"not a card: {name}": _other(name) for name in OTHERS}


def samples(count: int, seed: int = 20261124) -> Iterator[Sample]:
    """``count`` samples, every way in turn; the same for the same seed."""
    for at, (name, way) in enumerate(islice(cycle(WAYS.items()), count)):
        yield sample(name, seed + at, way)


def sample(name: str, seed: int, way: Way | None = None) -> Sample:
    """One sample of the way ``name``."""
    rng = random.Random(seed)
    desk = _Desk(cards.person(rng), rng, np.random.default_rng(seed), rng.choice((9.0, 12.0, 15.0)))
    made = (way or WAYS[name])(desk)
    return replace(made, way=name)
