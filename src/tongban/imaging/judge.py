"""From what was measured of a photo to findings: one function for the file, one for the background, one for the face.

Failures are what the rules exclude by number; whatever needs an eye is advice (docs/imaging.md).
"""

from dataclasses import dataclass

from tongban.imaging.decode import Picture
from tongban.imaging.findings import Finding, advice, failure
from tongban.imaging.surface import Light
from tongban.procedure.photo import PhotoLimits

HALFTONE = 14.0  # see prints.halftone
CLOTHES = 0.75  # share of the shoulders
MODES = {"grey": "灰度", "cmyk": "CMYK 印刷色", "alpha": "带透明层", "palette": "索引色", "other": "非 RGB"}


@dataclass(frozen=True)
class Measurements:
    """What was measured, lengths in px of the file; None where it could not be."""

    width: int
    height: int
    mode: str
    bytes: int
    dpi: int | None = None
    background: tuple[int, int, int] | None = None
    background_white_share: float | None = None
    border: int | None = None
    faces: int | None = None
    face_width: int | None = None
    face_centre: int | None = None
    hair_top: int | None = None
    eyes_from_bottom: int | None = None
    tilt_degrees: float | None = None
    sharpness: int | None = None
    brightness: int | None = None
    clothes_white_share: float | None = None


@dataclass(frozen=True)
class Looked:
    """What was seen of a photo: the numbers, and what is not shown as one.

    ``scale``: its height over the height wanted; None where it has another shape, so that the px of the rules say nothing.
    """

    numbers: Measurements
    colourless: bool = False
    light: Light | None = None
    paper: bool = False
    dots: float = 0.0
    scale: float | None = None


def of_file(picture: Picture, size: int, limits: PhotoLimits) -> list[Finding]:
    """What the file itself says, before anybody looks at the picture."""
    found = []
    unopened = picture.format in ("HEIC", "AVIF")  # images, but not to us
    if picture.fault and picture.fault.code != "too-large" and not unopened:
        found.append(picture.fault)
    if unopened or (picture.width and picture.format != "JPEG"):
        found.append(_not_jpeg(picture.format))
    known = picture.fault is None or picture.mode != "other"
    if known and picture.mode != "colour":
        kind = MODES[picture.mode]
        found.append(
            failure("not-colour", f"这张照片是{kind}图片，应为 24 位真彩色（RGB），请提供彩色照片。", kind, "24 位 RGB")
        )
    wanted = f"{limits.width}×{limits.height}"
    if picture.fault and picture.fault.code == "too-large":
        said = f"{picture.width}×{picture.height}" if picture.width else f"{size} 字节"
        found.append(
            failure("wrong-size", f"图片太大（{said}），没有打开，应为 {wanted} px，请裁剪后再提供。", said, wanted)
        )
    elif picture.width and (picture.width, picture.height) != (limits.width, limits.height):
        said = f"{picture.width}×{picture.height}"
        found.append(failure("wrong-size", f"照片为 {said} px，应为 {wanted} px，可用自动裁剪。", said, wanted))
    if limits.most_bytes is not None and size > limits.most_bytes:
        most = limits.most_bytes
        said = f"文件 {_size(size)}，应不超过 {_size(most)}，请压缩后再提供。"
        found.append(failure("too-many-bytes", said, size, f"≤{most}"))
    if limits.least_bytes is not None and size < limits.least_bytes:
        least = limits.least_bytes
        said = f"文件只有 {_size(size)}，应不少于 {_size(least)}，请提供没有压缩过的原照片。"
        found.append(failure("too-few-bytes", said, size, f"≥{least}"))
    return found


def _not_jpeg(name: str) -> Finding:
    return failure(
        "not-jpeg", f"这是 {name} 格式的图片，应为 JPEG，请在手机或电脑上另存为 JPEG 后再提供。", name, "JPEG"
    )


def _size(size: int) -> str:
    return f"{size / 1024:.1f} KB" if size >= 1024 else f"{size} 字节"


def of_picture(looked: Looked, limits: PhotoLimits) -> list[Finding]:
    """What the picture says, the gravest first."""
    m = looked.numbers
    found = []
    if looked.colourless:
        found.append(failure("not-colour", "这是黑白照片，应为彩色照片，请提供彩色照片。", "黑白", "彩色"))
    found += _of_background(looked, limits)
    if not m.faces:
        found.append(failure("no-face", "没有找到人脸，请确认是正面免冠头像。", 0, "1"))
    elif m.faces > 1:
        found.append(failure("several-faces", f"照片里有 {m.faces} 张脸，应只有本人，请重新拍摄或裁剪。", m.faces, "1"))
    if m.faces:
        found += _of_place(looked, limits) + _of_light(looked, limits)
    if looked.paper or looked.dots > HALFTONE:
        why = "看得出纸边" if looked.paper else "看得出印刷网点"
        found.append(
            advice("scanned-print", f"像是纸质照片的扫描件或翻拍件（{why}），请提供原始电子照片。", why, "电子照片")
        )
    return found


def _of_background(looked: Looked, limits: PhotoLimits) -> list[Finding]:
    m = looked.numbers
    found = []
    share = m.background_white_share
    if share is not None and m.background is not None and share < limits.white_share:
        said = f"背景中白色只占 {share:.0%}（颜色约为 RGB {'、'.join(map(str, m.background))}），应为纯白，请换白色背景重拍。"
        found.append(failure("background-not-white", said, share, f"≥{limits.white_share}"))
    if m.border:
        found.append(failure("border", f"照片四周有约 {m.border} px 的边框，应无边框，请裁掉。", m.border, "0"))
    return found


def _of_place(looked: Looked, limits: PhotoLimits) -> list[Finding]:
    """Size and place of the head, for a photo of the right shape; the limits grow with it where it is larger."""
    m = looked.numbers
    found = []
    if m.tilt_degrees is not None and abs(m.tilt_degrees) > limits.tilt:
        way = "右" if m.tilt_degrees > 0 else "左"
        said = f"头部向画面{way}侧倾斜 {abs(m.tilt_degrees):.1f}°，应不超过 {limits.tilt:g}°，请摆正。"
        found.append(advice("tilted", said, m.tilt_degrees, f"-{limits.tilt:g}–{limits.tilt:g}"))
    if looked.scale is None:
        return found
    scale = looked.scale

    def px(limit: int) -> int:
        return round(limit * scale)

    if m.face_width is not None:
        least, most = px(limits.face_narrowest), px(limits.face_widest)
        said = f"脸宽 {m.face_width} px，应为 {least}–{most} px"
        if m.face_width < least:
            found.append(advice("face-too-narrow", f"{said}，请靠近些或裁剪放大。", m.face_width, f"{least}–{most}"))
        if m.face_width > most:
            found.append(advice("face-too-wide", f"{said}，请退后些或缩小。", m.face_width, f"{least}–{most}"))
    lowest = px(limits.eyes_lowest)
    if m.eyes_from_bottom is not None and m.eyes_from_bottom < lowest:
        said = f"眼睛距下边 {m.eyes_from_bottom} px，应不少于 {lowest} px，请把头部上移。"
        found.append(advice("eyes-too-low", said, m.eyes_from_bottom, f"≥{lowest}"))
    if m.hair_top is not None and m.eyes_from_bottom is not None:
        nearest, farthest = px(limits.hair_nearest), px(limits.hair_farthest)
        said, wanted = f"头发距上边 {m.hair_top} px，应为 {nearest}–{farthest} px", f"{nearest}–{farthest}"
        # Where moving the head down to free the hair would bring the eyes too low, the eyes win.
        room = m.eyes_from_bottom - lowest
        if m.hair_top < nearest and not 0 <= room < nearest - m.hair_top:
            found.append(advice("hair-too-close", f"{said}，请把头部下移或缩小。", m.hair_top, wanted))
        if m.hair_top > farthest:
            found.append(advice("hair-too-far", f"{said}，请把头部上移或放大。", m.hair_top, wanted))
    if m.face_centre is not None:
        off, most = round(m.face_centre - m.width / 2), px(limits.off_centre)
        if abs(off) > most:
            said = f"脸偏{'右' if off > 0 else '左'} {abs(off)} px，应居中（相差不超过 {most} px），请左右移正。"
            found.append(advice("off-centre", said, off, f"-{most}–{most}"))
    return found


def _of_light(looked: Looked, limits: PhotoLimits) -> list[Finding]:
    m = looked.numbers
    found = []
    if m.sharpness is not None and m.sharpness < limits.sharpness:
        said = f"照片模糊（清晰度 {m.sharpness}，应不低于 {limits.sharpness}），请对准焦点重拍。"
        found.append(advice("blurred", said, m.sharpness, f"≥{limits.sharpness}"))
    if looked.light and looked.light.over:
        found.append(
            advice(
                "over-exposed",
                f"脸部过亮（亮度 {looked.light.face}），看不清五官层次，请减弱光线重拍。",
                looked.light.face,
            )
        )
    if looked.light and looked.light.under:
        found.append(
            advice("under-exposed", f"脸部过暗（亮度 {looked.light.face}），请增加正面光线重拍。", looked.light.face)
        )
    share = m.clothes_white_share
    if share is not None and share > CLOTHES:
        said = f"衣服像是白色（肩部 {share:.0%} 与背景分不开），请换深色有领的衣服。"
        found.append(advice("white-clothes", said, share, f"≤{CLOTHES:g}"))
    return found
