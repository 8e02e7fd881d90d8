"""Who may do what, and until when? The consent page, the token endpoint, refresh and access tokens, revoking."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import discovery
from .answers import Refused, Request
from .switches import Switches

GMAIL = ("https://mail.google.com/", "https://www.googleapis.com/auth/gmail.")
CLIENT_ID = "1234-kith.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-made-up"  # noqa: S105  a secret of nobody
TEST_MODE_LIFE = timedelta(days=7)
LIVE_TOKENS = 100
REALM = 'Bearer realm="https://accounts.google.com/"'


@dataclass(slots=True, kw_only=True)
class Grant:
    """What a user allowed a project once: one refresh token."""

    account: str
    project: str
    scopes: frozenset[str]
    refresh_token: str
    born: datetime
    testing: bool
    alive: bool = True

    def mail(self) -> bool:
        """Whether a changed password ends it."""
        return any(scope.startswith(GMAIL) for scope in self.scopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access token's meaning."""

    grant: Grant
    scopes: frozenset[str]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What an authorization code stands for."""

    account: str
    project: str
    scopes: frozenset[str]
    redirect: str
    challenge: str
    offline: bool
    until: datetime


@dataclass(slots=True, kw_only=True)
class Consent:
    """How the user at the consent page behaves."""

    untick: frozenset[str] = frozenset()
    deny: bool = False


@dataclass(slots=True)
class OAuth:
    """The state of the project's OAuth: clients, grants, codes, access tokens."""

    switches: Switches
    clients: dict[str, str] = field(default_factory=lambda: {CLIENT_ID: CLIENT_SECRET})
    consent: Consent = field(default_factory=Consent)
    grants: list[Grant] = field(default_factory=list)
    access: dict[str, Access] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    _count: int = 0

    def mint(self, prefix: str) -> str:
        """Give a new secret, always the same for the same count."""
        self._count += 1
        return prefix + hashlib.sha256(f"{prefix}{self._count}".encode()).hexdigest()[:40]

    def grant(self, account: str, scopes: frozenset[str], now: datetime, project: str = CLIENT_ID) -> Grant:
        """Mint a grant; the oldest of more than 100 dies silently."""
        made = Grant(
            account=account,
            project=project,
            scopes=scopes,
            refresh_token=self.mint("1//"),
            born=now,
            testing=self.switches.testing,
        )
        self.grants.append(made)
        live = [one for one in self.grants if one.alive and (one.account, one.project) == (account, project)]
        for old in live[:-LIVE_TOKENS]:
            old.alive = False
        return made

    def token(self, grant: Grant, now: datetime, scopes: frozenset[str] | None = None) -> str:
        """Mint an access token."""
        text = self.mint("ya29.")
        self.access[text] = Access(
            grant=grant, scopes=scopes or grant.scopes, until=now + self.switches.access_token_life
        )
        return text

    def lives(self, grant: Grant, now: datetime) -> bool:
        """Whether the grant's refresh token still works at *now*."""
        return grant.alive and not (grant.testing and now >= grant.born + TEST_MODE_LIFE)

    def shown(self, request: Request, now: datetime) -> Access:
        """Give what the request's access token stands for. Raises Refused (401)."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refused(
                401,
                "required",
                location={"location": "Authorization", "locationType": "header"},
                headers=(("WWW-Authenticate", REALM),),
            )
        access = self.access.get(token.strip())
        if access is None or now >= access.until or not self.lives(access.grant, now):
            about = (("WWW-Authenticate", REALM + ', error="invalid_token"'),)
            raise Refused(
                401, "authError", location={"location": "Authorization", "locationType": "header"}, headers=about
            )
        return access

    def expire(self, token: str = "") -> None:
        """Let one access token die, or all."""
        for text in [token] if token else list(self.access):
            self.access.pop(text, None)

    def end(self, grant: Grant | None) -> None:
        """End one grant, or all of them."""
        for one in self.grants:
            if grant is None or one is grant:
                one.alive = False


def permit(access: Access, method: discovery.Method) -> frozenset[str]:
    """Give the scopes by which *access* may call *method*. Raises Refused (403) when there is none."""
    useful = access.scopes & method.scopes
    if useful:
        return useful
    wanted = f'{REALM}, error="insufficient_scope", scope="{" ".join(sorted(method.scopes))}"'
    about = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
    }
    raise Refused(
        403,
        "insufficientPermissions",
        "Request had insufficient authentication scopes.",
        headers=(("WWW-Authenticate", wanted),),
        details=[about],
    )
