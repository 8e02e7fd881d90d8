"""How does a user give one grant? The page of consent, the way back from it, and what was granted.

OAuth for an installed application (RFC 8252): an own Desktop client, PKCE and state, the answer to an address on this
machine, which the user pastes or a listener takes. google-auth-oauthlib is imported when a consent begins.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from connectors._google.endpoints import TOKEN_URI, Endpoints, is_loopback
from connectors._google.token import PREFIX, Token
from connectors.files import TooLarge, is_open, read_bounded
from connectors.records import Unavailable

NOWHERE = "http://127.0.0.1:1/"
"""Where nobody listens: the browser fails to open it, and its address bar holds the answer."""
_AUTH_URI = "https://accounts.google.com/o/oauth2/auth"
_LIMIT = 64 * 1024
_INSECURE = "OAUTHLIB_INSECURE_TRANSPORT"
_TIMEOUT = 30.0


class WrongAnswer(ValueError):
    """What was pasted is not the answer of this consent; the text says why, in words, and nothing of it."""


class Denied(Exception):
    """The user, or Google, said no; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The user's own OAuth client. Its representation shows no secret."""

    id: str
    secret: str
    auth_uri: str
    token_uri: str

    def __repr__(self) -> str:
        return "Client()"


def read_client(path: Path, endpoints: Endpoints) -> Client:
    """Return the OAuth client that the file ``path`` holds, as the console gives it.

    Raises ValueError with words that say what is wrong with the file.
    """
    try:
        exposed = is_open(path)
        content = json.loads(read_bounded(path, _LIMIT))
    except FileNotFoundError:
        raise ValueError(f"there is no {path}; docs/google.md says how to get it from the console") from None
    except (OSError, TooLarge):
        raise ValueError(f"{path} cannot be read") from None
    except (ValueError, RecursionError):
        raise ValueError("is no JSON; download it from the console again") from None
    if exposed:
        raise ValueError(f"can be read by others on this machine: chmod 600 {path}")
    return _client(content, endpoints)


def _client(content: Any, endpoints: Endpoints) -> Client:
    if isinstance(content, dict) and "web" in content:
        raise ValueError("is a client of the type Web application; make one of the type Desktop app")
    row = content.get("installed") if isinstance(content, dict) else None
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("client_id", "client_secret")):
        raise ValueError("is no OAuth client of the type Desktop app")
    auth, token = row.get("auth_uri", _AUTH_URI), row.get("token_uri", TOKEN_URI)
    trusted = endpoints.token_uri(token) if isinstance(token, str) else None
    if not isinstance(auth, str) or trusted is None or not endpoints.auth_uri_trusted(auth):
        raise ValueError("names a page of consent or a token endpoint that is not Google's")
    return Client(id=row["client_id"], secret=row["client_secret"], auth_uri=auth, token_uri=trusted)


class Consent:
    """One question to the user: the page to open (``url``), and what comes back from it."""

    def __init__(self, client: Client, scopes: tuple[str, ...], redirect: str = NOWHERE) -> None:
        """Take the (short) ``scopes`` to ask for, and where the browser is sent afterwards."""
        from google_auth_oauthlib.flow import InstalledAppFlow

        self._client, self._redirect = client, redirect
        installed = {
            "client_id": client.id,
            "client_secret": client.secret,
            "auth_uri": client.auth_uri,
            "token_uri": client.token_uri,
        }
        self._wanted = [PREFIX + scope for scope in scopes]
        self._flow = InstalledAppFlow.from_client_config(
            {"installed": installed}, scopes=self._wanted, redirect_uri=redirect, autogenerate_code_verifier=True
        )
        with _plain_http(client.auth_uri):
            self.url, self.state = self._flow.authorization_url(prompt="consent", access_type="offline")

    def redeem(self, pasted: str) -> Token:
        """Return the token that the answer ``pasted`` (an address, or its query) is worth, with what was granted.

        Raises WrongAnswer if it is not the answer to this question, Denied if it says no, Unavailable.
        """
        code = self._code(pasted)
        answer = self._fetch(code)
        refresh = answer.get("refresh_token")
        if not isinstance(refresh, str) or not refresh:
            raise Denied("Google gave no lasting permission; take Kith out of your Google account and try again")
        granted = answer.get("scope")
        scopes = granted.split() if isinstance(granted, str) else granted if isinstance(granted, list) else self._wanted
        return Token(
            client_id=self._client.id,
            client_secret=self._client.secret,
            refresh_token=refresh,
            token_uri=self._client.token_uri,
            scopes=tuple(sorted(str(scope) for scope in scopes)),
        )

    def is_answer(self, address: str) -> bool:
        """Tell whether ``address`` (a path with its query) answers this question, whatever it says."""
        found = _query(address)
        return found.get("state") == self.state and bool(found.keys() & {"code", "error"})

    def _code(self, pasted: str) -> str:
        found = _query(pasted.strip())
        if "code" not in found and "error" not in found:
            raise WrongAnswer("that is not the address the browser ended at: it begins with " + self._redirect)
        if "state" not in found:
            raise WrongAnswer("that is only a part of the address; copy all of it")
        if found["state"] != self.state:
            raise WrongAnswer("that is the answer to an earlier question; open the address above once more")
        if "error" in found:
            said_no = found["error"] == "access_denied"
            raise Denied("you said no" if said_no else "Google refused; docs/google.md has the usual causes")
        return found["code"]

    def _fetch(self, code: str) -> Mapping[str, Any]:
        import requests
        from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]  # has no stubs

        from connectors._google.session import proxies, settle_session

        session = self._flow.oauth2session
        settle_session(session)
        session.proxies, session.max_redirects = proxies(self._client.token_uri), 0
        query = urlencode({"code": code, "state": self.state})
        answer = f"https://127.0.0.1/?{query}"  # oauthlib takes no other; it is never opened
        try:
            with _plain_http(self._client.token_uri):
                found: Mapping[str, Any] = self._flow.fetch_token(authorization_response=answer, timeout=_TIMEOUT)
        except Warning as changed:  # oauthlib's way to say that a box was unticked
            found = getattr(changed, "token", {})
        except OAuth2Error as error:
            if error.error == "invalid_grant":
                raise WrongAnswer("that answer is too old, or was used before; open the address above again") from None
            raise Denied("Google refuses the OAuth client; docs/google.md has the usual causes") from None
        except (requests.RequestException, ValueError):
            raise Unavailable("Google's token endpoint cannot be reached, or gives no believable answer") from None
        return found


def _query(address: str) -> dict[str, str]:
    try:
        query = urlsplit(address).query or address.partition("?")[2] or address
        return {key: values[0] for key, values in parse_qs(query, max_num_fields=50).items()}
    except ValueError:
        return {}


@contextmanager
def _plain_http(uri: str) -> Iterator[None]:
    """Let oauthlib speak http while the block lasts, if ``uri`` is on this machine."""
    before = os.environ.get(_INSECURE)
    if is_loopback(uri):
        os.environ[_INSECURE] = "1"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_INSECURE, None)
        else:
            os.environ[_INSECURE] = before
