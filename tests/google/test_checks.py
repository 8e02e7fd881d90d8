"""Strictness: what the discovery documents do not know is refused, and ``fields`` really cuts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.google import discovery, masks
from tests.google.answers import Refused
from tests.google.clients import ByHand, api
from tests.google.server import Server

SCOPES = ("gmail.readonly", "gmail.compose", "calendar", "tasks")
ME, PRIMARY = "/gmail/v1/users/me", "/calendar/v3/calendars/primary"


@pytest.mark.parametrize(
    "path",
    [
        f"{ME}/messages?nonsense=1",
        f"{ME}/messages?maxResults=many",
        f"{ME}/messages?maxResults=0",
        f"{ME}/messages?maxResults=501",
        f"{ME}/messages?maxResults=1&maxResults=2",
        f"{ME}/messages?includeSpamTrash=yes",
        f"{ME}/messages?userId=me",
        f"{ME}/messages?fields=messages(id",
        f"{ME}/messages?fields=messages/nonsense",
        f"{ME}/messages?fields=",
        f"{ME}/messages?alt=proto",
        f"{ME}/messages/19a?format=headers",
        f"{ME}/history?startHistoryId=abc",
        f"{ME}/history",
        f"{ME}/history?startHistoryId=1&historyTypes=sent",
        f"{PRIMARY}/events?maxResults=2501",
        f"{PRIMARY}/events?eventTypes=party",
        f"{PRIMARY}/events?orderBy=title",
        f"{PRIMARY}/events?timeMin=today",
        f"{PRIMARY}/events?timeMin=2026-02-17T08:00:00",
        f"{PRIMARY}/events?maxAttendees=0",
        f"{PRIMARY}/events?privateExtendedProperty=kith",
        "/tasks/v1/lists/@default/tasks?maxResults=101",
    ],
)
def test_a_bad_parameter_is_a_400(google: Server, path: str) -> None:
    """Unknown, mistyped, out of range, repeated or misplaced parameters and masks are refused."""
    google.user.add_event("one")
    assert ByHand(google, SCOPES).get(path).status_code == 400


def test_bad_bodies_are_a_400(google: Server) -> None:
    """No JSON, another content type, a body where none belongs."""
    hand = ByHand(google, SCOPES)
    path = "/calendar/v3/calendars"
    assert hand.reason(path, "POST", data=b"{", headers={"Content-Type": "application/json"}) == (400, "parseError")
    assert hand.post(path, data=b"{}", headers={"Content-Type": "text/plain"}).status_code == 400
    assert hand.post(path, json=[]).status_code == 400
    assert hand.request("GET", f"{ME}/profile", json={}).status_code == 400


def test_errors_have_googles_shape(google: Server) -> None:
    """Gmail's errors carry code, message, status and errors; Calendar's have no status; unknown paths are pages."""
    hand = ByHand(google, SCOPES)
    error = hand.get(f"{ME}/messages/19a").json()["error"]
    assert (error["code"], error["status"], error["errors"][0]["domain"]) == (404, "NOT_FOUND", "global")
    error = hand.get(f"{PRIMARY}/events/nothing").json()["error"]
    assert error == {
        "code": 404,
        "message": "Not Found",
        "errors": [{"message": "Not Found", "domain": "global", "reason": "notFound"}],
    }
    for path in ("/", "/gmail/v1/users/me", "/calendar/v3/calendars/primary/events/", "/calendars/primary/events"):
        answer = hand.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=UTF-8")
    assert hand.put(f"{ME}/profile").status_code == 404


def test_every_method_of_the_documents_is_known(google: Server) -> None:
    """Whatever the library can call, the stand-in knows: it plays it, refuses it, or says that it does not play it."""
    hand = ByHand(google, discovery.scopes())
    before = len(Server.violations)
    seen = {}
    for name in discovery.SERVICES:
        for method in discovery.methods(name):
            path = "/" + discovery.document(name)["servicePath"] + method["path"]
            for parameter in method.get("parameters", {}):
                path = path.replace("{" + parameter + "}", "me" if parameter == "userId" else "nothing0")
            seen[method["id"]] = hand.request(method["httpMethod"], path).status_code
    assert [name for name, status in seen.items() if status not in {200, 204, 400, 403, 404, 501}] == []
    unknown = {entry.path for entry in google.log if not entry.method}
    assert all(":" in path or "cse" in path or "smimeInfo" in path for path in unknown), unknown
    sending = {entry.method for entry in google.log if entry.sends}
    assert {"gmail.users.messages.send", "gmail.users.drafts.send", "calendar.acl.insert"} <= sending
    assert {seen[name] for name in sending} <= {400, 403, 404}
    del Server.violations[before:]


def test_a_long_get_that_came_as_a_post(google: Server) -> None:
    """googleapiclient turns a GET of more than 2,048 letters into a POST; it is read as what it was."""
    google.user.add_event("one")
    pairs = [f"k{number}=" + "x" * 60 for number in range(50)]
    service = api(google, "calendar", "calendar.readonly")
    assert service.events().list(calendarId="primary", privateExtendedProperty=pairs).execute()["items"] == []
    entry = google.requests("calendar.events.list")[-1]
    assert (entry.verb, len(entry.query)) == ("GET", 51)


def test_fields_cut_the_answer(google: Server) -> None:
    """A mask with commas, slashes and brackets gives exactly what it names."""
    for name in ("one", "two"):
        google.user.add_event(name, attendees=["ada@lovelace.example"])
    events = api(google, "calendar", "calendar.readonly").events()
    found = events.list(
        calendarId="primary", maxResults=1, fields="nextPageToken,items(id,attendees/email,start(dateTime))"
    ).execute()
    assert set(found) == {"nextPageToken", "items"}
    (one,) = found["items"]
    assert set(one) == {"id", "attendees", "start"}
    assert one["attendees"][1] == {"email": "ada@lovelace.example"}
    assert set(one["start"]) == {"dateTime"}
    assert events.list(calendarId="primary", fields="items/organizer/*").execute()["items"][0]["organizer"]["self"]
    assert "nextSyncToken" not in events.list(calendarId="primary", fields="items/id").execute()


NAMES = st.sampled_from(["a", "b", "c", "d"])
MASKS = st.recursive(
    st.dictionaries(NAMES, st.just({}), min_size=1, max_size=3),
    lambda below: st.dictionaries(NAMES, st.one_of(st.just({}), below), min_size=1, max_size=3),
    max_leaves=6,
)
VALUES = st.recursive(
    st.integers(),
    lambda below: st.one_of(st.lists(below, max_size=2), st.dictionaries(NAMES, below, max_size=3)),
    max_leaves=10,
)


def written(mask: dict[str, Any]) -> str:
    """Write a mask with brackets, and with a slash where it is a single path."""
    parts = []
    for name, below in mask.items():
        inner = written(below)
        parts.append(name if not below else f"{name}/{inner}" if len(below) == 1 else f"{name}({inner})")
    return ",".join(parts)


@given(MASKS, VALUES)
def test_a_mask_survives_its_grammar_and_cuts_once(mask: dict[str, Any], value: Any) -> None:
    """Parsing gives back what was written, and what is cut once is not changed by cutting again."""
    parsed = masks.parse(written(mask))
    assert parsed == mask
    once = masks.apply(parsed, value)
    assert masks.apply(parsed, once) == once


@given(st.text(alphabet="ab,/()* ", max_size=12))
def test_any_text_is_a_mask_or_refused(text: str) -> None:
    """No text makes the parser fail in another way than a 400."""
    status = 200
    try:
        masks.parse(text)
    except Refused as refused:
        status = refused.status
    assert status in {200, 400}


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 99),
    st.sampled_from(
        [
            "",
            "x",
            "2026-02-17",
            "2026-02-17T08:00:00Z",
            "2026-02-17T08:00:00",
            "Europe/Berlin",
            "RRULE:FREQ=DAILY",
            "RRULE:",
            "\x00",
        ]
    ),
)
FIELDS = st.sampled_from(
    ["id", "summary", "start", "end", "date", "dateTime", "timeZone", "recurrence", "reminders", "overrides", "minutes"]
)
MORE = st.sampled_from(
    [
        "useDefault",
        "source",
        "url",
        "status",
        "extendedProperties",
        "private",
        "attendees",
        "email",
        "message",
        "raw",
        "threadId",
        "due",
    ]
)
BODIES = st.recursive(
    JUNK,
    lambda below: st.one_of(st.lists(below, max_size=2), st.dictionaries(FIELDS | MORE, below, max_size=4)),
    max_leaves=8,
)


@given(st.lists(BODIES, min_size=1, max_size=4))
def test_no_body_breaks_the_server(bodies: list[Any]) -> None:
    """Whatever JSON comes, in any method that writes, the answer is a refusal in words or a success."""
    times = {"start": {"date": "2026-02-17"}, "end": {"date": "2026-02-18"}}
    before = len(Server.violations)
    with Server() as server:
        hand = ByHand(server, SCOPES)
        server.user.add_event("one", id="one00")
        paths = [("POST", f"{PRIMARY}/events"), ("PATCH", f"{PRIMARY}/events/one00"), ("POST", f"{ME}/drafts")]
        for body in bodies:
            whole = times | body if isinstance(body, dict) else body
            for verb, path in [*paths, ("POST", "/tasks/v1/lists/@default/tasks"), ("POST", "/calendar/v3/calendars")]:
                for sent in (body, whole):
                    assert hand.request(verb, path, json=sent).status_code in {200, 400, 403, 409, 410}
        assert hand.get(f"{PRIMARY}/events?singleEvents=true&timeMax=2026-04-01T00:00:00Z").status_code == 200
        hand.close()
    del Server.violations[before:]
