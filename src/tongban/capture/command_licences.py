"""``tongban devices licences``: an electronic licence service that is none, to try the desk with and to write a real one against.

It keeps the contract of docs/devices.md: it holds licences of one invented person, a valid and an expired one for whatever
material is asked about.
"""

import argparse
import hashlib
import json
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn

from tongban.capture.command_simulate import EXAMPLE

LARGEST = 65_536  # bytes of a request


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban devices licences``."""
    parser.add_argument("--port", type=int, default=8738, help="端口，默认 8738；只在本机 127.0.0.1 上监听")
    parser.add_argument("--secret", help="签名密钥（TONGBAN_LICENCE_SECRET），默认新生成一个")


def run(args: argparse.Namespace) -> int:
    """Answer until interrupted. Exit 2 with one line when the port cannot be used."""
    from tongban.ready import django_ready

    django_ready()
    secret = args.secret or secrets.token_urlsafe(32)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", args.port), service((secret,)))
    except (OSError, OverflowError) as error:
        print(f"模拟电子证照库没有启动：{error}", file=sys.stderr)
        return 2
    print(f"模拟电子证照库：只有 {EXAMPLE['name']}（{EXAMPLE['number']}）的证照。按 Ctrl-C 停止。启动通办时设置：")
    print(f"TONGBAN_LICENCE_URL=http://127.0.0.1:{server.server_port} TONGBAN_LICENCE_SECRET={secret}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0


def held(material: str) -> tuple[dict[str, Any], ...]:
    """The licences of the invented person for ``material``, without their digests."""
    own = {
        "name": material,
        "holder": EXAMPLE["name"],
        "holder_number": EXAMPLE["number"],
        "number": f"YL{EXAMPLE['number']}",
        "issuer": "示例市数据局",
    }
    return (
        own | {"id": f"now {material}", "issued_on": "2024-03-02", "valid_until": None},
        own | {"id": f"old {material}", "issued_on": "2014-03-02", "valid_until": "2024-03-01"},
    )


@lru_cache(maxsize=64)
def document(which: str) -> bytes:
    """The document of the licence with this id: a page of PDF, marked as a specimen, the same each time it is asked for."""
    import typst

    licence = next(one for one in held(which.partition(" ")[2]) if one["id"] == which)
    lines = {
        "持证人": licence["holder"],
        "证照编号": licence["number"],
        "签发机构": licence["issuer"],
        "签发日期": licence["issued_on"],
        "有效期至": licence["valid_until"] or "长期",
    }
    body = "\n".join(f"[{name}], [{_text(said)}]," for name, said in lines.items())
    source = (
        '#set page(paper: "a5", flipped: true, margin: 18mm)\n#set text(font: "Noto Sans SC", size: 12pt)\n'
        f"#align(center)[#text(size: 20pt)[{_text(licence['name'])}]\n\n电子证照（样例）]\n#v(8mm)\n"
        f"#table(columns: (30mm, 1fr), inset: 8pt,\n{body}\n)"
    )
    fonts = [str(Path(pylopdf_fonts_zh_cn.__file__).parent)]
    made = typst.Compiler(font_paths=fonts, ignore_system_fonts=True).compile(source.encode())
    assert isinstance(made, bytes)
    return made


def _text(said: str) -> str:
    return f"#{json.dumps(said, ensure_ascii=False)}"


def service(found: Sequence[str]) -> type[BaseHTTPRequestHandler]:
    """A handler that answers as the contract says, to who signs with one of the secrets ``found``. Django is ready when it is asked."""

    class Service(BaseHTTPRequestHandler):
        def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def _said(self, status: int, said: Mapping[str, Any]) -> None:
            self._answer(status, json.dumps(said, ensure_ascii=False).encode())

        def do_POST(self) -> None:
            from tongban.cases.signed import genuine

            length = self.headers.get("Content-Length") or ""
            body = self.rfile.read(min(int(length), LARGEST)) if length.isdecimal() else b""
            headers = {name.lower(): value for name, value in self.headers.items()}
            if not genuine(headers, body, found, time.time()):
                return self._said(403, {"error": "签名不对，或时钟相差超过五分钟"})
            asked = json.loads(body)
            if self.path == "/find":
                known = held(asked["material"]) if asked["number"] == EXAMPLE["number"] else ()
                with_digest = [one | {"sha256": hashlib.sha256(document(one["id"])).hexdigest()} for one in known]
                return self._said(200, {"licences": with_digest})
            which, _, material = str(asked.get("id", "")).partition(" ")
            if self.path != "/document" or which not in ("now", "old") or asked.get("number") != EXAMPLE["number"]:
                return self._said(404, {"error": "没有这份证照"})
            return self._answer(200, document(f"{which} {material}"), "application/pdf")

        def log_message(self, *_: object) -> None:
            """Nothing: whose licence was asked for is nobody's to read on a terminal."""

    return Service
