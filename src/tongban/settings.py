"""Settings, all from the environment, with defaults that run on one machine with no other server."""

import json
import os
import re
import secrets
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from tongban.rules.quiet import hours

BASE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("TONGBAN_DATA", "var")).resolve()
PROCEDURES = Path(os.environ.get("TONGBAN_PROCEDURES", "procedures")).resolve()
VAULT = DATA / "vault"
ROOTS = Path(os.environ.get("TONGBAN_ROOTS", DATA / "roots")).resolve()  # best on a disk of its own

DEBUG = False
DEMO = os.environ.get("TONGBAN_DEMO") == "1"
ALLOWED_HOSTS = os.environ.get("TONGBAN_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
PUBLIC_URL = os.environ.get("TONGBAN_PUBLIC_URL", "").rstrip("/")  # as citizens reach it: stands in links
OFFICE_SEAL = os.environ.get("TONGBAN_SEAL", "")  # PKCS #12 file of the issuing office; empty: forms are not signed
OFFICE_SEAL_PASSWORD = os.environ.get("TONGBAN_SEAL_PASSWORD", "")
PROXIES = int(os.environ.get("TONGBAN_PROXIES", "0"))  # of ours before the server, each adding to X-Forwarded-For
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("TONGBAN_ORIGINS", "").split(",") if origin]


def _key(variable: str, name: str) -> str:
    """A key of this instance: from the environment, else made once and kept beside the data, readable by the owner."""
    if key := os.environ.get(variable):
        return key
    file = DATA / name
    DATA.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return file.read_text()


def _loopback(variable: str, default: str) -> str:
    """An address of the clerk's own machine, as ``http://127.0.0.1:port``; empty where it is switched off."""
    address = os.environ.get(variable, default).rstrip("/")
    if address and not re.fullmatch(r"http://(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}", address):
        raise ImproperlyConfigured(f"{variable} 只能是本机地址，例如 http://127.0.0.1:8737，现在是 {address}")
    return address


SECRET_KEY = _key("TONGBAN_SECRET_KEY", "secret.key")
MASTER_KEY = _key("TONGBAN_MASTER_KEY", "master.key")  # opens everything sealed: keep a copy where the data is not
CIPHER = os.environ.get("TONGBAN_CIPHER", "sm4")  # of keys made from now on: sm4 or aes

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "tongban.vault",
    "tongban.people",
    "tongban.checks",
    "tongban.cases",
    "tongban.custody",
    "tongban.messages",
    "tongban.ratings",
    "tongban.archive",
    "tongban.capture",
    "tongban.exchange",
    "tongban.desks",
]
MIDDLEWARE = [
    "tongban.desks.headers.address",
    "tongban.desks.headers.only_from_here",
    "tongban.exchange.api.front.alone",
    "tongban.desks.uploads.bounded",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tongban.desks.sessions.limited",
    "tongban.desks.steps.whole",
]
ROOT_URLCONF = "tongban.desks.urls"
WSGI_APPLICATION = "tongban.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tongban.desks.context.desk",
            ]
        },
    }
]

DATABASES = {"default": dj_database_url.config("TONGBAN_DATABASE", default=f"sqlite:///{DATA / 'tongban.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # One writer at a time, decided when the transaction begins: no upgrade from reader to writer can fail half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "test.sqlite3")}  # a file: in memory nothing can race
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Roles that need a second factor beside those that always do (people.factor), and the province's single sign-on.
_ROLES = ("window", "department", "post", "issuing", "archive", "oversight", "editor", "administrator")
_asked = os.environ.get("TONGBAN_SECOND_FACTOR", "")
SECOND_FACTOR = _ROLES if _asked == "all" else tuple(role for role in _asked.split(",") if role)
if unknown := set(SECOND_FACTOR) - set(_ROLES):
    raise SystemExit(
        f"TONGBAN_SECOND_FACTOR 里的“{'、'.join(sorted(unknown))}”不是岗位，可以写：all，或 {','.join(_ROLES)}"
    )
OIDC_ISSUER = os.environ.get("TONGBAN_OIDC_ISSUER", "")
OIDC_CLIENT = os.environ.get("TONGBAN_OIDC_CLIENT", "")
OIDC_SECRET = os.environ.get("TONGBAN_OIDC_SECRET", "")
OIDC_CLAIM = os.environ.get("TONGBAN_OIDC_CLAIM", "sub")
PASSWORD_LOGIN = not (OIDC_ISSUER and os.environ.get("TONGBAN_PASSWORD_LOGIN") == "0")
AUTH_USER_MODEL = "people.Staff"
AUTHENTICATION_BACKENDS = ["tongban.people.login.StaffBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "public-home"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
UPLOAD_LIMIT = 20 * 2**20
CLAMD = os.environ.get("TONGBAN_CLAMD", "")  # host:port or the path of a socket; empty: no antivirus is asked
REQUEST_LIMIT = 64 * 2**20  # of a whole request, announced by its Content-Length
FILE_UPLOAD_HANDLERS = ["tongban.desks.uploads.BoundedUpload"]  # nothing of an upload touches the disk unsealed
SESSION_SERIALIZER = "tongban.desks.sessions.SealedSession"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True  # the page's own script reads the token from the page
if os.environ.get("TONGBAN_HTTPS") == "1":  # a proxy that ends TLS stands before the server and says so
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"  # no other host may set or read them
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_IDLE = 60 * int(os.environ.get("TONGBAN_SESSION_IDLE", "30"))  # minutes in the variable, seconds here
SESSION_LONGEST = 3600 * int(os.environ.get("TONGBAN_SESSION_LONGEST", "12"))  # hours in the variable
LIGHTS = os.environ.get("TONGBAN_LIGHTS", "")  # ``rules.lights.Thresholds``: soon_days=5,soon_share=0.25
SWEEP_AT = int(os.environ.get("TONGBAN_SWEEP_AT", "1"))  # hour of the night, Asia/Shanghai
REMIND = tuple(int(day) for day in os.environ.get("TONGBAN_REMIND", "7,15,30").split(",") if day.strip())

SMS_GATEWAY = os.environ.get("TONGBAN_SMS", "log")  # log: nothing leaves; http: signed JSON to SMS_URL; smpp
SMS_URL = os.environ.get("TONGBAN_SMS_URL", "")
SMS_SECRETS = tuple(filter(None, os.environ.get("TONGBAN_SMS_SECRET", "").split(",")))  # the first signs, each is taken
_fields = dict(pair.split("=", 1) for pair in os.environ.get("TONGBAN_SMS_FIELDS", "").split(",") if "=" in pair)
SMS_FIELDS = {"id": "id", "to": "to", "text": "text"} | _fields  # how the gateway names them
SMS_EXTRA = json.loads(os.environ.get("TONGBAN_SMS_EXTRA", "{}"))  # what the gateway wants besides
SMS_ACCEPTED = tuple(
    os.environ.get("TONGBAN_SMS_ACCEPTED", "accepted=true").split("=", 1)
)  # field and value of its yes
SMS_TIMEOUT = float(os.environ.get("TONGBAN_SMS_TIMEOUT", "10"))  # seconds for the whole exchange
SMPP_URL = os.environ.get("TONGBAN_SMPP_URL", "")  # smpp://system:password@host:2775
SMPP_SOURCE = os.environ.get("TONGBAN_SMPP_SOURCE", "")  # the number messages come from
SMS_WAIT = int(os.environ.get("TONGBAN_SMS_WAIT", "20"))  # seconds in which a second step joins the first
EMAIL_HOST = os.environ.get("TONGBAN_EMAIL_HOST", "")  # without it nobody is written to
EMAIL_PORT = int(os.environ.get("TONGBAN_EMAIL_PORT", "465"))
EMAIL_HOST_USER = os.environ.get("TONGBAN_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("TONGBAN_EMAIL_PASSWORD", "")
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_USE_TLS = EMAIL_PORT == 587
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("TONGBAN_EMAIL_FROM", EMAIL_HOST_USER)
QUIET = hours(os.environ.get("TONGBAN_QUIET", "21-8"))

CARD_READER = _loopback("TONGBAN_CARD_READER", "http://127.0.0.1:8737")  # on the clerk's machine; empty: none
# The region's electronic licence service; without an address nothing is asked and no page speaks of it.
LICENCE_NAME = os.environ.get("TONGBAN_LICENCE", "电子证照库")
LICENCE_URL = os.environ.get("TONGBAN_LICENCE_URL", "").rstrip("/")
LICENCE_SECRETS = tuple(
    filter(None, os.environ.get("TONGBAN_LICENCE_SECRET", "").split(","))
)  # each signs, newest first
LICENCE_TIMEOUT = float(os.environ.get("TONGBAN_LICENCE_TIMEOUT", "5"))  # seconds a clerk waits for it at most
SCANS = os.environ.get("TONGBAN_SCANS", "")  # folder of the scanners: a folder for each window in it; empty: none
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

UNCOLLECTED_DAYS = int(os.environ.get("TONGBAN_UNCOLLECTED_DAYS", "90"))  # then a result may go back to its department
# The carrier whose numbers are used; with an address, its interface gives numbers and says where things are.
CARRIER_NAME = os.environ.get("TONGBAN_CARRIER", "邮政")
CARRIER_URL = os.environ.get("TONGBAN_CARRIER_URL", "")
CARRIER_KEY = os.environ.get("TONGBAN_CARRIER_KEY", "")
EXCHANGE_TIMEOUT = float(os.environ.get("TONGBAN_EXCHANGE_TIMEOUT", "10"))  # seconds a worker waits for a platform
CARRIER_TIMEOUT = float(os.environ.get("TONGBAN_CARRIER_TIMEOUT", "5"))  # seconds a clerk waits for it at most

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
