"""Pictures as a form sends them, from memory."""

import io

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart


def written(size: tuple[int, int] = (800, 600), kind: str = "JPEG") -> bytes:
    """A red picture."""
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def jpeg(data: bytes | None = None, name: str = "x.jpg") -> FileStorage:
    """A file as a form sends it."""
    return FileStorage(io.BytesIO(written() if data is None else data), filename=name, content_type="image/jpeg")


def send(client: FlaskClient, path: str, fields: dict[str, object]) -> TestResponse:
    """As a form with files is sent."""
    boundary, body = encode_multipart(fields)
    return client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


WRONG = [
    (b"%PDF-1.7", "This cannot be opened as a picture."),
    (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic", "This is a HEIC picture"),
    (written((64, 64), "GIF"), "This cannot be opened as a picture."),
]
