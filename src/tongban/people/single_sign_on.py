"""Single sign-on by OpenID Connect: the province's provider says who somebody is; whether they may work here, we say.

Authorization code flow with PKCE (S256), state and nonce; the provider is known by discovery. The identity token is
checked here: signature by the provider's keys, issuer, audience, times, nonce. An account is found by the claim an
administrator set on it; none is ever made.
"""

import secrets
from dataclasses import asdict, dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tongban.people.models import Staff

WAIT = 6  # seconds for each answer of the provider
LEEWAY = 60  # seconds the clocks may differ
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]


class Unavailable(RuntimeError):
    """The provider does not answer, or not as it should; the message is for the log."""


class Denied(RuntimeError):
    """The provider, or what it sent, does not let this person in; the message (Chinese) is for them."""


@dataclass(frozen=True)
class Begun:
    """What must come back as it went: kept in the session between leaving and coming back."""

    state: str
    nonce: str
    verifier: str

    def kept(self) -> dict[str, str]:
        """As the session keeps it."""
        return asdict(self)


def configured() -> bool:
    """Whether there is a provider."""
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT)


def _get(url: str) -> dict[str, Any]:
    try:
        answer = requests.get(url, timeout=WAIT, allow_redirects=False)
        answer.raise_for_status()
        body = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Unavailable(f"{url}: {error}") from error
    if not isinstance(body, dict):
        raise Unavailable(f"{url}: not an object")
    return body


def provider() -> dict[str, Any]:
    """What the provider says of itself. Raises :class:`Unavailable`, also when it is another one than was set."""
    issuer = settings.OIDC_ISSUER
    found = _get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise Unavailable(f"issuer is {found.get('issuer')!r}, not {issuer!r}")
    if not all(isinstance(found.get(name), str) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")):
        raise Unavailable("endpoints are missing")
    return found


def _client(back: str) -> OAuth2Session:
    return OAuth2Session(
        settings.OIDC_CLIENT,
        settings.OIDC_SECRET or None,
        scope="openid profile",
        redirect_uri=back,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if settings.OIDC_SECRET else "none",
        default_timeout=WAIT,
    )


def begin(back: str) -> tuple[str, Begun]:
    """The provider's page to go to, which returns to the URL ``back``; and what to keep. Raises :class:`Unavailable`."""
    found = provider()
    begun = Begun(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
    url, _ = _client(back).create_authorization_url(
        found["authorization_endpoint"], state=begun.state, nonce=begun.nonce, code_verifier=begun.verifier
    )
    return str(url), begun


def finish(back: str, begun: Begun, answer: dict[str, str]) -> tuple[dict[str, Any], str]:
    """The claims of the person the provider sent back with the query ``answer``, and the identity token.

    Raises :class:`Denied` or :class:`Unavailable`.
    """
    if not secrets.compare_digest(answer.get("state", ""), begun.state):
        raise Denied("这次登录不是从这里开始的，或者已经过期，请重新登录。")
    if "error" in answer or not answer.get("code"):
        raise Denied("单点登录没有完成，请重新登录。")
    found = provider()
    try:
        token = _client(back).fetch_token(
            found["token_endpoint"], code=answer["code"], code_verifier=begun.verifier, grant_type="authorization_code"
        )
    except AuthlibBaseError as error:
        raise Denied("单点登录没有完成，请重新登录。") from error
    except (requests.RequestException, ValueError) as error:
        raise Unavailable(str(error)) from error
    identity = str(token.get("id_token", ""))
    return _checked(found, identity, begun.nonce, token), identity


def _checked(found: dict[str, Any], identity: str, nonce: str, token: dict[str, Any]) -> dict[str, Any]:
    """The claims of an identity token whose signature, issuer, audience, times and nonce hold."""
    try:
        opened = jwt.decode(identity, KeySet.import_key_set(_get(found["jwks_uri"])), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        claims = CodeIDToken(
            opened.claims,
            opened.header,
            {
                "iss": {"essential": True, "value": found["issuer"]},
                "aud": {"essential": True, "value": settings.OIDC_CLIENT},
                "nonce": {"essential": True, "value": nonce},
            },
            {"nonce": nonce, "client_id": settings.OIDC_CLIENT, "access_token": token.get("access_token")},
        )
        claims.validate(leeway=LEEWAY)
    except (JoseError, AuthlibBaseError, ValueError) as error:
        raise Denied("单点登录的凭证没有通过核验，请重新登录；还不行的，请联系系统管理员。") from error
    return dict(opened.claims)


def who(claims: dict[str, Any]) -> Staff | None:
    """The account an administrator bound to this person, or None."""
    value = str(claims.get(settings.OIDC_CLAIM) or "")
    return Staff.objects.filter(single_sign_on=value).first() if value else None


def farewell(back: str, identity: str) -> str:
    """The provider's page that ends the session there and returns to ``back``; empty where it has none or is silent."""
    try:
        url = provider().get("end_session_endpoint")
    except Unavailable:
        return ""
    if not isinstance(url, str):
        return ""
    asked = requests.Request("GET", url, params={"id_token_hint": identity, "post_logout_redirect_uri": back}).prepare()
    return asked.url or ""
