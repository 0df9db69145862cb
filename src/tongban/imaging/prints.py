"""Is this a print that was scanned or photographed? Told by the dots of printing and by the edge of the paper."""

import cv2
import numpy as np
from numpy.typing import NDArray

from tongban.imaging.faces import Face

Pixels = NDArray[np.uint8]


def halftone(grey: NDArray[np.uint8], face: Face | None) -> float:
    """How far the strongest regular pattern on the skin stands out of what is around it in the spectrum.

    Below some 10 for skin, which repeats nothing; the dots of a print stand at 20 and far above. Without a face the middle
    of the picture is looked at: dots can be so coarse that nobody finds the face.
    """
    height, width = grey.shape
    (x, y), apart = (face.between, face.apart) if face else ((0.5 * width, 0.5 * height), 0.25 * width)
    size = int(min(128, 2 * min(x, y, width - x, height - y - 0.5 * apart), 2.2 * apart)) // 2 * 2
    if size < 48:
        return 0.0
    left, top = round(x - size / 2), round(min(y + 0.45 * apart, height - size / 2) - size / 2)
    part = grey[top : top + size, left : left + size].astype(np.float32)
    if part.shape != (size, size):
        return 0.0
    part -= cv2.GaussianBlur(part, (0, 0), 3)
    part = np.clip(part, -40, 40)  # an eyelash weighs no more than a dot
    window = np.hanning(size).astype(np.float32)
    power = np.abs(np.fft.fftshift(np.fft.fft2(part * window[:, None] * window[None])))
    across, down = np.meshgrid(*(np.fft.fftshift(np.fft.fftfreq(size)),) * 2)
    radius = np.hypot(across, down)
    # JPEG repeats itself every eight px along both axes: not looked at
    block = (np.abs(across * 8 - np.round(across * 8)) < 0.17) & (np.abs(down) < 0.03)
    block |= (np.abs(down * 8 - np.round(down * 8)) < 0.17) & (np.abs(across) < 0.03)
    seen = (radius > 0.13) & (radius < 0.5) & ~block
    around = cv2.blur(power.astype(np.float32), (15, 15))
    level = max(float(np.median(power[seen])), size / 4)  # less is flat: nothing stands out of nothing
    return float((power / np.maximum(around, level))[seen].max())


def paper(pixels: Pixels) -> bool:
    """Whether a smaller picture lies on a sheet: one rectangle, a little askew perhaps, with even paper on all its sides."""
    scale = 256 / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    rim = np.concatenate(
        [small[:3].reshape(-1, 3), small[-3:].reshape(-1, 3), small[:, :3].reshape(-1, 3), small[:, -3:].reshape(-1, 3)]
    )
    sheet = np.median(rim, axis=0)
    if sheet.min() < 170:  # a dark rim is a frame
        return False
    if np.mean(np.abs(rim - sheet).max(axis=1) < 14) < 0.9:
        return False
    other = (np.abs(small.astype(np.float32) - sheet).max(axis=2) > 9).astype(np.uint8)
    other = cv2.morphologyEx(other, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    outlines, _ = cv2.findContours(other, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return False
    largest = cv2.convexHull(max(outlines, key=cv2.contourArea))
    corners = cv2.approxPolyDP(largest, 0.03 * cv2.arcLength(largest, True), True)
    (_, _), (across, down), _ = cv2.minAreaRect(largest)
    fills = cv2.contourArea(largest) / max(1.0, across * down)
    return bool(len(corners) == 4 and fills > 0.93 and 0.08 < across * down / (height * width) < 0.88)
