"""Somebody at a browser: keeps cookies, follows redirects, sends the forms of the page as it was served."""

import re
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

FORM = "application/x-www-form-urlencoded"


class Http:
    """To a server: the path that is arrived at, and its page."""

    def __init__(self, port: int) -> None:
        self.root, self.opener = f"http://127.0.0.1:{port}", build_opener(HTTPCookieProcessor())

    def send(self, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[str, str]:
        with self.opener.open(Request(self.root + path, body, headers), timeout=30) as response:
            return urlsplit(response.url).path, response.read().decode()


class Inside:
    """The same into the views of this process, middleware and all."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True, SERVER_NAME="127.0.0.1")

    def send(self, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[str, str]:
        kind = headers.get("Content-Type", FORM)
        response = self.client.generic("POST" if body else "GET", path, body or b"", kind, headers=headers)
        while response.get("Location"):
            path = response["Location"]
            response = self.client.get(path)
        assert response.status_code < 400, f"{path}: {response.status_code}"
        return path, response.content.decode()


class Visitor:
    """A person logged in, and the page they are on."""

    def __init__(self, transport: Http | Inside, username: str, password: str) -> None:
        self.transport, self.path, self.text = transport, "", ""
        self.get("/login/")
        self.submit('method="post"', username=username, password=password)

    def get(self, path: str) -> None:
        """Open a page."""
        self.path, self.text = self.transport.send(path, None, {})

    def submit(self, part: str, **fields: str) -> None:
        """Send the first form with ``part`` in its tag: its hidden fields, and ``fields`` as chosen and typed."""
        form = next(f for f in re.findall(r"<form\b.*?</form>", self.text, re.DOTALL) if part in f.partition(">")[0])
        path = (re.findall(r'\baction="([^"]*)"', form.partition(">")[0]) or [self.path])[0]
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        self.path, self.text = self.transport.send(path, urlencode(hidden | fields).encode(), {"Content-Type": FORM})

    def upload(self, place: int, content: bytes) -> None:
        """Give a file to the file input at ``place``, as htmx does; the page stays."""
        path = re.findall(r'hx-post="([^"]+/files/\d+/)"', self.text)[place]
        token = re.findall(r'name="csrf-token" content="([^"]+)"', self.text)[0]
        body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("scan.jpg", content, "image/jpeg")})
        self.transport.send(path, body, {"Content-Type": MULTIPART_CONTENT, "X-CSRFToken": token})
