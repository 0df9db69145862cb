"""QR codes of labels in a frame of a camera, for browsers that cannot read them."""

import io

import zxingcpp
from PIL import Image

MOST_BYTES = 512 * 1024  # of a frame; the page sends some 40 KB
MOST_PIXELS = 2_000_000
QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def codes(frame: bytes) -> tuple[str, ...]:
    """What the QR codes in a JPEG or PNG say, each once, in the order found; empty where there are none.

    Bars beside them stand for the same thing and are left. Never raises for what is in ``frame``.
    """
    if len(frame) > MOST_BYTES:
        return ()
    try:
        with Image.open(io.BytesIO(frame), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MOST_PIXELS:
                return ()
            found = zxingcpp.read_barcodes(image.convert("L"), formats=QR)
    except Exception:  # whatever a broken frame makes of the library: there is no code in it
        return ()
    return tuple(dict.fromkeys(code.text for code in found if code.text))
