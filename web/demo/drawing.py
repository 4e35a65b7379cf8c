"""Pictures for the demonstration, drawn here: no photograph of anybody's, and no large file in the repository."""

import io

from PIL import Image, ImageDraw

WALL, SHELF, BODY, DARK, STEEL = "#e9e2d3", "#b08a5b", "#2f5d8a", "#26313d", "#9aa4ad"


def drill() -> bytes:
    """A drill on a shelf, as PNG."""
    picture, draw = _shelf()
    draw.rounded_rectangle((220, 220, 610, 370), radius=50, fill=BODY)
    draw.polygon([(290, 350), (410, 350), (380, 520), (280, 520)], fill=BODY)
    draw.rounded_rectangle((250, 505, 430, 562), radius=14, fill=DARK)
    draw.rounded_rectangle((415, 365, 450, 420), radius=10, fill=DARK)
    draw.polygon([(610, 245), (690, 265), (690, 325), (610, 345)], fill=DARK)
    draw.rectangle((690, 285, 860, 305), fill=STEEL)
    draw.polygon([(860, 285), (890, 295), (860, 305)], fill=STEEL)
    for left in range(270, 400, 32):
        draw.line((left, 255, left, 300), fill=DARK, width=8)
    return _png(picture)


def raclette() -> bytes:
    """A raclette grill on a shelf with its six pans, as PNG."""
    picture, draw = _shelf()
    draw.rounded_rectangle((190, 330, 770, 390), radius=24, fill=DARK)
    draw.rounded_rectangle((230, 300, 730, 338), radius=12, fill=STEEL)
    draw.rectangle((240, 390, 720, 470), fill=BODY)
    draw.rounded_rectangle((190, 465, 770, 510), radius=20, fill=DARK)
    for left in (230, 690):
        draw.rectangle((left, 505, left + 40, 562), fill=DARK)
    for left in range(255, 720, 78):
        draw.rounded_rectangle((left, 415, left + 56, 448), radius=8, fill=STEEL)
        draw.rectangle((left + 22, 448, left + 34, 540), fill=SHELF)
    return _png(picture)


def _shelf() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (960, 720), WALL)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 560, 960, 620), fill=SHELF)
    draw.rectangle((0, 620, 960, 636), fill=DARK)
    return picture, draw


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
