"""Does a photo (寸照) do? What is measured, and what each measure says.

The machine advises: failures say what the rules exclude by number, the rest is for a person to confirm (docs/imaging.md).
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import cv2

from tongban.imaging import geometry, prints, surface
from tongban.imaging.decode import Picture, decode
from tongban.imaging.faces import locate
from tongban.imaging.findings import Finding
from tongban.imaging.judge import Looked, Measurements, of_file, of_picture
from tongban.procedure.photo import PhotoLimits

WORKING = 660  # px of height beyond which a picture is measured smaller: photos are used at 441


@dataclass(frozen=True)
class PhotoCheck:
    """What the machine says of a photo. ``accepted`` means that nothing fails; advice may remain."""

    findings: tuple[Finding, ...]
    measurements: Measurements

    @property
    def accepted(self) -> bool:
        """Whether no finding is a failure."""
        return all(finding.level != "failure" for finding in self.findings)

    def json(self) -> dict[str, Any]:
        """As ``tongban photo check --json`` prints it."""
        findings = [finding.json() for finding in self.findings]
        return {"accepted": self.accepted, "findings": findings, "measurements": asdict(self.measurements)}


def check(data: bytes, limits: PhotoLimits | None = None) -> PhotoCheck:
    """Look at the photo in ``data``. Never raises for what is in it; memory as in :func:`imaging.decode.decode`."""
    limits = limits or PhotoLimits()
    picture = decode(data, at_least=WORKING)
    found = of_file(picture, len(data), limits)
    dpi = round(picture.dpi[0]) if picture.dpi else None
    plain = Measurements(picture.width, picture.height, picture.mode, len(data), dpi)
    if picture.pixels is None:
        return PhotoCheck(tuple(found), plain)
    measured = _measure(picture, plain, limits)
    return PhotoCheck((*found, *of_picture(measured, limits)), measured.numbers)


def _measure(picture: Picture, plain: Measurements, limits: PhotoLimits) -> Looked:
    assert picture.pixels is not None
    pixels = picture.pixels
    if max(pixels.shape[0] / WORKING, pixels.shape[1] / WORKING) > 1:
        by = WORKING / max(pixels.shape[:2])
        pixels = cv2.resize(pixels, None, fx=by, fy=by, interpolation=cv2.INTER_AREA)
    grow = picture.height / pixels.shape[0]
    if min(pixels.shape[:2]) < 32:
        return Looked(replace(plain, faces=0))
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    faces = locate(grey)
    face = faces[0] if faces else None
    edge = surface.frame(pixels)
    colours = geometry.lab(pixels)
    ground = geometry.ground(colours, edge)
    back = surface.behind(pixels, colours, faces, ground, limits.white, edge)
    mode = "grey" if plain.mode == "colour" and surface.colourless(pixels) else plain.mode
    numbers: dict[str, Any] = asdict(plain) | {
        "mode": mode,
        "background": back.colour,
        "background_white_share": back.white_share,
        "border": round(edge * grow),
        "faces": len(faces),
    }
    light, paper, dots = None, prints.paper(pixels), prints.halftone(grey, face)
    if face is not None:
        flat, eyes = geometry.level(pixels, face)
        light = surface.light(pixels, face)
        # of a face as bright as the background, or as grey as the hair, the edge cannot be seen
        sides = None if light.over or mode == "grey" else geometry.cheeks(geometry.lab(flat), face, eyes, ground)
        hair = geometry.hair_top(colours, face, ground, edge)
        wide = (sides[1] - sides[0]) if sides else 2.1 * face.apart
        middle = (sides[0] + sides[1]) / 2 if sides else face.between[0]
        numbers |= {
            "face_width": round(wide * grow) if sides else None,
            "face_centre": round((middle + face.between[0]) / 2 * grow),
            "hair_top": None if hair is None else round(hair * grow),
            "eyes_from_bottom": round((pixels.shape[0] - face.between[1]) * grow),
            "tilt_degrees": round(face.tilt, 1) + 0.0,  # no minus before nought
            "sharpness": surface.sharpness(grey, face),
            "brightness": light.face,
            "clothes_white_share": None if paper else surface.white_clothes(pixels, face, wide),
        }
    shape = (picture.width / picture.height) / (limits.width / limits.height)
    scale = picture.height / limits.height if 0.97 < shape < 1.03 else None
    return Looked(Measurements(**numbers), plain.mode == "colour" and mode == "grey", light, paper, dots, scale)
