"""Behind a proxy that ends TLS: cookies marked, plain HTTP sent on, HSTS. Settings are read at start: a process of its own."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.pure
ASK = """
from tongban.ready import django_ready
django_ready()
from django.conf import settings
from django.test import Client
plain, secure = Client().get("/elder/"), Client(HTTP_X_FORWARDED_PROTO="https").get("/elder/")
print(plain.status_code, secure.status_code, secure.headers.get("Strict-Transport-Security", "-"))
elder = secure.cookies["elder"]
print(settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE, settings.CSRF_COOKIE_HTTPONLY)
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY)
print("elder", *(bool(elder[flag]) for flag in ("secure", "httponly")))
"""


@pytest.mark.parametrize(
    ("https", "said"),
    [
        (
            "1",
            "301 302 max-age=31536000; includeSubDomains\n__Host-csrf True True\n__Host-session True True\nelder True True\n",
        ),
        ("", "302 302 -\ncsrftoken False True\nsessionid False True\nelder False True\n"),
    ],
)
def test_behind_a_proxy(https: str, said: str) -> None:
    env = os.environ | {"TONGBAN_HTTPS": https, "TONGBAN_HOSTS": "testserver"}
    done = subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True, check=False)
    assert done.stdout == said, done.stderr
