"""What happens to a card between a wallet and a file: turned, laid on paper, blurred, lit, cut, copied. Seeded."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Rng = np.random.Generator
A4 = (210.0, 297.0)  # mm


def noise(image: Image.Image, rng: Rng, sigma: float = 8) -> Image.Image:
    pixels = np.asarray(image).astype(np.float32)
    grain = rng.normal(0, sigma, pixels.shape[:2])
    return Image.fromarray(np.clip(pixels + (grain if pixels.ndim == 2 else grain[..., None]), 0, 255).astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 40) -> Image.Image:
    return Image.open(io.BytesIO(encoded(image, "JPEG", quality=quality)))


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The file of ``image``."""
    held = io.BytesIO()
    image.save(held, kind, **options)
    return held.getvalue()


def pdf(*images: Image.Image, dpi: float = 300) -> bytes:
    """A PDF with a page for each image."""
    held = io.BytesIO()
    images[0].save(held, "PDF", save_all=True, append_images=images[1:], resolution=dpi)
    return held.getvalue()


def blurred(image: Image.Image, millimetres: float, scale: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(millimetres * scale))


def shadow(image: Image.Image, rng: Rng, depth: float = 0.4) -> Image.Image:
    """Darker towards one side, as under a hand."""
    width, height = image.size
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    way = rng.uniform(0, 2 * np.pi)
    dim = 1 - depth / (1 + np.exp(-4 * (x * np.cos(way) + y * np.sin(way))))
    return Image.fromarray((np.asarray(image) * dim[..., None]).astype(np.uint8))


def glare(image: Image.Image, rng: Rng, at: tuple[float, float] | None = None, size: float = 0.22) -> Image.Image:
    """A lamp's reflection: an ellipse of white with a soft rim, about ``size`` of the width across."""
    width, height = image.size
    x, y = at or (rng.uniform(0.2, 0.8), rng.uniform(0.25, 0.75))
    mask = Image.new("L", image.size)
    across, down = size * width / 2, size * width / 2 * rng.uniform(0.5, 0.9)
    box = (x * width - across, y * height - down, x * width + across, y * height + down)
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(width / 90))
    return Image.composite(Image.new("RGB", image.size, "white"), image, mask)


def cropped(image: Image.Image, side: str, share: float) -> Image.Image:
    """``share`` of the picture is missing at ``side``."""
    width, height = image.size
    cut = {
        "left": (round(width * share), 0, width, height),
        "top": (0, round(height * share), width, height),
        "right": (0, 0, round(width * (1 - share)), height),
        "bottom": (0, 0, width, round(height * (1 - share))),
    }
    return image.crop(cut[side])


def on_table(image: Image.Image, rng: Rng, tilt: float, room: float = 0.35) -> Image.Image:
    """Photographed on a dark table, ``tilt`` degrees from level."""
    ground = tuple(int(rng.integers(40, 110)) for _ in range(3))
    turned = image.convert("RGBA").rotate(tilt, expand=True, resample=Image.Resampling.BICUBIC)
    width, height = (round(side * (1 + room)) for side in turned.size)
    table = Image.new("RGB", (width, height), ground)
    table.paste(turned, ((width - turned.width) // 2, (height - turned.height) // 2), turned)
    return noise(table, rng, 4)


def on_paper(images: list[Image.Image], rng: Rng, scale: float, dpi: float = 200) -> Image.Image:
    """Scanned on A4, one below the other, as offices copy both sides onto one sheet."""
    width, height = (round(side / 25.4 * dpi) for side in A4)
    sheet = Image.new("RGB", (width, height), (252, 252, 250))
    y = round(rng.uniform(15, 50) / 25.4 * dpi)
    for image in images:
        size = tuple(round(side / scale / 25.4 * dpi) for side in image.size)
        small = image.resize(size, Image.Resampling.LANCZOS)
        sheet.paste(small, (round(rng.uniform(10, 100) / 25.4 * dpi), y))
        y += small.height + round(rng.uniform(8, 60) / 25.4 * dpi)
    return noise(sheet, rng, 2)


def together(images: list[Image.Image], *, beside: bool = False, gap: int = 0) -> Image.Image:
    """Both sides in one picture, below or beside each other."""
    width, height = images[0].size
    size = (2 * width + gap, height) if beside else (width, 2 * height + gap)
    both = Image.new("RGB", size, "white")
    both.paste(images[0], (0, 0))
    both.paste(images[1], (width + gap, 0) if beside else (0, height + gap))
    return both


def copied(image: Image.Image, rng: Rng) -> Image.Image:
    """Through a black-and-white copier once: an S-shaped curve, a little blur, dust."""
    grey = np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(0.8))).astype(np.float32)
    grey = 255 / (1 + np.exp(-(grey - 140) / 26))
    for _ in range(int(rng.integers(10, 30))):
        x, y = int(rng.integers(0, grey.shape[1] - 3)), int(rng.integers(0, grey.shape[0] - 3))
        grey[y : y + 2, x : x + 2] = rng.uniform(0, 120)
    return noise(Image.fromarray(grey.astype(np.uint8)), rng, 3).convert("RGB")
