"""Faults, quota, log, clock and size: what other tests rely on."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.google.clients import CALENDAR, ByHand
from tests.google.plugin import check
from tests.google.server import Server

ME = "/gmail/v1/users/me"
EVENTS = "/calendar/v3/calendars/{}/events"
EVENT = {"start": {"date": "2026-02-17"}, "end": {"date": "2026-02-18"}}


@pytest.fixture
def mail(google: Server) -> ByHand:
    return ByHand(google, ["gmail.metadata"])


def own(google: Server, hand: ByHand) -> str:
    """Make a calendar and give the path of its events."""
    return EVENTS.format(hand.post("/calendar/v3/calendars", json={"summary": "Kith"}).json()["id"])


@pytest.mark.parametrize(
    ("what", "made", "words"),
    [
        ("drop before", 0, "RemoteDisconnected"),
        ("drop after", 1, "RemoteDisconnected"),
        ("half body", 1, "IncompleteRead"),
    ],
)
def test_a_cut_connection_did_its_work_or_not(google: Server, what: str, made: int, words: str) -> None:
    """Cut before, nothing happened; cut after, the event is there and the client knows nothing; the log tells both."""
    hand = ByHand(google, CALENDAR)
    path = own(google, hand)
    fault = google.fault(what, method="calendar.events.insert")
    with pytest.raises(requests.RequestException, match=words):
        hand.post(path, json={"id": "kr0000", **EVENT})
    assert len(hand.get(path).json()["items"]) == made
    assert fault.hits == 1
    assert [(one.status, one.fault) for one in google.requests("calendar.events.insert")] == [(0, what)]


def test_a_reset_is_a_reset(google: Server, mail: ByHand) -> None:
    """With reset=True the connection ends with a RST."""
    google.fault("drop before", reset=True)
    with pytest.raises(requests.ConnectionError, match=r"reset|aborted"):
        mail.get(f"{ME}/profile")


def test_a_slow_answer_happened(google: Server) -> None:
    """The client gives up, the event is there, and other requests are not held up meanwhile."""
    hand = ByHand(google, CALENDAR)
    path = own(google, hand)
    google.fault("slow", method="calendar.events.insert", seconds=5)
    with pytest.raises(requests.Timeout):
        hand.post(path, json=EVENT, timeout=0.05)
    assert len(hand.get(path).json()["items"]) == 1


@pytest.mark.parametrize(
    ("reason", "domain"),
    [
        ("rateLimitExceeded", "usageLimits"),
        ("userRateLimitExceeded", "usageLimits"),
        ("quotaExceeded", "usageLimits"),
        ("dailyLimitExceeded", "usageLimits"),
        ("accessNotConfigured", "usageLimits"),
        ("forbidden", "global"),
        ("insufficientPermissions", "global"),
    ],
)
def test_every_403(mail: ByHand, reason: str, domain: str) -> None:
    """Each reason of a 403 in Google's shape."""
    mail.server.fault(403, reason=reason)
    error = mail.get(f"{ME}/profile").json()["error"]
    assert (error["code"], error["errors"][0]["reason"], error["errors"][0]["domain"]) == (403, reason, domain)


def test_statuses_with_retry_after_and_effect(google: Server) -> None:
    """429 says when to come back, in seconds or as a date; a 503 can have done its work all the same."""
    hand = ByHand(google, CALENDAR)
    path = own(google, hand)
    google.fault(429, retry_after=30)
    google.fault(429, retry_after=datetime(2026, 2, 12, 9, tzinfo=UTC), nth=2)
    assert hand.get(path).headers["Retry-After"] == "30"
    assert hand.get(path).headers["Retry-After"] == "Thu, 12 Feb 2026 09:00:00 GMT"
    google.fault(503, method="calendar.events.insert", effect=True)
    assert hand.post(path, json=EVENT).status_code == 503
    assert len(hand.get(path).json()["items"]) == 1


def test_strange_bodies(google: Server, mail: ByHand) -> None:
    """HTML with 200 or 503, a huge body, and a redirect to somewhere else."""
    google.fault("not json")
    google.fault("not json", nth=2, status=503)
    google.fault("huge", nth=3, size=1 << 20)
    google.fault("redirect", nth=4, location="https://evil.example/")
    answers = [mail.get(f"{ME}/profile") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 503, 200, 302]
    assert answers[0].text.startswith("<!DOCTYPE html>")
    assert len(answers[2].content) > 1 << 20
    assert answers[3].headers["Location"] == "https://evil.example/"


def test_tokens_can_die_in_the_middle(google: Server, mail: ByHand) -> None:
    """An access token that expires under way is a 401 from then on; a revoked grant cannot be refreshed either."""
    google.fault("expire", nth=2)
    statuses = [mail.get(f"{ME}/profile").status_code for _ in range(3)]
    assert statuses == [200, 401, 401]
    token = google.grant(["gmail.metadata"])
    grant = google.find_grant(token)
    held = google.oauth.token(grant, google.now)
    google.fault("revoke", nth=1)
    assert ByHand(google).get(f"{ME}/profile", headers={"Authorization": f"Bearer {held}"}).status_code == 401
    assert not grant.alive


def test_the_nth_match_is_hit_and_calm_ends_it(google: Server, mail: ByHand) -> None:
    """nth and times count matching requests only; times=None is for ever, until calm."""
    google.fault(500, path="*/profile", nth=2, times=2)
    mail.get(f"{ME}/messages")
    assert [mail.get(f"{ME}/profile").status_code for _ in range(4)] == [200, 500, 500, 200]
    google.fault(503, verb="GET", times=None)
    assert [mail.get(f"{ME}/profile").status_code for _ in range(3)] == [503] * 3
    google.calm()
    assert mail.get(f"{ME}/profile").status_code == 200
    with pytest.raises(ValueError, match="no such fault"):
        google.fault("explode")


def test_random_faults_are_the_same_for_a_seed(google: Server, mail: ByHand) -> None:
    """The same seed gives the same troubles."""

    def run() -> list[int]:
        google.random_faults(7, 0.5, (500, 503, 429), method="gmail.*")
        return [mail.get(f"{ME}/profile").status_code for _ in range(12)]

    first = run()
    assert run() == first
    assert len(set(first) - {200}) > 1


def test_idle_connections_can_be_closed(google: Server, mail: ByHand) -> None:
    """After hang_up a client with a kept connection comes back on a new one; nothing is done twice."""
    mail.get(f"{ME}/profile")
    google.hang_up()
    assert mail.get(f"{ME}/profile").status_code == 200
    assert len(google.requests()) == 2


def test_units_are_counted_and_enforced(google: Server, mail: ByHand) -> None:
    """Gmail's units by method; over the limit a 429 says when the minute frees enough, by the server's clock."""
    sent = google.user.send_mail("ada@lovelace.example")
    path = f"{ME}/messages/{sent.id}?format=metadata"
    google.enforce_quota(gmail=60)
    assert [mail.get(path).status_code for _ in range(3)] == [200] * 3
    over = mail.get(path)
    assert (over.status_code, over.headers["Retry-After"]) == (429, "60")
    google.advance(timedelta(seconds=60))
    assert mail.get(path).status_code == 200
    google.enforce_quota(gmail=1, status=403)
    assert mail.reason(path) == (403, "rateLimitExceeded")
    mail.get(f"{ME}/profile")
    assert google.units == {"gmail.users.messages.get": 80}
    assert google.account().units.total() == 80
    assert google.requests("gmail.users.messages.get")[0].units == 20


def test_the_log_tells_every_request(google: Server, mail: ByHand) -> None:
    """Verb, path, query, method, status, account and time; refused and unknown ones too."""
    mail.get(f"{ME}/messages", params={"labelIds": ["SENT", "INBOX"]})
    mail.get("/nowhere")
    first, second = google.log
    assert (first.verb, first.method, first.status, first.units) == ("GET", "gmail.users.messages.list", 200, 5)
    assert first.query == (("labelIds", "SENT"), ("labelIds", "INBOX"))
    assert (first.account, first.at) == ("clara@winter.example", google.now)
    assert (second.path, second.method, second.status) == ("/nowhere", "", 404)
    assert google.sent_paths() == []


def test_accounts_are_apart(google: Server) -> None:
    """A second account has a mailbox and a calendar of its own, and its tokens reach nothing else."""
    google.user.send_mail("ada@lovelace.example")
    other = google.user_of("max@moser.example")
    other.add_event("His")
    hand = ByHand(google)
    hand.headers["Authorization"] = (
        f"Bearer {google.access_token(['gmail.metadata', 'calendar.readonly'], 'max@moser.example')}"
    )
    assert "messages" not in hand.get(f"{ME}/messages").json()
    assert [one["summary"] for one in hand.get(EVENTS.format("primary")).json()["items"]] == ["His"]
    assert google.log[-1].account == "max@moser.example"


def test_the_same_history_gives_the_same_ids() -> None:
    """Ids, tokens and etags are the same in every run."""

    def story() -> list[str]:
        with Server() as server:
            made = [server.user.send_mail("a@b.example").id, server.user.add_event("x").data["etag"]]
            return [*made, server.grant(["tasks"])["refresh_token"], server.user.add_calendar("y").id]

    assert story() == story()


def test_a_server_is_cheap(google: Server) -> None:
    """A server of one's own costs a few milliseconds, and leaves nothing open."""
    begun = time.perf_counter()
    for _ in range(10):
        with Server() as server:
            ByHand(server).get("/")
    assert time.perf_counter() - begun < 0.6


def test_a_long_life_is_loaded_fast(google: Server) -> None:
    """20,000 mails and 10,000 events are there in a moment, paged newest first, and read fast."""
    begun = time.perf_counter()
    assert google.load_mails(20_000) == 20_000
    assert google.load_events(10_000) == 10_000
    hand = ByHand(google, ["gmail.metadata", "calendar.readonly"])
    page = hand.get(f"{ME}/messages?labelIds=SENT&maxResults=500").json()
    assert len(page["messages"]) == 500
    newest = hand.get(f"{ME}/messages/{page['messages'][0]['id']}?format=metadata").json()
    assert int(newest["internalDate"]) == int((google.now - timedelta(hours=1)).timestamp() * 1000)
    assert len(hand.get(f"{EVENTS.format('primary')}?maxResults=2500").json()["items"]) == 2500
    assert time.perf_counter() - begun < 5


def test_nonsense_on_the_wire_is_answered(google: Server) -> None:
    """What is no HTTP gets a 400 and the connection is closed; the server goes on."""
    import socket

    for bad in (b"hello\r\n\r\n", b"GET / FTP/1.0\r\n\r\n", b"\x00\xff\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", int(google.url.rpartition(":")[2])), timeout=2) as line:
            line.sendall(bad)
            assert line.recv(65536).startswith(b"HTTP/1.1 400 ")
    with socket.create_connection(("127.0.0.1", int(google.url.rpartition(":")[2])), timeout=2) as line:
        line.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert b"".join(iter(lambda: line.recv(65536), b"")).startswith(b"HTTP/1.1 404 ")
    assert ByHand(google).get("/").status_code == 404


def test_the_guard_of_the_whole_run_sees_a_violation(google: Server) -> None:
    """The session guard fails as soon as any stand-in was asked to send."""
    check()
    before = len(Server.violations)
    ByHand(google).post(f"{ME}/messages/send")
    with pytest.raises(AssertionError, match="would have sent"):
        check()
    del Server.violations[before:]
