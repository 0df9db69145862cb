"""wapiti, a scanner of its own, attacks the running pages: as anybody, and as a clerk who is logged in. Its report is read here.

It is a tool beside the product, in a virtual environment of its own (``make faults`` puts it there), never a part of it.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import HTTPCookieProcessor

from benchmarks.visitor import Http, Visitor

from tests.faults.server import Server

WAPITI = Path(".wapiti/bin/wapiti")
ATTACKS = (
    "sql,xss,permanentxss,file,exec,redirect,crlf,csrf"  # without those that need a machine of wapiti's own outside
)
LOOKS = "csp,http_headers,cookieflags"
LONGEST = 60  # seconds to look for pages, and as many for each kind of attack
ENDS = ("logout/", "login/*", "demo/*", "account/*", "switch/*")  # what ends the log-in the scan lives by, or locks it


def _cookies(port: int) -> str:
    """What a browser sends once a clerk is logged in."""
    from benchmarks.path import demo_world

    from tongban.people.demo import PASSWORD

    http = Http(port)
    Visitor(http, demo_world().window_clerk.username, PASSWORD)
    jar = next(handler.cookiejar for handler in http.opener.handlers if isinstance(handler, HTTPCookieProcessor))
    assert isinstance(jar, CookieJar)
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def _wapiti(root: str, modules: str, *words: str) -> dict[str, dict[str, list[dict[str, str]]]]:
    """The report of a scan."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [
                str(WAPITI), "-u", root, "-m", modules, "-f", "json", "-o", str(report), "--scope", "folder",
                "--max-scan-time", str(LONGEST), "--max-attack-time", str(LONGEST), "--max-links-per-page", "60", "-d", "3",
                "--flush-session", "--store-session", folder, "--store-config", folder, "--no-bugreport", "-v", "0", *words,
            ],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=12 * LONGEST,
        )  # fmt: skip
        found = json.loads(report.read_text())
    assert isinstance(found, dict)
    return found


def _findings(report: dict[str, dict[str, list[dict[str, str]]]]) -> Iterator[str]:
    for part in ("vulnerabilities", "anomalies"):
        for kind, entries in report[part].items():
            places = sorted({f"{entry['method']} {entry['path']}（{entry['info'][:80]}）" for entry in entries})
            if places:
                yield f"{kind}：{'、'.join(places[:4])}{' 等' if len(places) > 4 else ''}"


def run(name: str, *, clerk: bool) -> tuple[str, str, str]:
    """Scan as anybody or as a clerk; what was tried and what was found."""
    server = Server()
    server.start()
    root = f"http://127.0.0.1:{server.port}/"
    try:
        words = ["-C", _cookies(server.port), "-s", f"{root}window/"] if clerk else []
        for path in ENDS if clerk else ENDS[2:]:
            words += ["-x", f"{root}{path}"]
        report = _wapiti(root, ATTACKS, *words)
    finally:
        server.kill()
    pages = report["infos"].get("crawled_pages_nbr", len(report["infos"].get("crawled_pages", [])))
    found = list(_findings(report))
    if int(pages) < 5:  # type: ignore[call-overload]
        found.append(f"只到了 {pages} 个页面")
    return name, f"wapiti：{ATTACKS}；{pages} 个页面和表单", "；".join(found) or "没有发现"


def headers(name: str) -> tuple[str, str, str]:
    """What each answer carries behind a proxy that ends TLS."""
    import os

    os.environ["TONGBAN_HTTPS"] = "1"
    server = Server()
    try:
        server.start()
        report = _wapiti(f"http://127.0.0.1:{server.port}/login/", LOOKS, "-H", "X-Forwarded-Proto: https")
    finally:
        server.kill()
        del os.environ["TONGBAN_HTTPS"]
    return name, f"wapiti：{LOOKS}", "；".join(_findings(report)) or "没有发现"
