"""What does the consent page answer? A redirect with a code, as the click of the user would give it."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from . import discovery
from .answers import Answer, Request, as_page
from .oauth import Code, OAuth

CODE_LIFE = timedelta(minutes=10)


def consent_page(oauth: OAuth, request: Request, account: str, now: datetime) -> Answer:
    """Answer /o/oauth2/auth as a user's click would: a redirect with a code, or with the refusal."""
    ask = dict(request.query)
    if ask.get("client_id") not in oauth.clients:
        return as_page(401, "The OAuth client was not found. Error 401: invalid_client")
    if not _loopback(ask.get("redirect_uri", "")):
        return as_page(400, "Error 400: redirect_uri_mismatch")
    scopes = frozenset(ask.get("scope", "").split())
    if not scopes or not scopes <= discovery.scopes():
        return as_page(400, "Some requested scopes cannot be shown. Error 400: invalid_scope")
    if ask.get("response_type") != "code" or ask.get("code_challenge_method", "S256") != "S256":
        return as_page(400, "Error 400: invalid_request")
    if oauth.consent.deny:
        return _back(ask, {"error": "access_denied"})
    scopes -= oauth.consent.untick
    if ask.get("include_granted_scopes") == "true":
        scopes = scopes.union(*(one.scopes for one in oauth.grants if oauth.lives(one, now) and one.account == account))
    code = oauth.mint("4/0A")
    oauth.codes[code] = Code(
        account=account,
        project=ask["client_id"],
        scopes=scopes,
        redirect=ask["redirect_uri"],
        challenge=ask.get("code_challenge", ""),
        offline=ask.get("access_type") == "offline" and _asks_again(oauth, ask, account),
        until=now + CODE_LIFE,
    )
    return _back(ask, {"code": code, "scope": " ".join(sorted(scopes))})


def _asks_again(oauth: OAuth, ask: dict[str, str], account: str) -> bool:
    """A refresh token comes at the first consent only, unless prompt=consent."""
    known = any((one.account, one.project) == (account, ask["client_id"]) and one.alive for one in oauth.grants)
    return not known or "consent" in ask.get("prompt", "").split()


def _loopback(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"} and not parts.fragment


def _back(ask: dict[str, str], words: dict[str, str]) -> Answer:
    state = {"state": ask["state"]} if "state" in ask else {}
    where = ask["redirect_uri"] + ("&" if "?" in ask["redirect_uri"] else "?") + urlencode({**state, **words})
    return as_page(302, "Moved.", headers=(("Location", where),))
