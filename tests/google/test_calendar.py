"""Calendars and single events: what may be written, what is told, and how changes are found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.google.clients import CALENDAR, ByHand, api, refused
from tests.google.server import Server

DAY = datetime(2026, 2, 17, 8, tzinfo=UTC)
IDENT = "krabc0123456789vvv"


def calendar(google: Server, *scopes: str) -> Any:
    """Give the calendar service; the daemon's own scopes unless told."""
    return api(google, "calendar", *(scopes or CALENDAR))


def own(service: Any, **more: str) -> str:
    """Make a calendar and give its id."""
    body = {"summary": "Kith", "timeZone": "Europe/Berlin", **more}
    made: str = service.calendars().insert(body=body).execute()["id"]
    return made


def event(ident: str = IDENT, **more: Any) -> dict[str, Any]:
    """Give the body of an event."""
    times = {"start": {"dateTime": "2026-02-17T08:00:00Z"}, "end": {"dateTime": "2026-02-17T08:15:00Z"}}
    return {"id": ident, "summary": "Write to Ada", **times, **more}


def names(listed: dict[str, Any]) -> list[str]:
    """Give the titles of a listing."""
    return [one.get("summary", one["id"]) for one in listed["items"]]


def test_an_own_calendar_is_found_again_by_its_marker(google: Server) -> None:
    """calendars.insert makes a calendar with a description that calendarList tells, beside the primary one."""
    service = calendar(google)
    name = own(service, description="marker-1")
    entries = {one["id"]: one for one in service.calendarList().list().execute()["items"]}
    assert entries[name]["description"] == "marker-1"
    assert entries[name]["accessRole"] == "owner"
    assert entries["clara@winter.example"]["primary"]
    assert service.calendars().get(calendarId=name).execute()["timeZone"] == "Europe/Berlin"
    assert refused(service.calendars().insert(body={"description": "x"}))[0] == 400
    assert refused(service.calendars().insert(body={"summary": "x", "timeZone": "Nowhere"}))[0] == 400


def test_app_created_reaches_only_what_the_project_made(google: Server) -> None:
    """Written to may be own calendars only; others are a 404, though they can be read by the other scope."""
    service = calendar(google)
    other = google.user.add_calendar("Family")
    assert refused(service.events().insert(calendarId=other.id, body=event())) == (404, "notFound")
    assert refused(service.events().insert(calendarId="primary", body=event())) == (404, "notFound")
    assert service.events().list(calendarId=other.id).execute()["items"] == []
    alone = calendar(google, "calendar.app.created")
    assert refused(alone.calendarList().list())[0] == 403
    assert refused(alone.events().list(calendarId="primary")) == (404, "notFound")
    assert alone.events().list(calendarId=own(alone)).execute()["items"] == []


def test_a_shared_calendar_is_not_written_and_may_show_no_more_than_times(google: Server) -> None:
    """The role decides: a reader cannot write, freeBusyReader sees times only, events.owned sees own calendars only."""
    shared = google.user.add_calendar("Team", role="reader")
    busy = google.user.add_calendar("Boss", role="freeBusyReader")
    google.user.add_event("Secret", DAY, calendar=busy.id)
    service = calendar(google, "calendar")
    assert refused(service.events().insert(calendarId=shared.id, body=event())) == (403, "requiredAccessLevel")
    assert "summary" not in service.events().list(calendarId=busy.id).execute()["items"][0]
    assert refused(calendar(google, "calendar.events.owned.readonly").events().list(calendarId=shared.id))[0] == 404


def test_the_entry_of_a_calendar_can_be_dressed(google: Server) -> None:
    """calendarList.patch sets colours (with colorRgbFormat) and default reminders of an own calendar."""
    service = calendar(google)
    name = own(service)
    body = {
        "backgroundColor": "#0088aa",
        "foregroundColor": "#ffffff",
        "defaultReminders": [{"method": "popup", "minutes": 0}],
    }
    assert refused(service.calendarList().patch(calendarId=name, body=body))[0] == 400
    done = service.calendarList().patch(calendarId=name, colorRgbFormat=True, body=body).execute()
    assert done["backgroundColor"] == "#0088aa"
    assert service.events().list(calendarId=name).execute()["defaultReminders"] == body["defaultReminders"]


@pytest.mark.parametrize("ident", ["abcd", "w" * 10, "ABCDEF", "kr-1234", "kr_12345", "a" * 1025])
def test_an_id_is_base32hex(google: Server, ident: str) -> None:
    """Ids of 5 to 1024 letters a-v and digits are taken, others are a 400."""
    service = calendar(google)
    assert refused(service.events().insert(calendarId=own(service), body=event(ident)))[0] == 400


def test_an_id_is_taken_for_ever(google: Server) -> None:
    """409 on a live id, on one the client deleted, on one the user deleted, and on one that has vanished."""
    service = calendar(google)
    name = own(service)
    for ident in ("live0", "gone0", "user0", "past0"):
        service.events().insert(calendarId=name, body=event(ident)).execute()
    service.events().delete(calendarId=name, eventId="gone0").execute()
    google.user.delete_event("past0")
    google.user.empty_bin(name)
    google.user.delete_event("user0")
    for ident in ("live0", "gone0", "user0", "past0"):
        assert refused(service.events().insert(calendarId=name, body=event(ident))) == (409, "duplicate")
    states = [service.events().get(calendarId=name, eventId=ident).execute()["status"] for ident in ("live0", "user0")]
    assert states == ["confirmed", "cancelled"]
    assert refused(service.events().get(calendarId=name, eventId="past0")) == (404, "notFound")


@pytest.mark.parametrize(
    "change",
    [
        {"end": None},
        {"start": {"dateTime": "2026-02-17T08:00:00"}},
        {"start": {"dateTime": "2026-02-17"}},
        {"start": {"date": "2026-02-17"}},
        {"start": {"date": "2026-02-17", "dateTime": "2026-02-17T08:00:00Z"}},
        {"start": {"dateTime": "2026-02-18T08:00:00Z"}},
        {"start": {"date": "2026-02-17"}, "end": {"date": "2026-02-17"}},
        {"start": {"dateTime": "2026-02-17T08:00:00Z", "timeZone": "Nowhere/Else"}},
        {"recurrence": ["RRULE:FREQ=DAILY"]},
        {"recurrence": ["DTSTART:20260217"]},
        {"reminders": {"useDefault": True, "overrides": [{"method": "popup", "minutes": 1}]}},
        {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 40321}]}},
        {"reminders": {"useDefault": False, "overrides": [{"method": "sms", "minutes": 1}]}},
        {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 1}] * 6}},
        {"source": {"title": "x", "url": "ftp://a.example"}},
        {"colorId": "12"},
        {"transparency": "glass"},
        {"visibility": "hidden"},
        {"status": "done"},
        {"eventType": "birthday"},
        {"summary": 7},
        {"attendees": [{"displayName": "Ada"}]},
        {"extendedProperties": {"private": {"kith": 1}}},
        {"nonsense": True},
        {"start": {"dateTime": "2026-02-17T08:00:00Z", "zone": "UTC"}},
    ],
)
def test_a_bad_event_is_refused(google: Server, change: dict[str, Any]) -> None:
    """Times, recurrence, reminders, source, choices and types are checked, and nothing is made."""
    service = calendar(google)
    name = own(service)
    before = len(Server.violations)
    assert refused(service.events().insert(calendarId=name, body={**event(), **change}))[0] == 400
    assert google.account().calendars.calendars[name].events == {}
    del Server.violations[before:]


def test_what_was_written_comes_back_as_google_tells_it(google: Server) -> None:
    """Times come in the calendar's zone, and etag, status, organizer, iCalUID and times of change are added."""
    service = calendar(google)
    name = own(service)
    more = {
        "extendedProperties": {"private": {"kith": "1", "k" * 45: "x", "long": "x" * 2000}},
        "etag": "mine",
        "created": "1",
    }
    made = service.events().insert(calendarId=name, body=event(transparency="transparent", **more)).execute()
    assert made["start"] == {"dateTime": "2026-02-17T09:00:00+01:00"}
    assert made["status"] == "confirmed"
    assert made["organizer"]["email"] == name
    assert made["created"] == made["updated"] == "2026-02-12T08:00:00.000Z"
    assert made["etag"] != "mine"
    assert made["extendedProperties"]["private"] == {"kith": "1", "long": "x" * 1024}
    assert service.events().get(calendarId=name, eventId=IDENT).execute() == made


def test_a_null_is_a_field_that_is_not_there(google: Server) -> None:
    """Nulls in a new event, at any depth, are as if left out."""
    service = calendar(google)
    times = {"start": {"date": None, "dateTime": "2026-02-17T08:00:00Z"}, "reminders": None}
    made = service.events().insert(calendarId=own(service), body={**event(), **times, "id": None}).execute()
    assert made["start"] == {"dateTime": "2026-02-17T09:00:00+01:00"}
    assert made["id"]
    assert made["reminders"] == {"useDefault": True}


def test_if_match_guards_against_the_users_edits(google: Server) -> None:
    """Every change gives another etag; a patch, an update and a delete on an old one are 412 and change nothing."""
    service = calendar(google)
    name = own(service)
    old = service.events().insert(calendarId=name, body=event()).execute()["etag"]
    google.user.rename_event(IDENT, "Call Ada")
    for request in (
        service.events().patch(calendarId=name, eventId=IDENT, body={"summary": "x"}),
        service.events().update(calendarId=name, eventId=IDENT, body=event(summary="x")),
        service.events().delete(calendarId=name, eventId=IDENT),
    ):
        request.headers["If-Match"] = old
        assert refused(request) == (412, "conditionNotMet")
    found = service.events().get(calendarId=name, eventId=IDENT).execute()
    assert found["summary"] == "Call Ada"
    good = service.events().patch(calendarId=name, eventId=IDENT, body={"summary": "x"})
    good.headers["If-Match"] = found["etag"]
    assert good.execute()["summary"] == "x"


def test_update_replaces_and_patch_merges(google: Server) -> None:
    """update drops what it leaves out; patch keeps it, null takes away, arrays are replaced."""
    service = calendar(google)
    name = own(service)
    rich = event(description="Why", location="Here", extendedProperties={"private": {"a": "1", "b": "2"}})
    service.events().insert(calendarId=name, body=rich).execute()
    change = {"location": None, "extendedProperties": {"private": {"b": None, "c": "3"}}}
    patched = service.events().patch(calendarId=name, eventId=IDENT, body=change).execute()
    assert patched["extendedProperties"]["private"] == {"a": "1", "c": "3"}
    assert patched["description"] == "Why"
    assert "location" not in patched
    updated = service.events().update(calendarId=name, eventId=IDENT, body=event()).execute()
    assert "description" not in updated
    assert "extendedProperties" not in updated
    assert updated["created"] == patched["created"]
    assert refused(service.events().update(calendarId=name, eventId=IDENT, body={"summary": "x"})) == (400, "required")


def test_reminders_do_not_touch_updated(google: Server) -> None:
    """A change of reminders alone leaves ``updated`` where it was, though not the etag."""
    service = calendar(google)
    name = own(service)
    made = service.events().insert(calendarId=name, body=event()).execute()
    google.advance(timedelta(hours=1))
    body = {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}}
    patched = service.events().patch(calendarId=name, eventId=IDENT, body=body).execute()
    assert patched["updated"] == made["updated"]
    assert patched["etag"] != made["etag"]


def test_a_deleted_event_is_a_tombstone(google: Server) -> None:
    """delete answers with nothing; the second is a 410, a patch too, get tells cancelled, list only when asked."""
    service = calendar(google)
    name = own(service)
    service.events().insert(calendarId=name, body=event()).execute()
    assert service.events().delete(calendarId=name, eventId=IDENT).execute() == ""
    assert refused(service.events().delete(calendarId=name, eventId=IDENT)) == (410, "deleted")
    assert refused(service.events().patch(calendarId=name, eventId=IDENT, body={"summary": "x"})) == (410, "deleted")
    assert refused(service.events().delete(calendarId=name, eventId="never0")) == (404, "notFound")
    assert service.events().get(calendarId=name, eventId=IDENT).execute()["status"] == "cancelled"
    assert service.events().list(calendarId=name).execute()["items"] == []
    assert len(service.events().list(calendarId=name, showDeleted=True).execute()["items"]) == 1


def test_reviving_is_for_the_one_who_deleted(google: Server) -> None:
    """update confirms again what the client deleted, and is forbidden for what the user deleted (a switch)."""
    service = calendar(google)
    name = own(service)
    for ident in ("mine00", "user00"):
        service.events().insert(calendarId=name, body=event(ident)).execute()
    service.events().delete(calendarId=name, eventId="mine00").execute()
    google.user.delete_event("user00")
    revived = service.events().update(calendarId=name, eventId="mine00", body=event("mine00")).execute()
    assert revived["status"] == "confirmed"
    assert refused(service.events().update(calendarId=name, eventId="user00", body=event("user00"))) == (
        403,
        "forbidden",
    )
    google.switches.revives = "always"
    service.events().update(calendarId=name, eventId="user00", body=event("user00")).execute()


def test_somebody_elses_event(google: Server) -> None:
    """An invitation has its organizer; declined it says so; deleted, only its id is sure."""
    invited = google.user.receive_event("ada@lovelace.example", "Tea", DAY).data["id"]
    service = calendar(google)
    google.user.decline(invited)
    found = service.events().get(calendarId="primary", eventId=invited).execute()
    assert found["organizer"] == {"email": "ada@lovelace.example"}
    assert [one["responseStatus"] for one in found["attendees"]] == ["declined", "accepted"]
    google.user.delete_event(invited)
    assert set(service.events().get(calendarId="primary", eventId=invited).execute()) == {
        "kind",
        "etag",
        "id",
        "status",
    }


def test_a_deleted_calendar_is_not_found(google: Server) -> None:
    """When the user deletes the whole calendar, it and its events are a 404, and the list tells it when asked."""
    service = calendar(google)
    name = own(service)
    token = service.calendarList().list().execute()["nextSyncToken"]
    service.events().insert(calendarId=name, body=event()).execute()
    google.user.delete_calendar(name)
    for request in (
        service.calendars().get(calendarId=name),
        service.events().list(calendarId=name),
        service.events().patch(calendarId=name, eventId=IDENT, body={}),
        service.events().insert(calendarId=name, body=event()),
    ):
        assert refused(request) == (404, "notFound")
    assert name not in [one["id"] for one in service.calendarList().list().execute()["items"]]
    assert [one["deleted"] for one in service.calendarList().list(syncToken=token).execute()["items"]] == [True]


def test_an_emptied_calendar(google: Server) -> None:
    """The user can empty a calendar; a listing can also be empty by a fault, while everything is there."""
    google.user.add_event("one", DAY)
    service = calendar(google)
    google.fault("empty", method="calendar.events.list")
    assert names(service.events().list(calendarId="primary").execute()) == []
    assert names(service.events().list(calendarId="primary").execute()) == ["one"]
    google.user.empty_calendar()
    assert names(service.events().list(calendarId="primary").execute()) == []


def test_what_invites_guests_is_recorded(google: Server) -> None:
    """Guests on an event, sendUpdates and sendNotifications count as sending; sendUpdates=none does not."""
    service = calendar(google)
    name = own(service)
    before = len(Server.violations)
    service.events().insert(calendarId=name, body=event("calm0"), sendUpdates="none").execute()
    assert google.sent_paths() == []
    service.events().insert(calendarId=name, body=event("loud0"), sendUpdates="all").execute()
    service.events().insert(calendarId=name, body=event("loud1", attendees=[{"email": "a@b.example"}])).execute()
    hand = ByHand(google, ["calendar.app.created"])
    hand.delete(f"/calendar/v3/calendars/{name}/events/loud0?sendNotifications=true")
    assert len(google.sent_paths()) == len(Server.violations) - before == 3
    del Server.violations[before:]
