"""``tongban devices simulate``: a card reader that is none, to try the desk with and to write a real one against."""

import argparse
import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

EXAMPLE = {
    "name": "样例·张㛃",
    "sex": "女",
    "ethnicity": "汉",
    "birth": "1949-12-31",
    "address": "示例省示例市示例镇示例路 1 号",
    "number": "11010519491231002X",
    "issuer": "示例市公安局",
    "valid_from": "2015-03-02",
    "valid_until": None,
    "long_term": True,
    "photo": "",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban devices simulate``."""
    parser.add_argument("--port", type=int, default=8737, help="端口，默认 8737；只在本机 127.0.0.1 上监听")
    parser.add_argument(
        "--origin", default="http://127.0.0.1:8000", help="允许来读卡的网页地址，默认 http://127.0.0.1:8000"
    )
    parser.add_argument("--card", help="卡片内容的 JSON 文件，默认用内置的虚构卡；“none”表示没有放卡")


def run(args: argparse.Namespace) -> int:
    """Answer until interrupted. Exit 2 with one line when the card's file or the port cannot be used."""
    import sys

    try:
        card = None if args.card == "none" else json.loads(Path(args.card).read_text()) if args.card else EXAMPLE
        server = ThreadingHTTPServer(("127.0.0.1", args.port), reader(card, args.origin))
    except (OSError, ValueError) as error:
        print(f"模拟读卡器没有启动：{error}", file=sys.stderr)
        return 2
    print(f"模拟读卡器：http://127.0.0.1:{server.server_port}/card　按 Ctrl-C 停止。", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0


def reader(card: Mapping[str, object] | None, origin: str) -> type[BaseHTTPRequestHandler]:
    """A handler that answers as the contract says: the card, or 404 while none lies on the reader."""

    class Reader(BaseHTTPRequestHandler):
        def _answer(self, status: int, body: Mapping[str, object] | None = None) -> None:
            self.send_response(status)
            if self.headers.get("Origin") == origin:
                self.send_header("Access-Control-Allow-Origin", origin)
                self.send_header("Access-Control-Allow-Private-Network", "true")
            self.send_header("Vary", "Origin")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.end_headers()
            if body is not None:
                self.wfile.write(json.dumps(body, ensure_ascii=False).encode())

        def do_OPTIONS(self) -> None:
            self._answer(204)

        def do_GET(self) -> None:
            if self.headers.get("Origin") not in (None, origin):
                self._answer(403, {"error": "不允许从这个网页读卡"})
            elif self.path != "/card":
                self._answer(404, {"error": "没有这个地址"})
            elif card is None:
                self._answer(404, {"error": "没有放卡"})
            else:
                self._answer(200, card)

        def log_message(self, *_: object) -> None:
            """Nothing: the path of a request tells nothing, and the terminal is the clerk's."""

    return Reader
