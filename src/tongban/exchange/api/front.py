"""What stands before every request to the API: no cookie counts, bodies are of the kind and size that is taken, and whatever
answers with an error answers as a problem.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tongban.exchange.api.problems import MEDIA_TYPE, problem
from tongban.exchange.uploads import PART

ROOT = "/api/"
PARTS = "application/offset+octet-stream"
LARGEST = {"PATCH": PART}  # bytes of a body; of others:
USUAL = 2**20
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


def alone(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: below ``/api/`` a token is all that counts."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(ROOT):
            return get_response(request)
        request.COOKIES.clear()  # a browser that is logged in is nobody here
        response = refused(request) or get_response(request)
        if response.status_code >= 400 and response.get("Content-Type", "") != MEDIA_TYPE and not response.streaming:
            told = problem(response.status_code)
            for name in KEPT:
                if name in response:
                    told[name] = response[name]
            response = told
        for name, value in getattr(request, "rates", {}).items():
            response[name] = value
        return response

    return answer


def refused(request: HttpRequest) -> HttpResponse | None:
    """A problem with a request, seen from its line and headers alone."""
    if (
        settings.SECURE_SSL_REDIRECT and not request.is_secure()
    ):  # sent on, nobody would see that the token went in the clear
        return problem(403, "请用 HTTPS。这个令牌已经明文传过，请系统管理员换发。")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        return problem(400, "Content-Length 不对。")
    if int(length) > (most := LARGEST.get(request.method or "", USUAL)):
        return problem(413, f"请求的内容最多 {most} 字节。")
    wanted = PARTS if request.method == "PATCH" else "application/json"
    if int(length) and request.method in ("POST", "PUT", "PATCH") and request.content_type != wanted:
        return problem(415, f"Content-Type 应为 {wanted}。")
    return None
