"""What do the token endpoint and the revoking one answer?"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from .answers import Answer, Request, as_json
from .oauth import TEST_MODE_LIFE, Grant, OAuth


class _No(Exception):
    def __init__(self, status: int, error: str, words: str) -> None:
        self.status, self.error, self.words = status, error, words
        super().__init__(error)


def _expired() -> _No:
    return _No(400, "invalid_grant", "Token has been expired or revoked.")


def token_endpoint(oauth: OAuth, request: Request, now: datetime) -> Answer:
    """Answer POST /token: a code or a refresh token for an access token."""
    try:
        form = _form(request)
        project = _client(oauth, request, form)
        exchange = {"authorization_code": _redeem, "refresh_token": _refresh}.get(form.get("grant_type", ""), _unknown)
        return as_json(exchange(oauth, form, project, now))
    except _No as no:
        return as_json({"error": no.error, "error_description": no.words}, status=no.status)


def _unknown(_: OAuth, form: dict[str, str], __: str, ___: datetime) -> dict[str, Any]:
    raise _No(400, "unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')[:40]}")


def _form(request: Request) -> dict[str, str]:
    if request.verb != "POST" or request.query:
        raise _No(400, "invalid_request", "Only POST with a form is taken.")
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise _No(400, "invalid_request", "The body is no form.")
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    if len({name for name, _ in pairs}) < len(pairs):
        raise _No(400, "invalid_request", "A parameter stands twice.")
    return dict(pairs)


def _client(oauth: OAuth, request: Request, form: dict[str, str]) -> str:
    name, secret = form.get("client_id", ""), form.get("client_secret", "")
    kind, _, basic = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        name, _, secret = base64.b64decode(basic + "===").decode("utf-8", "replace").partition(":")
        name, secret = unquote_plus(name), unquote_plus(secret)
    if name not in oauth.clients:
        raise _No(401, "invalid_client", "The OAuth client was not found.")
    if oauth.clients[name] != secret:
        raise _No(401, "invalid_client", "The provided client secret is invalid.")
    return name


def _redeem(oauth: OAuth, form: dict[str, str], project: str, now: datetime) -> dict[str, Any]:
    code = oauth.codes.pop(form.get("code", ""), None)
    if code is None or code.project != project or now >= code.until:
        raise _No(400, "invalid_grant", "Malformed auth code.")
    if form.get("redirect_uri") != code.redirect:
        raise _No(400, "redirect_uri_mismatch", "Bad Request")
    if code.challenge and not form.get("code_verifier"):
        raise _No(400, "invalid_grant", "Missing code verifier.")
    if code.challenge and _challenge(form["code_verifier"]) != code.challenge:
        raise _No(400, "invalid_grant", "Invalid code verifier.")
    grant = oauth.grant(code.account, code.scopes, now, project)
    answer = _tokens(oauth, grant, now, code.scopes)
    if code.offline:
        answer["refresh_token"] = grant.refresh_token
        if grant.testing:
            answer["refresh_token_expires_in"] = int(TEST_MODE_LIFE.total_seconds()) - 1
    return answer


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii", "replace")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _refresh(oauth: OAuth, form: dict[str, str], project: str, now: datetime) -> dict[str, Any]:
    grant = next((one for one in oauth.grants if one.refresh_token == form.get("refresh_token")), None)
    if grant is None or grant.project != project or not oauth.lives(grant, now):
        raise _expired()
    scopes = frozenset(form["scope"].split()) if "scope" in form else grant.scopes
    if not scopes <= grant.scopes:
        raise _No(400, "invalid_scope", "Some requested scopes were not granted.")
    answer = _tokens(oauth, grant, now, scopes)
    if oauth.switches.rotates_refresh_tokens:
        grant.refresh_token = answer["refresh_token"] = oauth.mint("1//")
    return answer


def _tokens(oauth: OAuth, grant: Grant, now: datetime, scopes: frozenset[str]) -> dict[str, Any]:
    life = int(oauth.switches.access_token_life.total_seconds()) - 1
    token = oauth.token(grant, now, scopes)
    return {"access_token": token, "expires_in": life, "scope": " ".join(sorted(scopes)), "token_type": "Bearer"}


def revoke_endpoint(oauth: OAuth, request: Request) -> Answer:
    """Answer POST /revoke: ends all that the project was granted by this user (see the switch)."""
    shown = dict(request.query).get("token") or dict(parse_qsl(request.body.decode("utf-8", "replace"))).get(
        "token", ""
    )
    by_access = oauth.access.get(shown)
    grant = by_access.grant if by_access else next((one for one in oauth.grants if one.refresh_token == shown), None)
    if grant is None or not grant.alive:
        return as_json({"error": "invalid_token", "error_description": "Token expired or revoked"}, status=400)
    for one in oauth.grants:
        if one is grant or (
            oauth.switches.revoking_ends_all and (one.account, one.project) == (grant.account, grant.project)
        ):
            one.alive = False
    return as_json({})
