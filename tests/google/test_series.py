"""Recurring events: expansion in wall time, changed and called-off instances, and the trap of expanded sync."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.google.clients import api, refused
from tests.google.server import Server

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 18, 9, tzinfo=BERLIN)


def listed(google: Server, **query: Any) -> list[dict[str, Any]]:
    """List the primary calendar, expanded and in order unless told."""
    whole = {"calendarId": "primary", "singleEvents": True, "orderBy": "startTime", **query}
    given = {name: value for name, value in whole.items() if value is not None}
    found: list[dict[str, Any]] = api(google, "calendar", "calendar.readonly").events().list(**given).execute()["items"]
    return found


def starts(found: list[dict[str, Any]]) -> list[str]:
    """Give the times of a listing."""
    return [one["start"].get("dateTime") or one["start"]["date"] for one in found]


def test_a_series_keeps_its_wall_time(google: Server) -> None:
    """Nine o'clock stays nine o'clock when the clocks change, and the id of an instance is its time in UTC."""
    series = google.user.add_event("Weekly", START, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"]).data["id"]
    found = listed(google)
    assert starts(found) == ["2026-03-18T09:00:00+01:00", "2026-03-25T09:00:00+01:00", "2026-04-01T09:00:00+02:00"]
    assert [one["id"] for one in found] == [
        f"{series}_20260318T080000Z",
        f"{series}_20260325T080000Z",
        f"{series}_20260401T070000Z",
    ]
    assert {one["recurringEventId"] for one in found} == {series}
    assert all("recurrence" not in one and one["originalStartTime"] == one["start"] for one in found)
    master = listed(google, singleEvents=False, orderBy=None)
    assert [(one["id"], one["recurrence"]) for one in master] == [(series, ["RRULE:FREQ=WEEKLY;COUNT=3"])]


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (["RRULE:FREQ=DAILY;UNTIL=20260320T080000Z"], [18, 19, 20]),
        (["RRULE:FREQ=DAILY;UNTIL=20260320T075959Z"], [18, 19]),
        (["RRULE:FREQ=DAILY;UNTIL=20260320"], [18, 19, 20]),
        (["RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260319T080000Z"], [18, 20, 21]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20260319T090000"], [18, 20]),
        (["RRULE:FREQ=WEEKLY;BYDAY=WE,FR;COUNT=3", "RDATE:20260331T070000Z"], [18, 20, 25, 31]),
    ],
)
def test_rules_and_exceptions_are_read_in_the_series_zone(google: Server, lines: list[str], days: list[int]) -> None:
    """UNTIL, EXDATE and RDATE mean the same instant in UTC and in a zone."""
    google.user.add_event("Series", START, recurrence=lines)
    assert [int(one[8:10]) for one in starts(listed(google))] == days


def test_all_day_series_and_birthdays(google: Server) -> None:
    """An all-day series has days as times and ids; a birthday in a leap year comes only then, as its rule says."""
    series = google.user.add_birthday("Ada", date(1990, 12, 10)).data["id"]
    found = listed(google, timeMin="2026-01-01T00:00:00Z", timeMax="2028-01-01T00:00:00Z")
    assert starts(found) == ["2026-12-10", "2027-12-10"]
    assert found[0]["id"] == f"{series}_20261210"
    assert found[0]["end"] == {"date": "2026-12-11"}


def test_the_window_cuts_instances(google: Server) -> None:
    """Only instances within timeMin and timeMax come; a series without any is not listed even unexpanded."""
    google.user.add_event("Daily", START, recurrence=["RRULE:FREQ=DAILY"])
    window = {"timeMin": "2026-03-20T08:30:00Z", "timeMax": "2026-03-22T08:00:00Z"}
    assert starts(listed(google, **window)) == ["2026-03-20T09:00:00+01:00", "2026-03-21T09:00:00+01:00"]
    assert listed(google, timeMax="2026-03-18T08:00:00Z", singleEvents=False, orderBy=None) == []
    assert len(listed(google, maxResults=2500)) == google.switches.expansion_limit


def test_a_moved_instance_is_listed_where_it_is_now(google: Server) -> None:
    """A moved instance keeps its id and original time, leaves its old place, and can be read by its id."""
    series = google.user.add_event("Daily", START, recurrence=["RRULE:FREQ=DAILY;COUNT=3"]).data["id"]
    name = f"{series}_20260319T080000Z"
    google.user.move_event(name, datetime(2026, 4, 2, 12, tzinfo=BERLIN))
    found = listed(google)
    assert [one[8:13] for one in starts(found)] == ["18T09", "20T09", "02T12"]
    assert found[2]["id"] == name
    assert found[2]["originalStartTime"]["dateTime"] == "2026-03-19T09:00:00+01:00"
    service = api(google, "calendar", "calendar.readonly").events()
    assert service.get(calendarId="primary", eventId=name).execute()["start"] == found[2]["start"]
    assert service.get(calendarId="primary", eventId=f"{series}_20260318T080000Z").execute()["summary"] == "Daily"
    assert refused(service.get(calendarId="primary", eventId=f"{series}_20260317T080000Z")) == (404, "notFound")
    assert len(listed(google, timeMax="2026-03-21T00:00:00Z")) == 2
    instances = service.instances(calendarId="primary", eventId=series).execute()["items"]
    assert [one["id"] for one in instances] == [one["id"] for one in found]


def test_a_called_off_instance(google: Server) -> None:
    """A deleted instance is gone from an expansion; unexpanded it is told with id, series and original time only."""
    series = google.user.add_event("Daily", START, recurrence=["RRULE:FREQ=DAILY;COUNT=3"]).data["id"]
    google.user.delete_event(f"{series}_20260319T080000Z")
    assert [one[8:10] for one in starts(listed(google))] == ["18", "20"]
    plain = {one["id"]: one for one in listed(google, singleEvents=False, orderBy=None)}
    gone = plain[f"{series}_20260319T080000Z"]
    assert gone["status"] == "cancelled"
    assert "summary" not in gone
    assert gone["originalStartTime"]["dateTime"] == "2026-03-19T09:00:00+01:00"
    assert len(listed(google, showDeleted=True)) == 3


def test_expanded_sync_is_a_trap(google: Server) -> None:
    """With singleEvents a touched series brings hundreds of instances, and a deleted one half a year of ghosts."""
    series = google.user.add_event("Weekly", START, recurrence=["RRULE:FREQ=WEEKLY"]).data["id"]
    service = api(google, "calendar", "calendar.readonly").events()
    window = {"timeMin": "2026-02-01T00:00:00Z", "timeMax": "2026-04-01T00:00:00Z"}
    first = service.list(calendarId="primary", singleEvents=True, **window).execute()
    assert len(first["items"]) == 2
    google.user.rename_event(series, "Weekly!")
    touched = service.list(
        calendarId="primary", singleEvents=True, syncToken=first["nextSyncToken"], maxResults=2500
    ).execute()
    assert len(touched["items"]) == 730
    google.advance(timedelta(days=20))
    google.user.delete_event(series)
    fresh = service.list(calendarId="primary", singleEvents=True, syncToken=touched["nextSyncToken"]).execute()["items"]
    assert {one["status"] for one in fresh} == {"cancelled"}
    assert 24 <= len(fresh) <= 27


def test_a_client_changes_one_instance(google: Server) -> None:
    """A patch on an instance makes an exception of it; the rest of the series stays."""
    service = api(google, "calendar", "calendar.app.created")
    name = service.calendars().insert(body={"summary": "Kith"}).execute()["id"]
    when = {"dateTime": "2026-03-18T09:00:00", "timeZone": "Europe/Berlin"}
    end = {"dateTime": "2026-03-18T09:15:00", "timeZone": "Europe/Berlin"}
    body = {"id": "series0", "summary": "All", "start": when, "end": end, "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]}
    service.events().insert(calendarId=name, body=body).execute()
    service.events().patch(calendarId=name, eventId="series0_20260319T080000Z", body={"summary": "One"}).execute()
    found = service.events().list(calendarId=name, singleEvents=True, orderBy="startTime").execute()["items"]
    assert [one["summary"] for one in found] == ["All", "One", "All"]
    assert found[0]["start"] == {"dateTime": "2026-03-18T08:00:00Z", "timeZone": "Europe/Berlin"}
    service.events().delete(calendarId=name, eventId="series0").execute()
    assert service.events().list(calendarId=name, singleEvents=True).execute()["items"] == []


def test_a_gap_in_the_clock(google: Server) -> None:
    """An instance in the hour that the clocks skip takes place an hour later, not never."""
    google.user.add_event("Night", datetime(2026, 3, 28, 2, 30, tzinfo=BERLIN), recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    found = [datetime.fromisoformat(one).astimezone(UTC).hour for one in starts(listed(google))]
    assert found == [1, 1, 0]
