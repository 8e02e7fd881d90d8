"""The consent page and the token endpoint, as google-auth and google-auth-oauthlib meet them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google_auth_oauthlib.flow import InstalledAppFlow
from oauthlib.oauth2 import OAuth2Error

from tests.google.clients import ByHand, api, credentials, opened, refused
from tests.google.oauth import CLIENT_ID, CLIENT_SECRET
from tests.google.server import Server

PREFIX = "https://www.googleapis.com/auth/"
MAIL, COMPOSE, EVENTS = (PREFIX + name for name in ("gmail.metadata", "gmail.compose", "calendar.events.readonly"))
BACK = "http://127.0.0.1:1/"


def asked(google: Server, *scopes: str, **more: str) -> tuple[InstalledAppFlow, str]:
    """Begin a login and give the flow and the address to which the consent page sends the browser."""
    flow = InstalledAppFlow.from_client_config(google.client(), list(scopes), redirect_uri=BACK)
    url, _ = flow.authorization_url(**{"prompt": "consent", **more})
    opened.append(flow.oauth2session)
    answer = ByHand(google).get(url)
    assert answer.status_code == 302
    return flow, answer.headers["Location"]


def logged_in(google: Server, *scopes: str, **more: str) -> Any:
    """Go through the whole login and give the credentials."""
    flow, back = asked(google, *scopes, **more)
    flow.fetch_token(authorization_response=back.replace("http:", "https:", 1))
    return flow.credentials


def exchange(google: Server, **form: str) -> tuple[int, str]:
    """Post a form to the token endpoint by hand."""
    whole = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **form}
    answer = ByHand(google).post("/token", data=whole)
    return answer.status_code, answer.json().get("error", "")


def refresh(google: Server, token: dict[str, Any]) -> Any:
    """Refresh a token file's credentials and give them."""
    held = credentials(token)
    held.refresh(Request(ByHand(google)))
    return held


def test_the_dance_gives_tokens_that_work(google: Server) -> None:
    """Consent, code, PKCE and state go through with Google's own library, and the token reads mail."""
    held = logged_in(google, MAIL)
    assert held.refresh_token
    assert held.granted_scopes == [MAIL]
    token = {"refresh_token": held.refresh_token, "token_uri": held.token_uri, "client_id": CLIENT_ID}
    gmail = api(google, "gmail", token={**token, "client_secret": CLIENT_SECRET, "scopes": [MAIL]})
    assert gmail.users().getProfile(userId="me").execute()["emailAddress"] == "clara@winter.example"


def test_state_comes_back_and_a_code_works_once(google: Server) -> None:
    """The redirect carries the state, and a code is spent by its first use."""
    flow, back = asked(google, MAIL, state="mine")
    words = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    assert words["state"] == "mine"
    form = {
        "grant_type": "authorization_code",
        "code": words["code"],
        "redirect_uri": BACK,
        "code_verifier": flow.code_verifier,
    }
    assert exchange(google, **form) == (200, "")
    assert exchange(google, **form) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:2/"}, "redirect_uri_mismatch"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_is_checked(google: Server, change: dict[str, str], error: str) -> None:
    """A wrong verifier, redirect, client or kind of grant is refused with Google's error."""
    flow, back = asked(google, MAIL)
    code = parse_qs(urlsplit(back).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": flow.code_verifier}
    assert exchange(google, **{**form, **change})[1] == error


def test_the_page_refuses_what_google_refuses(google: Server) -> None:
    """Unknown clients and scopes and redirects beyond this machine get a page, not a code."""
    hand = ByHand(google)
    good = {"client_id": CLIENT_ID, "redirect_uri": BACK, "scope": MAIL, "response_type": "code"}
    for change in (
        {"client_id": "x"},
        {"redirect_uri": "http://evil.example/"},
        {"redirect_uri": "https://127.0.0.1:1/"},
        {"scope": "x"},
        {"response_type": "token"},
    ):
        assert hand.get("/o/oauth2/auth", params={**good, **change}).status_code in {400, 401}


def test_a_user_who_cancels_or_unticks(google: Server) -> None:
    """Cancelling comes back as access_denied; an unticked box is missing among the granted scopes."""
    google.user.consents(untick=["gmail.compose"])
    assert logged_in(google, MAIL, COMPOSE).granted_scopes == [MAIL]
    google.user.consents(deny=True)
    flow, back = asked(google, MAIL)
    with pytest.raises(OAuth2Error, match="access_denied"):
        flow.fetch_token(authorization_response=back.replace("http:", "https:", 1))


def test_without_prompt_the_second_consent_brings_no_refresh_token(google: Server) -> None:
    """A refresh token comes with the first consent only, unless prompt=consent asks for it."""
    assert logged_in(google, MAIL, prompt="select_account").refresh_token
    assert logged_in(google, MAIL, prompt="select_account").refresh_token is None
    assert logged_in(google, MAIL).refresh_token


def test_include_granted_scopes_merges(google: Server) -> None:
    """Asked to include what was granted before, the new token holds the old scopes too."""
    logged_in(google, MAIL)
    assert set(logged_in(google, COMPOSE, include_granted_scopes="true").granted_scopes) == {MAIL, COMPOSE}


def test_a_scope_that_was_not_granted_cannot_be_refreshed(google: Server) -> None:
    """Refreshing with more scopes than granted is invalid_scope."""
    token = google.grant(["gmail.metadata"])
    with pytest.raises(RefreshError, match="invalid_scope"):
        refresh(google, {**token, "scopes": [MAIL, COMPOSE]})


def test_an_expired_access_token_is_a_401_and_refreshed(google: Server) -> None:
    """By the server's clock an access token lives an hour; the library refreshes on the 401 and goes on."""
    gmail = api(google, "gmail", "gmail.metadata")
    gmail.users().getProfile(userId="me").execute()
    google.advance(timedelta(hours=1))
    gmail.users().getProfile(userId="me").execute()
    assert [entry.status for entry in google.requests()] == [200, 401, 200]


def test_test_mode_ends_after_seven_days(google: Server) -> None:
    """In test mode a refresh token is dead seven days after consent, and not before."""
    google.switches.testing = True
    token = google.grant(["gmail.metadata"])
    google.advance(timedelta(days=7) - timedelta(seconds=1))
    assert refresh(google, token).token
    google.advance(timedelta(seconds=1))
    with pytest.raises(RefreshError, match="invalid_grant: Token has been expired or revoked"):
        refresh(google, token)


def test_a_changed_password_ends_what_reads_mail(google: Server) -> None:
    """Grants with a Gmail scope die with the password, the calendar's lives."""
    mail, drafts, calendar = (google.grant([scope]) for scope in (MAIL, COMPOSE, EVENTS))
    google.user.change_password()
    assert refresh(google, calendar).token
    for token in (mail, drafts):
        with pytest.raises(RefreshError, match="invalid_grant"):
            refresh(google, token)


def test_revoking_one_by_the_endpoint_ends_all_and_kills_access_tokens(google: Server) -> None:
    """/revoke ends every grant of the project; access tokens die at once."""
    mail, calendar = google.grant([MAIL]), google.grant([EVENTS])
    hand = ByHand(google, [MAIL])
    assert ByHand(google).post("/revoke", data={"token": mail["refresh_token"]}).status_code == 200
    with pytest.raises(RefreshError, match="invalid_grant"):
        refresh(google, calendar)
    assert hand.reason("/gmail/v1/users/me/profile") == (401, "authError")


def test_a_user_may_revoke_one_grant_only(google: Server) -> None:
    """The stand-in's user can end one grant and leave the others."""
    mail, calendar = google.grant([MAIL]), google.grant([EVENTS])
    google.user.revoke(mail)
    assert refresh(google, calendar).token
    with pytest.raises(RefreshError, match="invalid_grant"):
        refresh(google, mail)


def test_the_oldest_of_too_many_grants_dies(google: Server) -> None:
    """A hundred refresh tokens live for a client and a user."""
    first = google.grant([MAIL])
    second, *_ = [google.grant([MAIL]) for _ in range(100)]
    assert refresh(google, second).token
    with pytest.raises(RefreshError, match="invalid_grant"):
        refresh(google, first)


def test_rotation_gives_a_new_refresh_token(google: Server) -> None:
    """With the switch, each refresh replaces the refresh token."""
    google.switches.rotates_refresh_tokens = True
    token = google.grant([MAIL])
    held = refresh(google, token)
    assert held.refresh_token != token["refresh_token"]
    with pytest.raises(RefreshError):
        refresh(google, token)


def test_the_token_endpoint_can_be_down(google: Server) -> None:
    """A fault at /token is told apart from a dead grant: the library calls it retryable."""
    google.fault(400, path="/token", reason="invalid_request")
    assert exchange(google, grant_type="refresh_token", refresh_token=google.grant([MAIL])["refresh_token"])[0] == 400
    fault = google.fault(503, path="/token")
    assert exchange(google, grant_type="refresh_token")[0] == 503
    assert fault.hits == 1


def test_a_missing_scope_names_itself(google: Server) -> None:
    """A token that does not cover a method gets 403 insufficientPermissions, and none at all a 401."""
    assert refused(api(google, "gmail", "gmail.compose").users().messages().list(userId="me"))[0] == 403
    hand = ByHand(google, [COMPOSE])
    assert hand.reason("/gmail/v1/users/me/messages") == (403, "insufficientPermissions")
    assert "insufficient_scope" in hand.get("/gmail/v1/users/me/messages").headers["WWW-Authenticate"]
    assert ByHand(google).reason("/gmail/v1/users/me/messages") == (401, "required")
