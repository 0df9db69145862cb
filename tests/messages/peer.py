"""An SMS gateway on this machine that behaves as gateways do: it takes, refuses, hangs, breaks off, talks nonsense."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Gateway:
    """``moods`` are used up one a request; then it takes what comes. ``taken``: id → what it has taken, once each."""

    def __init__(self) -> None:
        self.moods: list[str] = []
        self.asked: list[tuple[dict[str, str], bytes]] = []
        self.taken: dict[str, dict[str, Any]] = {}
        self.done = threading.Event()
        self.port = 0


@contextmanager
def gateway() -> Iterator[Gateway]:
    """The gateway on a free port."""
    peer = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            peer.asked.append(({name.lower(): value for name, value in self.headers.items()}, body))
            mood = peer.moods.pop(0) if peer.moods else "ok"
            if mood == "hang":
                peer.done.wait(30)
                return
            if mood == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                self.close_connection = True
                self.connection.close()
                return
            if mood == "drip":
                self.connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                while not peer.done.wait(0.05):
                    try:
                        self.connection.sendall(b" ")
                    except OSError:
                        return
                return
            told = json.loads(body)
            if mood in ("ok", "late"):
                peer.taken.setdefault(told["id"], told)
            if mood == "late":  # took it, and the answer is lost
                self.connection.close()
                return
            status, answer = {
                "ok": (200, json.dumps({"accepted": True, "id": f"gw-{len(peer.taken)}"}).encode()),
                "500": (500, b"internal error 13800000000"),
                "429": (429, b"slow down"),
                "422": (422, "空号 13800000000".encode()),
                "nonsense": (200, b"<html>welcome</html>"),
                "empty": (200, b""),
                "list": (200, b"[1]"),
                "deep": (200, b"[" * 50_000),
                "no": (200, json.dumps({"accepted": False, "message": "余额不足 13800000000"}).encode()),
                "redirect": (302, b""),
                "long": (200, b" " * 200_000),
            }[mood]
            self.send_response(status)
            if mood == "redirect":
                self.send_header("location", f"http://127.0.0.1:{peer.port}/elsewhere")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            pass  # the other side went away: that is the test

    server = Server(("127.0.0.1", 0), Handler)
    peer.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield peer
    finally:
        peer.done.set()
        server.shutdown()
        thread.join()
        server.server_close()
