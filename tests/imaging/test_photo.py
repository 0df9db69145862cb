"""Photos: every code found where it is so, none on good photos, and an answer for whatever bytes there are."""

import io
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.imaging.portraits import Drawn, astronaut, draw, encoded, jpeg, varied
from tests.imaging.worsen import WORSE, astronaut_file
from tongban.imaging.photo import check
from tongban.imaging.photo_fix import Refused, fix
from tongban.procedure.photo import PhotoLimits

pytestmark = pytest.mark.pure

GOOD = Drawn(seed=3)
FAILURES = {"not-an-image", "truncated", "not-jpeg", "not-colour", "wrong-size", "background-not-white", "border"}
FAILURES |= {"no-face", "several-faces", "too-many-bytes", "too-few-bytes"}


def codes(data: bytes, limits: PhotoLimits | None = None) -> list[str]:
    return [finding.code for finding in check(data, limits).findings]


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_found_on_a_good_photo(seed: int) -> None:
    d = varied(seed, skin=GOOD.skin)
    answer = check(jpeg(draw(d)))
    assert (answer.accepted, answer.findings) == (True, ())
    m = answer.measurements
    assert (m.width, m.height, m.mode, m.faces, m.background_white_share) == (358, 441, "colour", 1, 1.0)
    assert m.face_width == pytest.approx(d.face, abs=9)
    assert m.hair_top == pytest.approx(d.hair_top, abs=2)
    assert m.eyes_from_bottom == pytest.approx(d.eyes, abs=5)
    assert m.tilt_degrees == pytest.approx(d.tilt, abs=1.5)


@pytest.mark.parametrize("quality", [60, 75, 95])
def test_nothing_is_found_on_the_portrait_of_a_person(quality: int) -> None:
    answer = check(astronaut_file(quality))
    assert answer.findings == ()
    assert answer.measurements.face_width == pytest.approx(205, abs=10)


@pytest.mark.parametrize("code", WORSE)
def test_each_fault_is_found(code: str) -> None:
    for seed in range(3):
        d = varied(seed, skin=GOOD.skin, style="short", glasses=False)
        answer = check(WORSE[code](d, np.random.default_rng(seed)))
        (found,) = [finding for finding in answer.findings if finding.code == code]
        assert found.level == ("failure" if code in FAILURES else "advice")
        assert found.message.endswith("。")
        assert answer.accepted == (not FAILURES & {finding.code for finding in answer.findings})


@pytest.mark.parametrize("face", [150, 170, 205, 240])
def test_the_face_of_a_person_is_measured_without_hair_and_ears(face: int) -> None:
    assert check(jpeg(astronaut(face=face))).measurements.face_width == pytest.approx(face, rel=0.05)


@pytest.mark.parametrize("ears", [False, True])
def test_ears_are_left_out(ears: bool) -> None:
    width = check(jpeg(draw(replace(GOOD, style="bald", ears=ears)))).measurements.face_width
    assert width == pytest.approx(207, abs=9)


def test_where_eyes_and_hair_cannot_both_be_met_the_eyes_win() -> None:
    tall = replace(GOOD, hair_top=1, eyes=208)  # moved down by the six px the hair wants, the eyes would be too low
    assert codes(jpeg(draw(tall))) == []
    assert codes(jpeg(draw(replace(GOOD, hair_top=2, eyes=232)))) == ["hair-too-close"]


def test_a_larger_photo_of_the_right_shape_is_only_of_the_wrong_size() -> None:
    large = draw(replace(GOOD, width=716, height=882, face=414, hair_top=28, eyes=456))
    assert codes(jpeg(large)) == ["wrong-size"]


def test_size_is_taken_after_turning_as_the_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = Image.fromarray(draw(GOOD)).transpose(Image.Transpose.ROTATE_90)
    assert codes(encoded(sideways, "JPEG", quality=92, exif=exif)) == []
    assert "wrong-size" in codes(encoded(sideways, "JPEG", quality=92))


def test_bytes_are_limited_only_where_a_region_says_so() -> None:
    data = jpeg(draw(GOOD))
    assert codes(data) == []
    assert codes(data, PhotoLimits(most_bytes=len(data) - 1)) == ["too-many-bytes"]
    assert codes(data, PhotoLimits(least_bytes=len(data) + 1)) == ["too-few-bytes"]
    assert codes(data, PhotoLimits(most_bytes=len(data), least_bytes=len(data))) == []


def test_dark_skin_is_not_too_little_light_and_pale_skin_not_too_much() -> None:
    for skin in ((128, 84, 58), (172, 122, 88), (250, 222, 200), (255, 224, 196)):
        assert not {"under-exposed", "over-exposed"} & set(codes(jpeg(draw(replace(GOOD, skin=skin)))))


def test_a_white_collar_is_not_white_clothes_and_grey_hair_no_background() -> None:
    assert codes(jpeg(draw(replace(GOOD, collar=True, hair=(205, 203, 200), style="long")))) == []


@pytest.mark.parametrize("name", ["HEIC", "AVIF"])
def test_a_telephones_own_format_is_named(name: str) -> None:
    data = b"\x00\x00\x00\x18ftyp" + {"HEIC": b"heic", "AVIF": b"avif"}[name] + b"\x00" * 100
    (found,) = check(data).findings
    assert found.code == "not-jpeg"
    assert name in found.message


def test_a_larger_portrait_is_made_to_conform() -> None:
    limits = PhotoLimits(least_bytes=14_000, most_bytes=25_000)
    for large in (
        astronaut(1200, 1600, face=400, eyes=900, tilt=6),
        draw(replace(GOOD, width=900, height=1200, face=450, hair_top=150, eyes=585)),
    ):
        fixed = fix(jpeg(large, 95), limits)
        assert fixed.check.findings == ()
        assert not fixed.whitened
        with Image.open(io.BytesIO(fixed.data)) as image:
            assert (image.format, image.mode, image.size, image.info["dpi"]) == ("JPEG", "RGB", (358, 441), (350, 350))


def test_a_background_almost_white_is_whitened_only_when_asked_and_the_face_never() -> None:
    grey = jpeg(
        draw(replace(GOOD, width=900, height=1200, face=450, hair_top=150, eyes=585, background=(226, 226, 224))), 95
    )
    plain, white = fix(grey), fix(grey, whiten=True)
    assert [finding.code for finding in plain.check.findings] == ["background-not-white"]
    assert (white.whitened, white.check.findings) == (True, ())
    one, other = (np.asarray(Image.open(io.BytesIO(made.data))).astype(int) for made in (plain, white))
    face = (slice(170, 330), slice(110, 250))
    assert np.abs(one[face] - other[face]).max() <= 6  # what compressing again changes
    assert (other[:5] >= 250).all()


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda: jpeg(draw(replace(GOOD, face=150))), "失真"),
        (lambda: jpeg(np.full((900, 700, 3), 255, np.uint8)), "没有找到人脸"),
        (lambda: encoded(Image.fromarray(draw(GOOD)).convert("L"), "JPEG"), "黑白"),
        (lambda: b"", "空"),
        (lambda: jpeg(draw(replace(GOOD, width=500, height=500, face=300, hair_top=4, eyes=300))), "空白不够"),
    ],
)
def test_what_cannot_be_made_to_conform_is_refused_with_a_reason(made: object, why: str) -> None:
    with pytest.raises(Refused, match=why):
        fix(made())  # type: ignore[operator]


SEEDS = [jpeg(draw(GOOD)), encoded(Image.fromarray(draw(GOOD)), "PNG"), jpeg(draw(GOOD), progressive=True)]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, len(SEEDS) - 1),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=9),
)
def test_whatever_the_bytes_are_there_is_an_answer(seed: int, damage: list[tuple[float, int]]) -> None:
    data = bytearray(SEEDS[seed])
    for place, value in damage:
        data[int(place**4 * len(data))] = value
    answer = check(bytes(data))
    assert answer.json()["accepted"] == all(finding.level == "advice" for finding in answer.findings)


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_arbitrary_bytes_are_no_photo(data: bytes) -> None:
    assert not check(data).accepted


@pytest.mark.parametrize("size", [(1, 1), (1, 441), (358, 2), (40, 5000), (5000, 40), (31, 31), (33, 33)])
def test_pictures_of_odd_shape_get_an_answer(size: tuple[int, int]) -> None:
    assert "wrong-size" in codes(jpeg(np.full((size[1], size[0], 3), 200, np.uint8)))


def test_the_web_process_loads_no_opencv_until_a_picture_is_looked_at() -> None:
    code = (
        "import sys; from tongban.ready import django_ready; django_ready();"
        "import tongban.desks.urls, tongban.people.city; sys.exit('cv2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_empty_sheet_has_no_face_and_no_other_fault() -> None:
    assert codes(jpeg(np.full((441, 358, 3), 255, np.uint8))) == ["no-face"]
