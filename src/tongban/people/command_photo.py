"""``tongban photo check``: is a photo as the rules want it, and if not, why, in numbers."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from tongban.people.city import Malformed, read_city
from tongban.procedure.photo import PhotoLimits


class Refusal(ValueError):
    """The question cannot be answered; the message (Chinese) is one line."""


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban photo check``."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="照片文件")
    parser.add_argument("--region", help="按这个承办地的要求检查（名称、缩写、简称或行政区划代码）")
    parser.add_argument("--fix", metavar="OUT", help="裁剪、缩小、转正、压缩成符合要求的照片，另存为 OUT")
    parser.add_argument("--whiten", action="store_true", help="和 --fix 一起用：把接近白色的背景处理为纯白")
    parser.add_argument("--json", action="store_true", help="每个文件输出一行 JSON")


def run(args: argparse.Namespace) -> int:
    """Print what was found of each file. Exit 2 with a line on stderr for each that is missing or cannot be read."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        if args.whiten and not args.fix:
            raise Refusal("--whiten 要和 --fix 一起用。")
        if args.fix and len(args.files) > 1:
            raise Refusal("--fix 一次只能处理一个文件。")
        limits = limits_of(args.region) if args.region else PhotoLimits()
    except (Refusal, Malformed) as error:
        print(error, file=sys.stderr)
        return 2
    code = 0
    for name in args.files:
        try:
            answer = _answer(read(name), limits, args)
        except Refusal as error:
            print(error, file=sys.stderr)
            code = 2
            continue
        print(json.dumps(answer, ensure_ascii=False) if args.json else _table(name, answer), flush=True)
    return code


def limits_of(asked: str) -> PhotoLimits:
    """The limits of the region called ``asked``. Raises :class:`Refusal` or :class:`Malformed`."""
    root = Path(os.environ.get("TONGBAN_PROCEDURES", "procedures"))
    regions = [region for file in sorted(root.glob("*/city.yaml")) for region in read_city(file).regions]
    for region in regions:
        if asked in (region.name, region.abbreviation, region.short, region.code):
            return region.photo
    if not regions:
        raise Refusal(f"{root} 下没有城市资料（city.yaml），请用 TONGBAN_PROCEDURES 指明文件夹。")
    raise Refusal(f"没有承办地“{asked}”，可用：{'、'.join(region.name for region in regions)}。")


def read(name: str) -> bytes:
    """The bytes of a file, not many more than are ever looked at. Raises :class:`Refusal`."""
    from tongban.imaging.decode import read_file

    try:
        return read_file(name)
    except OSError as error:
        kind = {FileNotFoundError: "没有这个文件", IsADirectoryError: "这是文件夹", PermissionError: "没有读取权限"}
        raise Refusal(f"{name}：{kind.get(type(error), '打不开')}，请核对文件名。") from error


def _answer(data: bytes, limits: PhotoLimits, args: argparse.Namespace) -> dict[str, Any]:
    from tongban.imaging.photo import check

    answer = check(data, limits).json()
    if args.fix:
        answer["fix"] = _fix(data, limits, args)
    return answer


def _fix(data: bytes, limits: PhotoLimits, args: argparse.Namespace) -> dict[str, Any]:
    from tongban.imaging.photo_fix import Refused, fix

    try:
        fixed = fix(data, limits, whiten=args.whiten)
    except Refused as error:
        return {"written": None, "reason": str(error), "steps": [], "whitened": False}
    try:
        Path(args.fix).write_bytes(fixed.data)
    except OSError as error:
        raise Refusal(f"{args.fix}：写不进去（{error.strerror}），请换一个位置。") from error
    told = {"written": args.fix, "reason": None, "steps": list(fixed.steps), "whitened": fixed.whitened}
    return told | fixed.check.json()


ROWS = (
    ("尺寸", lambda m: m["width"] and f"{m['width']}×{m['height']} px"),
    (
        "背景",
        lambda m: (
            m["background"] and f"RGB {'、'.join(map(str, m['background']))}，白色占 {m['background_white_share']:.0%}"
        ),
    ),
    ("人脸", lambda m: m["faces"] is not None and f"{m['faces']} 张"),
    ("脸宽", lambda m: m["face_width"] is not None and f"{m['face_width']} px"),
    ("头发距上边", lambda m: m["hair_top"] is not None and f"{m['hair_top']} px"),
    ("眼睛距下边", lambda m: m["eyes_from_bottom"] is not None and f"{m['eyes_from_bottom']} px"),
    ("倾斜", lambda m: m["tilt_degrees"] is not None and f"{m['tilt_degrees']}°"),
    ("清晰度", lambda m: m["sharpness"]),
)


def _table(name: str, answer: dict[str, Any]) -> str:
    marks = {"failure": "不合格", "advice": "请人看"}
    lines = [f"{name}：{'符合要求' if answer['accepted'] else '不符合要求'}"]
    lines += [f"  [{marks[finding['level']]}] {finding['message']}" for finding in answer["findings"]]
    shown = [(title, of(answer["measurements"])) for title, of in ROWS]
    lines += [
        f"  {title}　{value}" for title, value in shown if value is not None and value is not False and value != 0
    ]
    if "fix" in answer:
        made = answer["fix"]
        lines.append(
            f"  另存为 {made['written']}：{'；'.join(made['steps'])}。"
            if made["written"]
            else f"  没有生成新照片：{made['reason']}"
        )
        lines += [f"    [{marks[finding['level']]}] {finding['message']}" for finding in made.get("findings", ())]
    return "\n".join(lines)
