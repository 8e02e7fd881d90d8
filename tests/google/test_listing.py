"""Listing events: windows, filters, pages, sync tokens, and what is told of the deleted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.google.clients import CALENDAR, api, refused
from tests.google.server import Server

DAY = datetime(2026, 2, 17, 8, tzinfo=UTC)


def calendar(google: Server, *scopes: str) -> Any:
    """Give the calendar service; the daemon's own scopes unless told."""
    return api(google, "calendar", *(scopes or CALENDAR))


def names(listed: dict[str, Any]) -> list[str]:
    """Give the titles of a listing."""
    return [one.get("summary", one["id"]) for one in listed["items"]]


def test_the_window_is_open_at_both_ends(google: Server) -> None:
    """timeMin bounds the end, timeMax the start, both exclusive; days begin at midnight of the calendar's zone."""
    google.user.add_event("before", DAY - timedelta(hours=1), DAY)
    google.user.add_event("across", DAY - timedelta(hours=1), DAY + timedelta(seconds=1))
    google.user.add_event("last", DAY + timedelta(hours=1), DAY + timedelta(hours=2))
    google.user.add_event("after", DAY + timedelta(hours=2), DAY + timedelta(hours=3))
    google.user.add_event("day", date(2026, 2, 17))
    service = calendar(google)
    edge = {"timeMin": "2026-02-17T08:00:00Z", "timeMax": "2026-02-17T10:00:00Z"}
    found = service.events().list(calendarId="primary", singleEvents=True, orderBy="startTime", **edge).execute()
    assert names(found) == ["day", "across", "last"]
    midnight = service.events().list(calendarId="primary", timeMin="2026-02-17T23:00:00Z").execute()
    assert names(midnight) == []
    assert (
        refused(service.events().list(calendarId="primary", timeMin=edge["timeMax"], timeMax=edge["timeMin"]))[0] == 400
    )
    assert refused(service.events().list(calendarId="primary", timeMin="2026-02-17T08:00:00"))[0] == 400
    assert refused(service.events().list(calendarId="primary", orderBy="startTime"))[0] == 400


def test_filters_and_views(google: Server) -> None:
    """Private properties must all match, event types are alternatives, maxAttendees cuts, timeZone turns times."""
    service = calendar(google)
    google.user.add_event(
        "ours", DAY, attendees=["a@b.example", "c@b.example"], extendedProperties={"private": {"k": "1", "l": "2"}}
    )
    google.user.add_event("focus", DAY, eventType="focusTime")
    google.user.add_birthday("Ada", date(2020, 12, 10), "people/c7")
    listing = service.events()
    both = listing.list(calendarId="primary", privateExtendedProperty=["k=1", "l=2"])
    assert names(both.execute()) == ["ours"]
    assert names(listing.list(calendarId="primary", privateExtendedProperty=["k=1", "l=3"]).execute()) == []
    birthday = listing.list(calendarId="primary", eventTypes=["birthday"]).execute()["items"][0]
    assert birthday["birthdayProperties"] == {"contact": "people/c7", "type": "birthday"}
    assert set(names(listing.list(calendarId="primary", eventTypes=["birthday", "focusTime"]).execute())) == {
        "focus",
        "Ada's birthday",
    }
    cut = listing.list(calendarId="primary", q="ours", maxAttendees=2, timeZone="America/New_York").execute()["items"][
        0
    ]
    assert cut["attendeesOmitted"]
    assert [one.get("self") for one in cut["attendees"]] == [True]
    assert cut["start"]["dateTime"] == "2026-02-17T03:00:00-05:00"
    assert refused(listing.list(calendarId="primary", timeZone="Nowhere"))[0] == 400


def test_pages_hold_still_and_only_the_last_brings_a_token(google: Server) -> None:
    """A listing is fixed when it begins; nextSyncToken stands on its last page."""
    for hour in range(5):
        google.user.add_event(f"e{hour}", DAY + timedelta(hours=hour))
    service = calendar(google)
    request = service.events().list(calendarId="primary", maxResults=2)
    pages = []
    while request is not None:
        pages.append(request.execute())
        google.user.add_event("late", DAY)
        request = service.events().list_next(request, pages[-1])
    assert sorted(name for page in pages for name in names(page)) == ["e0", "e1", "e2", "e3", "e4"]
    assert ["nextSyncToken" in page for page in pages] == [False, False, True]
    token = pages[0]["nextPageToken"]
    assert refused(service.events().list(calendarId="primary", maxResults=3, pageToken=token))[0] == 400


def test_a_sync_token_tells_changes_only(google: Server) -> None:
    """After a token: what changed, what came, and the deleted as bare tombstones; nothing when nothing happened."""
    keep, move, drop = (google.user.add_event(name, DAY).data["id"] for name in ("keep", "move", "drop"))
    service = calendar(google)
    first = service.events().list(calendarId="primary", timeMin="2026-01-01T00:00:00Z").execute()["nextSyncToken"]
    idle = service.events().list(calendarId="primary", syncToken=first).execute()
    assert idle["items"] == []
    google.user.move_event(move, DAY + timedelta(days=1))
    google.user.delete_event(drop)
    google.user.add_event("far", datetime(2001, 1, 1, tzinfo=UTC))
    found = {
        one["id"]: one
        for one in service.events().list(calendarId="primary", syncToken=idle["nextSyncToken"]).execute()["items"]
    }
    assert keep not in found
    assert found[move]["start"]["dateTime"] == "2026-02-18T09:00:00+01:00"
    assert set(found[drop]) == {"kind", "etag", "id", "status"}
    assert len(found) == 3


def test_sync_tells_every_deletion_whatever_the_types(google: Server) -> None:
    """eventTypes filters what changed, but a deleted event of another type is told all the same."""
    focus, other = (google.user.add_event("f", DAY, eventType="focusTime").data["id"] for _ in range(2))
    service = calendar(google)
    about = {"calendarId": "primary", "eventTypes": ["default"]}
    token = service.events().list(**about).execute()["nextSyncToken"]
    google.user.rename_event(focus, "g")
    google.user.delete_event(other)
    assert [one["id"] for one in service.events().list(**about, syncToken=token).execute()["items"]] == [other]


def test_a_sync_token_goes_with_nothing_and_expires(google: Server) -> None:
    """Filters beside a token are a 400; an old, a forgotten and a strange one are a 410 fullSyncRequired."""
    service = calendar(google)
    token = service.events().list(calendarId="primary").execute()["nextSyncToken"]
    for name, value in {
        "timeMin": "2026-01-01T00:00:00Z",
        "orderBy": "updated",
        "q": "x",
        "showDeleted": False,
    }.items():
        assert refused(service.events().list(calendarId="primary", syncToken=token, **{name: value}))[0] == 400
    assert refused(service.events().list(calendarId="primary", syncToken=token, singleEvents=True))[0] == 400
    gone = (410, "fullSyncRequired")
    assert refused(service.events().list(calendarId="primary", syncToken="strange")) == gone
    google.expire_sync_tokens()
    assert refused(service.events().list(calendarId="primary", syncToken=token)) == gone
    fresh = service.events().list(calendarId="primary").execute()["nextSyncToken"]
    google.advance(timedelta(days=30))
    assert refused(service.events().list(calendarId="primary", syncToken=fresh)) == gone


def test_updated_min_tells_deletions_and_reaches_back_four_weeks(google: Server) -> None:
    """updatedMin gives what changed since, the deleted too; too far back it is a 410."""
    service = calendar(google)
    google.user.add_event("old", DAY)
    gone = google.user.add_event("gone", DAY).data["id"]
    google.advance(timedelta(days=1))
    google.user.delete_event(gone)
    late = service.events().list(calendarId="primary", updatedMin="2026-02-13T00:00:00Z").execute()
    assert [(one["id"], one["status"]) for one in late["items"]] == [(gone, "cancelled")]
    assert "nextSyncToken" not in late
    assert refused(service.events().list(calendarId="primary", updatedMin="2026-01-01T00:00:00Z")) == (
        410,
        "updatedMinTooLongAgo",
    )
