"""What a photo (寸照) must measure, as data: a procedure or a region may set its own."""

from typing import Self

from pydantic import BaseModel, ConfigDict


class PhotoLimits(BaseModel):
    """Limits of a photo. Lengths in px of a photo of ``width`` × ``height``; angles in degrees; shares from 0 to 1.

    Defaults are those of GA 461-2004 (photos of resident identity cards) as far as it gives numbers: size, resolution,
    face, hair, eyes. The others are ours: ``off_centre``, ``tilt``, ``white``, ``white_share``, ``sharpness``. Of bytes
    the standard says nothing and cities contradict each other, so there are no limits unless a region sets them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = 358
    height: int = 441
    dpi: int = 350
    face_narrowest: int = 193  # 207 ± 14, between the outer edges of the cheeks
    face_widest: int = 221
    hair_nearest: int = 7  # between the top of the hair and the top edge
    hair_farthest: int = 21
    eyes_lowest: int = 207  # between the eyes and the bottom edge
    off_centre: int = 20  # between the middle of the face and the middle of the photo
    tilt: float = 5.0
    white: int = 235  # each of red, green and blue of a white background is at least this
    white_share: float = 0.9  # of the background must be white
    sharpness: int = 14  # steepest edges of the face: % of their contrast from one px to the next
    most_bytes: int | None = None
    least_bytes: int | None = None

    def over(self, base: Self) -> Self:
        """``base`` with what was set here expressly in place of its own."""
        return base.model_copy(update=self.model_dump(exclude_unset=True))
