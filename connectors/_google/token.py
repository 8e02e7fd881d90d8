"""What does a token file hold, and with which words does Google refuse it? The standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

PREFIX = "https://www.googleapis.com/auth/"
_FIELDS = ("client_id", "client_secret", "refresh_token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token file holds. Its representation shows no secret."""

    client_id: str
    client_secret: str
    refresh_token: str
    token_uri: str
    scopes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Token(scopes={self.scopes!r})"

    def has(self, scope: str) -> bool:
        """Tell whether the (short) ``scope`` was granted; a file that names none is believed to have them all."""
        return not self.scopes or PREFIX + scope in self.scopes

    def document(self) -> dict[str, Any]:
        """Return the token in "authorized_user" form."""
        return {
            "type": "authorized_user",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "token_uri": self.token_uri,
            "scopes": list(self.scopes),
        }

    def mark(self) -> str:
        """Return a hash that tells this login from another."""
        return sha256(self.refresh_token.encode("utf-8", "replace")).hexdigest()[:16]


_REFUSALS: Mapping[str, str] = {
    "invalid_grant": "Google has ended the login ({name}); the usual causes: a changed password, access taken back, "
    "or seven days in test mode",
    "invalid_rapt": "Google wants the login ({name}) anew, as your organisation decided",
    "invalid_client": "Google does not know the OAuth client ({name}): was its secret changed?",
    "deleted_client": "the OAuth client was deleted in the Google Cloud console",
    "disabled_client": "the OAuth client is disabled in the Google Cloud console",
    "unauthorized_client": "the OAuth client may not do this; is it of the type Desktop app?",
    "invalid_scope": "the login ({name}) was given for other permissions than Kith asks now",
    "org_internal": "the OAuth project is for one organisation only, and this account is not of it",
    "admin_policy_enforced": "the administrator of this Google Workspace does not allow your OAuth client",
}
_PASSING = frozenset({"temporarily_unavailable", "server_error", "internal_failure", "rate_limit_exceeded"})


def refusal_words(code: str, name: str) -> str:
    """Return what the word ``code`` of Google's means for the grant ``name``."""
    return _REFUSALS.get(code, "Google refuses the login ({name})").format(name=name)


def refusal_in(status: int, content: Mapping[str, Any]) -> str:
    """Return the word that refuses a login for good in an answer of the token endpoint, empty when none does.

    A word that we do not know becomes one of ours, for it is kept and shown. A 403 refuses only in words that we know:
    otherwise it may be a rate limit, or somebody who stands between; and what passes by itself is no refusal.
    """
    error = content.get("error")
    if status not in {400, 401, 403} or not isinstance(error, str) or error in _PASSING:
        return ""
    if content.get("error_subtype") in {"invalid_rapt", "rapt_required"}:
        return "invalid_rapt"
    return error if error in _REFUSALS else "" if status == 403 else "refused"


def read_token(document: Any) -> Token:
    """Return the token that a file in "authorized_user" form holds. Raises ValueError if it is none."""
    if not isinstance(document, dict) or any(not text_of(document.get(key)) for key in _FIELDS):
        raise ValueError("no token")
    scopes = document.get("scopes") or ()
    scopes = scopes.split() if isinstance(scopes, str) else scopes if isinstance(scopes, list) else ()
    return Token(
        client_id=document["client_id"],
        client_secret=document["client_secret"],
        refresh_token=document["refresh_token"],
        token_uri=text_of(document.get("token_uri")),
        scopes=tuple(scope for scope in scopes if isinstance(scope, str)),
    )


def text_of(value: object) -> str:
    """Return ``value`` if it is text of a sane length, else nothing."""
    return value if isinstance(value, str) and len(value) < 4096 else ""
