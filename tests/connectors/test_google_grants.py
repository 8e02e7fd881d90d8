"""Do the logins keep their promises: private files, refreshed once, never hammered, never shown to strangers?"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors._google.endpoints import Endpoints, read_endpoints
from connectors._google.grants import Grant
from connectors._google.meter import Meter
from connectors._google.wire import Wires
from connectors.records import NeedsLogin, Unavailable
from tests.connectors.small_server import Small, answer, drop, error
from tests.connectors.wired import NOW, Time, inserting, listing, log_in, small, time, wires

__all__ = ["small", "time", "wires"]


def test_a_dead_access_token_is_renewed_once(wires: Wires, small: Small) -> None:
    """401 once: one more token, the request again, also a write, for the first had no effect."""
    small.replies = [answer({}), error(401), answer({"id": "a"})]
    wires.calendar.read(listing(wires))
    assert wires.calendar.write(inserting(wires)) == {"id": "a"}
    assert small.of_tokens() == 2
    small.replies = [error(401), error(401)]
    with pytest.raises(NeedsLogin) as caught:
        wires.calendar.read(listing(wires))
    assert caught.value.remedy == "kith login home"
    assert small.of_tokens() == 3


def test_an_access_token_ends_by_the_clock(wires: Wires, small: Small, time: Time) -> None:
    """After 56 minutes of an hour a new access token is had, before the old one fails."""
    wires.calendar.read(listing(wires))
    time.at += timedelta(minutes=55)
    wires.calendar.read(listing(wires))
    assert small.of_tokens() == 1
    time.at += timedelta(minutes=2)
    wires.calendar.read(listing(wires))
    assert small.of_tokens() == 2


def test_a_refused_login_is_not_hammered(wires: Wires, small: Small, tmp_path: Path, time: Time) -> None:
    """invalid_grant is told with its remedy and asked no more, by no process, until the token file changes."""
    small.token = lambda: answer({"error": "invalid_grant", "error_description": "clara@winter.example"}, 400)
    for _ in range(3):
        with pytest.raises(NeedsLogin, match="has ended the login") as caught:
            wires.calendar.read(listing(wires))
        assert caught.value.remedy == "kith login home"
    again = Wires(state=tmp_path, name="home", endpoints=wires.endpoints, meter=Meter(None, 0, "UTC", time.clock()))
    with pytest.raises(NeedsLogin):
        again.calendar.read(listing(again))
    assert (small.of_tokens(), small.paths("/v3")) == (1, [])
    small.token = lambda: answer({"access_token": "new", "expires_in": 3600})
    assert wires.mail.read(wires.mail.resource("users").getProfile(userId="me")) == {}
    log_in(tmp_path, "calendar", "another")
    assert wires.calendar.read(listing(wires)) == {}
    again.close()


def test_a_new_login_holds_at_once(wires: Wires, small: Small, tmp_path: Path) -> None:
    """A token file that is replaced while the old access token would still do is used from the next request on."""
    wires.calendar.read(listing(wires))
    small.token = lambda: answer({"access_token": "another", "expires_in": 3600})
    wires.calendar.read(listing(wires))
    assert small.seen[-1].headers["authorization"] == "Bearer at"
    log_in(tmp_path, "calendar", "another")
    wires.calendar.read(listing(wires))
    assert small.seen[-1].headers["authorization"] == "Bearer another"


REFUSALS = [
    ("invalid_client", "OAuth client"),
    ("deleted_client", "deleted"),
    ("org_internal", "organisation"),
    ("admin_policy_enforced", "administrator"),
]


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(("code", "words"), REFUSALS)
def test_each_refusal_has_its_words(wires: Wires, small: Small, status: int, code: str, words: str) -> None:
    """The causes that differ in what mends them are told apart, whatever the status."""
    small.token = lambda: answer({"error": code}, status)
    with pytest.raises(NeedsLogin, match=words):
        wires.calendar.read(listing(wires))


def test_an_unknown_refusal_is_not_repeated(wires: Wires, small: Small) -> None:
    """What Google writes in a word's place could be anybody's name: it is neither shown nor kept."""
    small.token = lambda: answer({"error": "clara@winter.example"}, 400)
    with pytest.raises(NeedsLogin, match="refuses the login") as caught:
        wires.calendar.read(listing(wires))
    assert "winter" not in str(caught.value)
    assert wires.calendar.grant.refusal() == "refused"


@pytest.mark.parametrize(
    "reply",
    [
        error(503),
        drop,
        answer(b"<html>"),
        answer({}),
        answer({"access_token": 7}),
        error(403, "rateLimitExceeded"),
        answer({"error": "rate_limit_exceeded"}, 403),
        answer({"error": "something_new"}, 403),
        answer({"error": "temporarily_unavailable"}, 400),
        answer(b"<html>", 403),
        error(429, "rateLimitExceeded"),
    ],
)
def test_a_sick_token_endpoint_is_no_lost_login(wires: Wires, small: Small, time: Time, reply: Any) -> None:
    """5xx, silence, nonsense or a rate limit of the token endpoint: the next tick tries again, nobody has to log in."""
    small.token = lambda: reply
    with pytest.raises(Unavailable):
        wires.calendar.read(listing(wires))
    assert wires.calendar.grant.refusal() == ""
    small.token = lambda: answer({"access_token": "at"})
    time.at += timedelta(minutes=15)
    assert wires.calendar.read(listing(wires)) == {}


def test_a_token_endpoint_that_asks_for_peace_is_left_alone(wires: Wires, small: Small, time: Time) -> None:
    """Its Retry-After is honoured as that of any service: nothing is asked before, and the write was not sent."""
    small.token = lambda: error(429, "", Retry_After="600")
    for call in (lambda: wires.calendar.write(inserting(wires)), lambda: wires.calendar.read(listing(wires))):
        with pytest.raises(Unavailable):
            call()
    assert (small.of_tokens(), small.paths("/v3")) == (1, [])
    small.token = lambda: answer({"access_token": "at"})
    time.at += timedelta(seconds=601)
    assert wires.calendar.read(listing(wires)) == {}


def test_a_rotated_refresh_token_is_kept_before_it_is_used(wires: Wires, small: Small, tmp_path: Path) -> None:
    """When the request that follows fails, the new refresh token is on the disk already; the birth date stays."""
    small.token = lambda: answer({"access_token": "at", "refresh_token": "fresh"})
    small.replies = [drop] * 3
    with pytest.raises(Unavailable):
        wires.calendar.read(listing(wires))
    grant = Grant(tmp_path, "home", "calendar")
    assert (grant.token().refresh_token, grant.life().born) == ("fresh", NOW)
    assert grant.path.stat().st_mode & 0o777 == 0o600
    assert grant.folder.stat().st_mode & 0o777 == 0o700


def test_a_login_is_written_whole_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut while the token file is replaced leaves the login that was there before."""
    grant, real = log_in(tmp_path, "mail", "old"), os.replace
    before = grant.token()

    def replaced(source: Any, target: Any, **more: Any) -> None:
        if str(target).endswith("home.mail.json"):
            raise OSError(5, "the power is off")
        real(source, target, **more)

    monkeypatch.setattr(os, "replace", replaced)
    with pytest.raises(OSError, match="power"):
        log_in(tmp_path, "mail", "new")
    assert grant.token() == before
    assert grant.path.stat().st_mode & 0o777 == 0o600


def test_no_token_file(small: Small, tmp_path: Path) -> None:
    """Without a login nothing is sent; the remedy is the login."""
    wires = Wires(state=tmp_path, name="home", endpoints=read_endpoints(small.url), meter=Meter(None, 0))
    with pytest.raises(NeedsLogin) as caught:
        wires.calendar.read(listing(wires))
    assert (caught.value.remedy, small.seen) == ("kith login home", [])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"refresh_token": 7, "client_id": "a"}', "[" * 50_000, "\0"])
def test_a_damaged_token_file(wires: Wires, small: Small, tmp_path: Path, text: str) -> None:
    """A token file that is no token asks for a new login, whatever it holds."""
    Grant(tmp_path, "home", "calendar").path.write_text(text)
    with pytest.raises(NeedsLogin, match="damaged"):
        wires.calendar.read(listing(wires))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_token_that_others_can_read_is_not_used(wires: Wires, small: Small, tmp_path: Path, mode: int) -> None:
    """It is refused with the command that mends it, and used again after that."""
    path = Grant(tmp_path, "home", "calendar").path
    path.chmod(mode)
    with pytest.raises(NeedsLogin, match="read by others") as caught:
        wires.calendar.read(listing(wires))
    assert (caught.value.remedy, small.seen) == (f"chmod 600 {path}", [])
    path.chmod(0o600)
    assert wires.calendar.read(listing(wires)) == {}


@pytest.mark.parametrize("uri", ["http://tokens.example/token", "ftp://127.0.0.1/", "https://u:p@x.example/", "/token"])
def test_a_token_is_not_shown_to_strangers(tmp_path: Path, small: Small, uri: str) -> None:
    """Without an endpoint the token file's own address is asked, if it is https or this machine (U15)."""
    log_in(tmp_path, "calendar", token_uri=uri)
    endpoints = Endpoints(calendar=f"{small.url}/")
    wires = Wires(state=tmp_path, name="home", endpoints=endpoints, meter=Meter(None, 0))
    with pytest.raises(NeedsLogin, match="token endpoint"):
        wires.calendar.read(listing(wires))
    log_in(tmp_path, "calendar", token_uri=f"{small.url}/token")
    assert wires.calendar.read(listing(wires)) == {}
    wires.close()


def test_the_endpoint_wins_over_the_token_file(wires: Wires, small: Small, tmp_path: Path) -> None:
    """With an endpoint, the address in the token file is not asked."""
    uri = "http://127.0.0.1:1/token"
    log_in(tmp_path, "calendar", token_uri=uri)
    assert wires.calendar.read(listing(wires)) == {}
    assert small.of_tokens() == 1


def test_no_secret_is_shown(tmp_path: Path) -> None:
    """The representation of a token holds none of its secrets."""
    token = replace(log_in(tmp_path, "mail", "rt-canary").token(), client_id="id-canary")
    assert "canary" not in f"{token!r} {token}"
