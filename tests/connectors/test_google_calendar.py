"""What does the Google connector read out of calendars, over real HTTP at the stand-in?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._google.calendar_event import MOST_GUESTS, Origin, read_event
from connectors._google.calendar_pages import OWN_MARK, PAGE
from connectors._google.calendar_place import Place
from connectors._google.calendar_reading import BUSY_ONLY, OWN
from connectors._google.calendar_reminders import CalendarReminders
from connectors._google.calendar_tasks import TaskReminders
from connectors._google.wire import wires_of
from connectors._ical import Odd
from connectors.google import Google
from connectors.records import BadData, Event, Guest, Listing, Mailbox, NeedsLogin, Pull, Role, Unavailable
from tests.connectors.contracts import NOW, SourceContract, everything
from tests.connectors.google_calendar_world import ZONE, World
from tests.google import Server

MINE = "clara@winter.example"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
LIST = "calendar.events.list"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(now=NOW) as made:
        yield made
        assert made.sent_paths() == []


@pytest.fixture
def world(server: Server, tmp_path: Path) -> Iterator[World]:
    made = World(server, tmp_path)
    yield made
    made.wires.close()


def events(world: World, **about: Any) -> dict[str, Event]:
    """Read everything and return the events by title."""
    items, _ = everything(world.source(**about), now=world.server.now)
    return {item.title: item for item in items if isinstance(item, Event)}


def titles(pull: Pull) -> list[str]:
    return sorted(item.title for item in pull.items if isinstance(item, Event))


def caught_up(world: World, **about: Any) -> Any:
    return everything(world.source(**about), now=world.server.now)[1]


class TestCalendarSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _world(self, world: World) -> None:
        self.world = world
        user = world.server.user
        user.add_event("Coffee", NOW + DAY, attendees=["ada@lovelace.example"])
        user.add_event("Old", NOW - 400 * DAY, attendees=["ada@lovelace.example"])
        user.add_event("Weekly", NOW - 60 * DAY, recurrence=["RRULE:FREQ=WEEKLY"])
        user.add_event("Fair", date(2026, 2, 20), date(2026, 2, 22))

    def opened(self) -> Any:
        return self.world.source()


# -- one event ---------------------------------------------------------------------------------------------------------


def test_times_keys_and_people_of_an_event(world: World) -> None:
    """UTC times, the natural key, who came and what they answered: as the API says it."""
    guests = [
        {"email": MINE, "self": True, "organizer": True, "responseStatus": "accepted"},
        {"email": "Ada@Lovelace.example", "displayName": "Ada Lovelace", "responseStatus": "tentative"},
        {"email": "c_1@resource.calendar.google.com", "resource": True, "responseStatus": "accepted"},
        {"email": "ben@example.org", "responseStatus": "declined"},
    ]
    made = world.server.user.add_event("Lunch", NOW + DAY, attendees=guests, visibility="private")
    lunch = events(world)["Lunch"]
    assert (lunch.key, lunch.uid) == (f"{made.data['id']}@google.com",) * 2
    assert (lunch.start, lunch.end) == (NOW + DAY, NOW + DAY + HOUR)
    assert lunch.organiser == Mailbox(address=MINE)
    assert lunch.guests == (
        Guest(address=MINE, answer="accepted", me=True),
        Guest(address="ada@lovelace.example", name="Ada Lovelace", answer="tentative"),
        Guest(address="c_1@resource.calendar.google.com", answer="accepted", kind="room"),
        Guest(address="ben@example.org", answer="declined"),
    )
    assert (lunch.owned, lunch.private, lunch.free, lunch.guests_hidden) == (True, True, False, False)


def test_occurrences_of_a_series_have_the_original_start_in_their_key(world: World) -> None:
    """A moved occurrence keeps its key, in UTC, across the change of the clocks."""
    made = world.server.user.add_event("Chor", datetime(2026, 3, 2, 18, tzinfo=UTC), recurrence=["RRULE:FREQ=WEEKLY"])
    world.server.user.move_event(f"{made.data['id']}_20260309T180000Z", datetime(2026, 3, 10, 19, tzinfo=UTC))
    items, _ = everything(world.source())
    found = {item.key.partition("/")[2]: item for item in items if isinstance(item, Event)}
    assert sorted(found) == ["20260302T180000Z", "20260309T180000Z"]
    assert found["20260309T180000Z"].start == datetime(2026, 3, 10, 19, tzinfo=UTC)
    assert {item.series for item in found.values()} == {f"{made.data['id']}@google.com"}


def test_all_day_events_have_days(world: World) -> None:
    """Days stay days, the end exclusive, and the key of an occurrence holds a day."""
    world.server.user.add_event("Fair", date(2026, 2, 20), date(2026, 2, 22), recurrence=["RRULE:FREQ=YEARLY"])
    fair = events(world)["Fair"]
    assert (fair.start, fair.end, fair.all_day) == (date(2026, 2, 20), date(2026, 2, 22), True)
    assert fair.key.endswith("/20260220")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"eventType": "focusTime"}, {"kind": "focus"}),
        ({"eventType": "outOfOffice"}, {"kind": "out-of-office"}),
        ({"eventType": "workingLocation"}, {"kind": "working-location"}),
        ({"eventType": "fromGmail"}, {"kind": "from-mail"}),
        ({"eventType": "birthday"}, {"kind": "birthday"}),
        ({"eventType": "birthday", "birthdayProperties": {"type": "birthday"}}, {"kind": "birthday"}),
        ({"eventType": "birthday", "birthdayProperties": {"type": "anniversary"}}, {"kind": "special-day"}),
        ({"eventType": "birthday", "birthdayProperties": {"type": "self"}}, {"kind": "special-day"}),
        ({"birthdayProperties": {"type": "anniversary"}}, {"kind": "default"}),
        ({"eventType": "something new"}, {"kind": "default"}),
        ({"transparency": "transparent"}, {"free": True}),
        ({"visibility": "confidential"}, {"private": True}),
        ({"status": "tentative"}, {"status": "tentative"}),
        ({"description": "see <b>#Kith</b>"}, {"tagged": True}),
        ({"description": "see #kithara"}, {"tagged": False}),
        ({"extendedProperties": {"private": {"kith": "0"}}}, {"ours": True}),
        ({"attendeesOmitted": True}, {"guests_hidden": True}),
        ({"guestsCanSeeOtherGuests": False, "organizer": {"email": "x@y.example"}}, {"guests_hidden": True}),
        ({"guestsCanSeeOtherGuests": False, "organizer": {"self": True}}, {"guests_hidden": False}),
        ({"attendees": [{"email": "a@b.example", "additionalGuests": 2}]}, {"guests_hidden": True}),
        ({"attendees": [{"displayName": "Nobody"}]}, {"guests_hidden": True, "guests": ()}),
        ({"iCalUID": "\x00"}, {"uid": "e1@google.com"}),
        ({"summary": "a\r\nb\u202ec"}, {"title": "a bc"}),
        ({"end": None, "endTimeUnspecified": True}, {"end": datetime(2026, 2, 12, 8, tzinfo=UTC)}),
        ({"start": {"dateTime": "2026-02-12T09:00:00", "timeZone": "Europe/Berlin"}}, {"start": NOW}),
        ({"start": {"dateTime": "2026-02-12T08:00:00", "timeZone": "UTC"}}, {"start": NOW}),
    ],
)
def test_what_the_fields_of_an_event_mean(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    """Kinds, visibility, hidden guest lists, marks: each field of the API's has its place in the record."""
    body = {"id": "e1", "start": {"dateTime": "2026-02-12T08:00:00Z"}, "end": {"dateTime": "2026-02-12T09:00:00Z"}}
    found = read_event({**body, **fields}, Origin(account="home", calendar="primary", role="work", owned=True))
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize("name", ["a/b", "a\nb", "", "x" * 2000, "ä", None, 7])
def test_an_id_that_google_would_never_make_is_odd(name: Any) -> None:
    """What stands in keys, cursors and paths is printable, and bounded."""
    body = {"id": name, "start": {"date": "2026-02-12"}, "end": {"date": "2026-02-13"}}
    with pytest.raises(Odd):
        read_event(body, Origin(account="home", calendar="primary", role="work", owned=True))


def test_a_guest_list_without_end_is_cut_and_known_to_be(world: World) -> None:
    """Above the limit Google tells the user alone; were it to tell more, a part of it is read (E6: more)."""
    crowd = [{"email": f"guest{number}@example.org"} for number in range(300)]
    made = world.server.user.add_event("Fair", NOW + DAY, attendees=crowd)
    fair = events(world)["Fair"]
    assert ([guest.me for guest in fair.guests], fair.guests_hidden) == ([True], True)
    whole = read_event(made.data, Origin(account="home", calendar="primary", role="work", owned=True))
    assert (len(whole.guests), whole.guests_hidden) == (MOST_GUESTS, True)


def test_in_a_calendar_of_ones_own_the_organiser_is_whoever_made_the_event(world: World) -> None:
    """An own second calendar organises its events under an address of its own: the user is meant (E0)."""
    own = world.server.user.add_calendar("Side project")
    world.server.user.add_event("Jour fixe", NOW + DAY, calendar=own.id)
    assert events(world, calendars={own.id: "work"})["Jour fixe"].organiser == Mailbox(address=MINE)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_EDGE = _JSON | st.fixed_dictionaries(
    {}, optional={"date": st.sampled_from(["2026-02-12", "2026-02-30", "0001-01-01", "", "9999-12-31"]) | _JSON,
                  "dateTime": st.sampled_from(["2026-02-12T08:00:00Z", "0001-01-01T00:00:00+14:00", "now"]) | _JSON,
                  "timeZone": st.sampled_from(["Europe/Berlin", "../../etc/passwd", "\x00"]) | _JSON}
)  # fmt: skip
_PERSON = _JSON | st.fixed_dictionaries(
    {"email": st.sampled_from(["a@b.example", "a\r\nBcc: x@y.example", "@", "a@" + "b" * 400]) | _JSON},
    optional={"displayName": st.text(max_size=9) | _JSON, "self": _JSON, "additionalGuests": _JSON},
)


@given(
    st.fixed_dictionaries(
        {"id": st.just("e1") | _JSON, "start": _EDGE, "end": _EDGE},
        optional={
            "attendees": _JSON | st.lists(_PERSON, max_size=4),
            "organizer": _PERSON,
            "creator": _PERSON,
            "originalStartTime": _EDGE,
            "extendedProperties": _JSON | st.fixed_dictionaries({"private": _JSON}),
            **dict.fromkeys(["summary", "iCalUID", "recurringEventId", "eventType", "status", "visibility"], _JSON),
        },
    )
    | _JSON
)
def test_no_event_however_hostile_does_more_than_be_odd(body: Any) -> None:
    """Whatever stands in a field, an event is read or is odd, and what was read can be stored as JSON."""
    try:
        found = read_event(body, Origin(account="home", calendar="primary", role="work", owned=True))
    except Odd:
        return
    assert f"{found.key}{found.title}{found.source_id}".isprintable()
    assert all(guest.address.isprintable() for guest in found.guests)
    json.dumps([found.key, found.uid, found.source_id, found.title]).encode()


# -- the window --------------------------------------------------------------------------------------------------------


def test_an_idle_pull_asks_once_for_each_calendar(world: World) -> None:
    """One request a calendar, nothing in it, and a cursor that need not be saved (T3)."""
    user = world.server.user
    team = user.add_calendar("Team")
    user.add_event("Coffee", NOW + DAY)
    calendars = {"primary": "work", team.id: "work"}
    cursor = caught_up(world, calendars=calendars)
    with world.asking() as asked:
        pull = world.source(calendars=calendars).pull(cursor, NOW + timedelta(minutes=15))
    assert asked == [LIST, LIST]
    assert (pull.items, pull.gone, pull.complete, pull.cursor) == ((), (), (), cursor)
    with world.asking() as asked:
        assert world.source(calendars=calendars).pull(cursor, NOW + timedelta(minutes=15)).caught_up
    assert asked == []


def test_only_what_changed_is_told(world: World) -> None:
    """One renamed, one new: two items for one request."""
    user = world.server.user
    coffee = user.add_event("Coffee", NOW + DAY)
    user.add_event("Tea", NOW + DAY)
    cursor = caught_up(world)
    user.rename_event(coffee.data["id"], "Espresso")
    user.add_event("Lunch", NOW + 2 * DAY)
    with world.asking() as asked:
        pull = world.source().pull(cursor, NOW + timedelta(minutes=15))
    assert (titles(pull), asked) == (["Espresso", "Lunch"], [LIST])


def test_what_google_touches_by_itself_is_no_change(world: World) -> None:
    """Another etag with the same content is not told."""
    made = world.server.user.add_event("Coffee", NOW + DAY)
    cursor = caught_up(world)
    world.server.user.edit_event(made.data["id"], location="Corner", colorId="3")
    assert world.source().pull(cursor, NOW + timedelta(minutes=15)).items == ()


def test_the_window_moves_with_now(world: World) -> None:
    """What comes within thirty days is told on its day; what falls out of the window behind is not taken for gone."""
    user = world.server.user
    world.server.advance(-HOUR)
    user.add_event("Far", NOW + 40 * DAY)
    user.add_event("Recent", NOW - 10 * DAY)
    user.add_event("Recent too", NOW - 9 * DAY)
    world.server.advance(HOUR)
    cursor = caught_up(world)
    pull = world.source().pull(cursor, NOW + 15 * DAY)
    assert (titles(pull), pull.gone, pull.complete) == (["Far"], (), ())
    assert pull.listed is None
    back = world.source().pull(pull.cursor, NOW)
    assert (back.gone, back.complete) == ((), ())


def test_a_deleted_event_is_gone_under_the_id_it_came_with(world: World) -> None:
    """A tombstone has an id and nothing else: that is what ``source_id`` holds (T1, T2)."""
    user = world.server.user
    made = user.add_event("Coffee", NOW + DAY)
    series = user.add_event("Weekly", NOW + DAY, recurrence=["RRULE:FREQ=WEEKLY"])
    before = events(world)
    cursor = caught_up(world)
    user.delete_event(made.data["id"])
    user.delete_event(f"{series.data['id']}_20260220T080000Z")
    pull = world.source().pull(cursor, NOW + timedelta(minutes=15))
    assert set(pull.gone) == {before["Coffee"].source_id, f"primary/{series.data['id']}_20260220T080000Z"}
    assert (pull.items, pull.complete) == ((), ())
    again = world.source().pull(pull.cursor, NOW + timedelta(minutes=30))
    assert (again.gone, again.cursor) == ((), pull.cursor)


def test_a_deleted_series_takes_all_its_occurrences_with_it(world: World) -> None:
    """Each occurrence in the window is gone, and it counts as one event that is missing."""
    user = world.server.user
    daily = user.add_event("Standup", NOW - 5 * DAY, recurrence=["RRULE:FREQ=DAILY"])
    user.add_event("Coffee", NOW + DAY)
    cursor = caught_up(world)
    user.delete_event(daily.data["id"])
    pull = world.source().pull(cursor, NOW + timedelta(minutes=15))
    assert len(pull.gone) == 36
    assert pull.listed == 1


def test_what_vanishes_without_a_tombstone_is_a_listing(world: World) -> None:
    """The promise is for just the event that is missing, so that other calendars' events stay."""
    made = world.server.user.add_event("Coffee", NOW + DAY)
    world.server.user.add_event("Tea", NOW + DAY)
    cursor = caught_up(world)
    world.server.user.delete_event(made.data["id"])
    world.server.user.empty_bin()
    pull = world.source().pull(cursor, NOW + timedelta(minutes=15))
    assert [row.source_id for row in pull.complete] == [f"primary/{made.data['id']}"]
    assert (pull.gone, pull.items) == ((), ())


def test_the_first_pull_promises_the_window_of_the_whole_account(world: World) -> None:
    """After a lost cursor whatever a ledger still has in the window, and Google has not, is absent."""
    pull = world.source().pull(None, NOW)
    start = datetime(2026, 1, 29, tzinfo=UTC)
    assert pull.complete == (Listing(source_id=None, start=start, end=start + 45 * DAY),)


def test_an_emptied_calendar_is_told_as_empty(world: World) -> None:
    """Nothing where there were events is zero, for the caller to be suspicious of (R1, U22)."""
    for number in range(3):
        world.server.user.add_event(f"Meeting {number}", NOW + DAY)
    cursor = caught_up(world)
    world.server.fault("empty", method=LIST)
    pull = world.source().pull(cursor, NOW + timedelta(minutes=15))
    assert (pull.listed, len(pull.complete)) == (0, 3)
    after = world.source().pull(cursor, NOW + timedelta(minutes=30))
    assert (after.items, after.complete, after.listed) == ((), (), 3)


def test_the_only_event_deleted_by_hand_is_nothing_to_be_suspicious_of(world: World) -> None:
    """A tombstone explains it: the count is left open."""
    made = world.server.user.add_event("Coffee", NOW + DAY)
    cursor = caught_up(world)
    world.server.user.delete_event(made.data["id"])
    pull = world.source().pull(cursor, NOW + timedelta(minutes=15))
    assert (pull.listed, len(pull.gone)) == (None, 1)


def test_many_deletions_at_once_are_suspicious(world: World) -> None:
    """Half of forty events gone is told as half, tombstones or not."""
    made = [world.server.user.add_event(f"Meeting {number}", NOW + DAY) for number in range(40)]
    cursor = caught_up(world)
    for event in made[:20]:
        world.server.user.delete_event(event.data["id"])
    assert world.source().pull(cursor, NOW + timedelta(minutes=15)).listed == 20


def test_a_window_of_several_pages_is_read_to_its_end(world: World) -> None:
    """No event beyond the first page is taken for absent."""
    world.server.load_events(PAGE + 10, days=10)
    items, cursor = everything(world.source())
    assert len(items) == PAGE + 10
    assert world.source().pull(cursor, NOW + timedelta(minutes=15)).complete == ()


def test_a_cut_listing_changes_nothing(world: World) -> None:
    """Half an answer in the middle of the pages is trouble, and the next pull is whole."""
    world.server.load_events(PAGE + 10, days=10)
    cursor = caught_up(world)
    world.server.user.add_event("New", NOW + DAY)
    fault = world.server.fault("half body", method=LIST, nth=2, times=3)
    with pytest.raises(Unavailable):
        world.source().pull(cursor, NOW + timedelta(minutes=15))
    assert fault.hits == 3
    pull = world.source().pull(cursor, NOW + timedelta(minutes=30))
    assert (titles(pull), pull.complete) == (["New"], ())


@pytest.mark.parametrize("what", [500, 503, 429, "drop before", "not json", "slow"])
def test_a_passing_fault_is_not_noticed(world: World, what: int | str) -> None:
    """A read is tried again, within its bounds."""
    world.server.user.add_event("Coffee", NOW + DAY)
    world.server.fault(what, method=LIST, seconds=0.01)
    assert titles(world.source().pull(None, NOW)) == ["Coffee"]


def test_a_revoked_login_is_told(world: World) -> None:
    """A grant taken back ends the half, with the command that mends it."""
    world.server.user.revoke()
    with pytest.raises(NeedsLogin):
        world.source().pull(None, NOW)


def test_a_listing_without_end_is_not_believed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that always names another page does not hold the tick for ever."""
    monkeypatch.setattr("connectors._google.calendar_pages.PAGE", 1)
    for _ in range(21):
        world.server.user.add_event("Coffee", NOW + DAY)
    with pytest.raises(BadData):
        world.source().pull(None, NOW)


def test_an_odd_event_is_skipped_and_told_once(world: World) -> None:
    """One event that cannot be read keeps nobody from the others, and its content is not repeated."""
    made = world.server.user.add_event("Odd", NOW + DAY)
    world.server.user.add_event("Coffee", NOW + DAY)
    stored = world.server.account().calendars.primary.events[made.data["id"]]
    stored.data["end"] = {"dateTime": "2026-02-01T00:00:00Z"}
    pull = world.source().pull(None, NOW)
    assert titles(pull) == ["Coffee"]
    assert [(row.where, row.why) for row in pull.skipped] == [
        (f"calendar 1, event {made.data['id']}", "ends before it starts")
    ]
    again = world.source().pull(pull.cursor, NOW + timedelta(minutes=15))
    assert (again.skipped, again.cursor) == ((), again.cursor)


def test_an_event_that_became_odd_is_not_taken_for_gone(world: World) -> None:
    """What can no longer be read is still there."""
    made = world.server.user.add_event("Coffee", NOW + DAY)
    cursor = caught_up(world)
    stored = world.server.account().calendars.primary.events[made.data["id"]]
    stored.data["end"] = {"dateTime": "2026-02-01T00:00:00Z"}
    pull = world.source().pull(cursor, NOW + timedelta(minutes=15))
    assert (pull.gone, pull.complete, len(pull.skipped)) == ((), (), 1)


# -- several calendars -------------------------------------------------------------------------------------------------


def test_each_calendar_has_its_role(world: World) -> None:
    """Events know the role of their calendar, and whether it is the user's own."""
    user = world.server.user
    family, team = user.add_calendar("Family"), user.add_calendar("Team", role="reader")
    user.add_event("School", NOW + DAY, calendar=family.id)
    user.add_event("Sprint", NOW + DAY, calendar=team.id)
    found = events(world, calendars={"primary": "work", family.id: "busy", team.id: "work"})
    assert {name: (item.role, item.owned, item.calendar) for name, item in found.items()} == {
        "School": ("busy", True, family.id),
        "Sprint": ("work", False, team.id),
    }


def test_the_same_event_in_two_calendars_is_the_users_own_copy(world: World) -> None:
    """One key, one record: the own calendar's, whatever the order of the configuration (E11)."""
    user = world.server.user
    partner = user.add_calendar("Partner", role="reader")
    for calendar in (partner.id, "primary"):
        user.add_event("Dinner", NOW + DAY, calendar=calendar, id="dinner", iCalUID="dinner@x.example")
        user.add_event("Old", NOW - 90 * DAY, calendar=calendar, id="old", iCalUID="old@x.example")
    calendars = {partner.id: "busy", "primary": "work"}
    items, cursor = everything(world.source(calendars=calendars))
    assert [(item.title, item.role) for item in items] == [("Dinner", "work"), ("Old", "work")]
    calendar = world.server.account().calendars
    calendar.delete(calendar.primary, user.event("dinner", MINE), NOW, "user")
    pull = world.source(calendars=calendars).pull(cursor, NOW + timedelta(minutes=15))
    assert [(item.key, item.role) for item in pull.items] == [("dinner@x.example", "busy")]
    assert pull.gone == ()


def test_a_calendar_that_is_not_there_is_a_trouble_of_its_own(world: World) -> None:
    """The others go on; nothing of it is taken for gone; back again, its past is read too."""
    user = world.server.user
    team = user.add_calendar("Team")
    user.add_event("Sprint", NOW + DAY, calendar=team.id)
    user.add_event("Coffee", NOW + DAY)
    calendars = {"primary": "work", team.id: "work"}
    cursor = caught_up(world, calendars=calendars)
    user.add_event("Lunch", NOW + DAY)
    world.server.fault(404, path=f"*{team.id.partition('@')[0]}*", times=None)
    pull = world.source(calendars=calendars).pull(cursor, NOW + timedelta(minutes=15))
    assert (titles(pull), pull.gone, pull.complete, pull.listed, pull.caught_up) == (["Lunch"], (), (), None, True)
    (trouble,) = pull.troubles
    assert "calendar 2 of 2" in str(trouble)
    assert team.id not in str(trouble)
    world.server.calm()
    user.add_event("Older sprint", NOW - 60 * DAY, calendar=team.id)
    items, _ = everything(world.source(calendars=calendars), pull.cursor, NOW + timedelta(minutes=30))
    assert {item.title for item in items if isinstance(item, Event)} == {"Older sprint"}


def test_no_calendar_at_all_is_trouble(world: World) -> None:
    """Where nothing can be read nothing is known."""
    with pytest.raises(Unavailable):
        world.source(calendars={"nobody@example.org": "work"}).pull(None, NOW)


def test_a_calendar_chosen_later_is_read_from_its_beginning(world: World) -> None:
    """Another calendar, or another role, means its past is imported too; one no longer chosen is absent."""
    user = world.server.user
    team = user.add_calendar("Team")
    user.add_event("Sprint", NOW - 90 * DAY, calendar=team.id)
    user.add_event("Coffee", NOW + DAY)
    cursor = caught_up(world)
    calendars = {"primary": "work", team.id: "work"}
    items, cursor = everything(world.source(calendars=calendars), cursor, NOW)
    assert [item.title for item in items if isinstance(item, Event)] == ["Sprint"]
    items, cursor = everything(world.source(calendars={"primary": "busy"}), cursor, NOW)
    assert [(item.title, item.role) for item in items if isinstance(item, Event)] == [("Coffee", "busy")]
    pull = world.source(calendars={team.id: "work"}).pull(cursor, NOW)
    assert [row.source_id for row in pull.complete if row.source_id] == [
        f"primary/{next(iter(world.server.account().calendars.primary.events))}"
    ]


def test_the_calendar_that_kith_writes_into_is_never_read(world: World) -> None:
    """Even where somebody chose it: what the user adds there is no evidence."""
    own = world.server.user.add_calendar("Kith")
    own.description = f"made by Kith {OWN_MARK}"
    world.server.user.add_event("Call Ada", NOW + DAY, calendar=own.id)
    pull = world.source(calendars={own.id: "work"}).pull(None, NOW)
    assert (pull.items, pull.notes) == ((), (OWN,))


def test_free_and_busy_alone_is_said(world: World) -> None:
    """A calendar shared as free or busy gives times without titles, and a note."""
    team = world.server.user.add_calendar("Team", role="freeBusyReader")
    world.server.user.add_event("Secret", NOW + DAY, calendar=team.id)
    pull = world.source(calendars={team.id: "busy"}).pull(None, NOW)
    assert (titles(pull), pull.notes) == ([""], (BUSY_ONLY,))


# -- what is older -----------------------------------------------------------------------------------------------------


def test_the_past_is_imported_newest_first_a_year_a_pull(world: World) -> None:
    """Window first, then month by month back to the oldest event, bounded, and resumed from the cursor alone.

    With two years of it the source is current (C17).
    """
    user = world.server.user
    for months in range(40):
        user.add_event(f"Month {months}", NOW - 30 * months * DAY)
    starts: list[Any] = []
    current: list[bool] = []
    cursor, pulls = None, 0
    while True:
        with world.asking() as asked:
            pull = world.source().pull(None if cursor is None else json.loads(json.dumps(cursor)), NOW)
        assert len(asked) <= 15
        starts.append(max((item.start for item in pull.items if isinstance(item, Event)), default=None))
        cursor, pulls = dict(pull.cursor), pulls + 1
        current.append(pull.current)
        world.restart()
        if pull.caught_up:
            break
    assert (pulls, current) == (5, [False, False, True, True, True])
    assert starts == sorted(starts, reverse=True)
    assert everything(world.source(), cursor) == ([], cursor)


def test_nothing_of_the_past_is_read_twice(world: World) -> None:
    """Each event comes once, but for those that lie in two months."""
    world.server.load_events(500, days=1500)
    items, _ = everything(world.source())
    assert len(items) == 500
    assert len({item.key for item in items}) == 500


def test_a_birthday_of_long_ago_makes_no_long_import(world: World) -> None:
    """Birthdays begin in the year somebody was born: they do not say how far back there is something to read."""
    world.server.user.add_birthday("Ada", date(1950, 2, 14))
    world.server.user.add_event("Coffee", NOW - 40 * DAY)
    with world.asking() as asked:
        items, _ = everything(world.source())
    assert [(item.title, item.kind) for item in items if isinstance(item, Event)] == [
        ("Ada's birthday", "birthday"), ("Coffee", "default")]  # fmt: skip
    assert len(asked) == 4  # the window twice, the oldest event, one month


def test_a_failed_month_is_read_again(world: World) -> None:
    """A fault in the middle of the import loses nothing."""
    world.server.load_events(60, days=700)
    pull = world.source().pull(None, NOW)
    world.server.fault(503, method=LIST, nth=6, times=3)
    with pytest.raises(Unavailable):
        world.source().pull(pull.cursor, NOW)
    world.server.calm()
    world.slept += HOUR
    items, _ = everything(world.source(), pull.cursor)
    assert len({item.key for item in (*items, *pull.items)}) == 60


def test_changes_to_older_events_are_asked_for_once_an_hour(world: World) -> None:
    """An event entered late is told within the hour; in between nobody asks, even if the cursor was not saved."""
    cursor = caught_up(world)
    world.server.advance(timedelta(minutes=30))
    world.server.user.add_event("Forgotten call", NOW - 60 * DAY)
    asked: list[int] = []
    found: list[str] = []
    for minutes in range(45, 45 + 15 * 12, 15):
        with world.asking() as methods:
            pull = world.source().pull(cursor, NOW + timedelta(minutes=minutes))
        asked.append(len(methods))
        found += titles(pull)
        cursor = pull.cursor if pull.items else cursor
    assert found == ["Forgotten call"]
    assert asked == [1, 2, 1, 1, 1, 2, 1, 1, 1, 2, 1, 1]


def test_older_events_are_asked_for_in_one_calendar_a_pull(world: World) -> None:
    """Three calendars: one request more than the windows, each has its turn within the hour, also where every pull is
    a process of its own; after a day without a memory all are asked, so that the place never stays behind."""
    others = [world.server.user.add_calendar(f"Team {number}").id for number in range(2)]
    roles: dict[str, Any] = dict.fromkeys(("primary", *others), "work")
    _, cursor = everything(world.source(roles))
    late = [
        world.server.user.add_event(f"Late {number}", NOW - 100 * DAY, calendar=name)
        for number, name in enumerate(roles)
    ]
    told: list[str] = []
    for _ in range(7):
        world.server.advance(timedelta(minutes=15))
        with world.asking() as asked:
            page = world.source(roles).pull(cursor, world.server.now)
        told += [item.title for item in page.items if isinstance(item, Event)]
        cursor = page.cursor
        assert len(asked) <= (6 if page.items else 4)
    assert sorted(told) == [event.data["summary"] for event in late]
    turns = set()
    for _ in range(3):
        world.restart()
        world.server.advance(timedelta(hours=1, minutes=15))
        with world.asking() as asked:
            page = world.source(roles).pull(cursor, world.server.now)
        turns.add(world.server.requests("calendar.events.list")[-1].path)
        assert (len(asked), page.cursor) == (4, cursor)
    assert len(turns) == 3
    world.restart()
    world.server.advance(DAY)
    with world.asking() as asked:
        page = world.source(roles).pull(cursor, world.server.now)
    assert (len(asked), page.cursor["since"]) == (6, world.server.now.isoformat())


def test_a_deletion_of_an_older_event_is_gone(world: World) -> None:
    """A tombstone outside the window is told with its id."""
    made = world.server.user.add_event("Long ago", NOW - 60 * DAY)
    cursor = caught_up(world)
    world.server.advance(timedelta(minutes=30))
    world.server.user.delete_event(made.data["id"])
    pull = world.source().pull(cursor, NOW + 2 * HOUR)
    assert pull.gone == (f"primary/{made.data['id']}",)


def test_an_older_event_moved_here_and_deleted_is_gone(world: World) -> None:
    """Both between two pulls: the window never had it, and its tombstone is told within the hour, once."""
    event = world.server.user.add_event("Coffee", NOW - 60 * DAY)
    _, cursor = everything(world.source())
    world.server.advance(HOUR)
    world.server.user.move_event(event.data["id"], world.server.now - DAY)
    world.server.user.delete_event(event.data["id"])
    world.server.advance(HOUR)
    page = world.source().pull(cursor, world.server.now)
    assert page.gone == (f"primary/{event.data['id']}",)
    world.server.advance(2 * HOUR)
    assert world.source().pull(page.cursor, world.server.now).gone == ()


def test_a_page_that_was_not_believed_is_not_forgotten(world: World) -> None:
    """Where the caller refuses a pull and keeps its cursor, what was older comes again."""
    cursor = caught_up(world)
    world.server.advance(timedelta(minutes=30))
    world.server.user.add_event("Forgotten call", NOW - 60 * DAY)
    assert titles(world.source().pull(cursor, NOW + 2 * HOUR)) == ["Forgotten call"]
    assert titles(world.source().pull(cursor, NOW + 2 * HOUR + timedelta(minutes=15))) == ["Forgotten call"]


def test_after_a_month_away_all_of_it_is_read_again(world: World) -> None:
    """``updatedMin`` too long ago is a 410: the past is imported anew, and nobody sees an error."""
    world.server.user.add_event("Coffee", NOW - 100 * DAY)
    cursor = caught_up(world)
    world.server.advance(timedelta(days=10))
    world.server.user.add_event("Entered meanwhile", NOW - 90 * DAY)
    world.server.advance(timedelta(days=50))
    items, after = everything(world.source(), cursor, NOW + 60 * DAY)
    assert {item.title for item in items if isinstance(item, Event)} == {"Coffee", "Entered meanwhile"}
    assert datetime.fromisoformat(after["since"]) == NOW + 60 * DAY


def test_events_that_age_out_of_the_window_between_two_runs_are_known(world: World) -> None:
    """Three weeks off: what was changed meanwhile and has left the window comes by ``updatedMin``."""
    made = world.server.user.add_event("Coffee", NOW + 2 * DAY)
    cursor = caught_up(world)
    world.server.advance(timedelta(days=1))
    world.server.user.rename_event(made.data["id"], "Espresso")
    world.server.advance(timedelta(days=20))
    assert titles(world.source().pull(cursor, NOW + 21 * DAY)) == ["Espresso"]


# -- the cursor --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cursor", [{}, {"v": 0}, {"v": 1}, {"v": 1, "seen": [], "covered": 3}, {"v": "1"}])
def test_a_cursor_that_cannot_be_read_begins_anew(world: World, cursor: dict[str, Any]) -> None:
    """Another version's cursor, or a broken one, costs a new import and nothing else."""
    world.server.user.add_event("Coffee", NOW + DAY)
    assert titles(world.source().pull(cursor, NOW)) == ["Coffee"]


def test_a_cursor_is_unpacked_as_it_was_packed(world: World) -> None:
    """Nothing is lost on the way through JSON."""
    world.server.load_events(50, days=40)
    _, cursor = everything(world.source())
    place = Place.load(json.loads(json.dumps(dict(cursor))))
    assert place is not None
    assert place.pack() == cursor
    assert replace(place, seen={}).series() == 0


# -- the account -------------------------------------------------------------------------------------------------------


def test_the_account_opens_its_calendar_half(world: World) -> None:
    """Through the account: events come, a calendar's trouble is told, reminders go where ``as`` says."""
    world.server.user.add_event("Coffee", NOW + DAY)
    calendars: dict[str, Role] = {"primary": "work", "nobody@example.org": "busy"}
    account = Google(calendars=calendars, mail=False, endpoint=world.server.url).kept_in(world.state)
    source = account.open_source("home", ZONE)
    assert source is not None
    pull = source.pull(None, NOW)
    assert (titles(pull), [type(trouble) for trouble in pull.troubles]) == (["Coffee"], [Unavailable])
    assert pull.listed is None
    assert type(account.open_reminders("home", ZONE)) is CalendarReminders
    tasks = replace(account, written_as="tasks").kept_in(world.state)
    assert type(tasks.open_reminders("home", ZONE)) is TaskReminders
    wires_of(account, "home", ZONE).close()
