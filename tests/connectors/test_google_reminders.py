"""Reminders go into a calendar of Kith's own in a Google account: once, quietly, and never over the user's hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors._google.calendar_own import ABOUT, OWN_MARK
from connectors._google.calendar_reminders import CalendarReminders, id_of
from connectors._google.errors import Unsure
from connectors.records import Edited, Event, Gone, Receipt, Rejected, Unavailable
from tests.connectors.contracts import NOW, REMINDER, ReminderContract
from tests.connectors.google_calendar_world import World
from tests.google import Server

DAY = timedelta(days=1)
LIST, GET = "calendar.events.list", "calendar.events.get"
CALENDARS = "calendar.calendarList.list"
OTHER = replace(REMINDER, key="reconnect/p-2/due", title="Call Ben", body="Last spoke in May.", alarm=None)


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


def own(world: World) -> Any:
    """The calendar of Kith's own, as the account has it."""
    (found,) = [one for one in world.server.account().calendars.calendars.values() if OWN_MARK in one.description]
    return found


def stored(world: World, key: str = REMINDER.key) -> dict[str, Any]:
    data: dict[str, Any] = own(world).events[id_of(key)].data
    return data


def standing(world: World) -> int:
    return sum(not event.cancelled for event in own(world).events.values())


def states(world: World, *receipts: Receipt) -> list[str]:
    return [fate.state for fate in world.reminders().look(receipts)]


class TestCalendarReminders(ReminderContract):
    @pytest.fixture(autouse=True)
    def _world(self, world: World) -> None:
        self.world = world

    def opened(self) -> CalendarReminders:
        self.world.restart()
        return self.world.reminders()

    def user_edits(self, receipt: Receipt) -> None:
        self.world.server.user.rename_event(id_of(receipt.key), "met, tell Ben")

    def user_deletes(self, receipt: Receipt) -> None:
        self.world.server.user.delete_event(id_of(receipt.key))

    def user_moves(self, receipt: Receipt, start: datetime) -> None:
        self.world.server.user.move_event(id_of(receipt.key), start)


# -- what is written ---------------------------------------------------------------------------------------------------


def test_an_event_of_ours_disturbs_nobody(world: World) -> None:
    """Free, private, no guests, the popup as asked for, in the user's zone, marked as ours by a hash alone (U16)."""
    world.reminders().create(REMINDER)
    event = stored(world)
    assert (event["transparency"], event["visibility"], event["summary"]) == ("transparent", "private", REMINDER.title)
    assert event["description"] == REMINDER.body
    assert "attendees" not in event
    assert event["start"] == {"dateTime": "2026-02-17T09:00:00+01:00", "timeZone": "Europe/Berlin"}
    assert event["reminders"] == {"useDefault": False, "overrides": [{"method": "popup", "minutes": 0}]}
    assert set(event["extendedProperties"]["private"]) == {"kith", "wrote"}
    assert "p-1" not in str(event)


@pytest.mark.parametrize(
    ("alarm", "popup", "minutes"), [(None, 10, []), (0, 10, [10]), (30, 10, [40]), (30, 0, [30]), (0, 0, [0])]
)
def test_the_popup_rings_as_configured(world: World, alarm: int | None, popup: int, minutes: list[int]) -> None:
    """A silent one stays silent; one that rings does so as much earlier as the user chose."""
    world.reminders(popup=popup).create(replace(REMINDER, alarm=alarm))
    assert [one["minutes"] for one in stored(world)["reminders"]["overrides"]] == minutes


def test_hostile_and_endless_text_is_written_harmlessly(world: World) -> None:
    """Controls are dropped, Google's limits kept, and the event is still known for ours."""
    receipt = world.reminders().create(replace(REMINDER, title="a\r\n\u202eb" * 200, body="x\x00y\r\n" * 9000))
    event = stored(world)
    assert "\x00" not in event["description"]
    assert len(event["description"]) <= 8192
    assert event["summary"].isprintable()
    assert states(world, receipt) == ["untouched"]


def test_what_google_makes_of_a_text_is_no_edit(world: World) -> None:
    """Markup, entities, line ends, another zone and another etag are the same reminder (C40)."""
    receipt = world.reminders().create(REMINDER)
    html = "<p>Met on Tuesday; she asked for the paper.</p><br>Why:&nbsp;first meeting."
    start = {"dateTime": "2026-02-17T03:00:00-05:00", "timeZone": "America/New_York"}
    world.server.user.edit_event(id_of(REMINDER.key), description=html, start=start, colorId="4")
    assert states(world, receipt) == ["untouched"]


def test_whoever_invites_somebody_to_it_owns_it(world: World) -> None:
    """Guests, or a repetition, are an edit: what would tell others is never changed or taken back."""
    receipt = world.reminders().create(REMINDER)
    world.server.user.edit_event(id_of(REMINDER.key), attendees=[{"email": "ada@lovelace.example"}])
    assert states(world, receipt) == ["edited"]
    with pytest.raises(Edited):
        world.reminders().withdraw(receipt)


def test_an_edit_in_any_part_of_the_text_is_one(world: World) -> None:
    """What was found is told, so that it can be read as an answer."""
    receipt = world.reminders().create(REMINDER)
    world.server.user.edit_event(id_of(REMINDER.key), description=f"called, later 3w\n{REMINDER.body}")
    (fate,) = world.reminders().look([receipt])
    assert (fate.state, fate.body.splitlines()[0]) == ("edited", "called, later 3w")


def test_moved_to_a_whole_day_is_midnight_there(world: World) -> None:
    """A day is a time too: the user's midnight."""
    receipt = world.reminders().create(REMINDER)
    world.server.user.move_event(id_of(REMINDER.key), date(2026, 2, 20), date(2026, 2, 21))
    (fate,) = world.reminders().look([receipt])
    assert (fate.state, fate.at) == ("moved", datetime(2026, 2, 19, 23, tzinfo=UTC))


def test_a_changed_one_keeps_what_the_user_added_elsewhere(world: World) -> None:
    """Ownership is by field (C40): colour and place are the user's."""
    receipt = world.reminders().create(REMINDER)
    world.server.user.edit_event(id_of(REMINDER.key), colorId="4", location="Café")
    world.reminders().change(receipt, replace(REMINDER, title="Done: Ada"))
    assert {name: stored(world)[name] for name in ("colorId", "location", "summary")} == {
        "colorId": "4", "location": "Café", "summary": "Done: Ada"}  # fmt: skip


# -- the calendar ------------------------------------------------------------------------------------------------------


def test_looking_makes_no_calendar(world: World) -> None:
    """Nothing is written before something is: no calendar for counting, finding or looking."""
    sink = world.reminders()
    assert (sink.count(), sink.find("x"), sink.look([])) == (0, None, ())
    assert len(world.server.account().calendars.calendars) == 1


def test_the_calendar_says_whose_it_is(world: World) -> None:
    """Its name, its words for the user, and the zone of the user."""
    world.reminders().create(REMINDER)
    made = own(world)
    assert (made.summary, made.description, made.zone.key) == ("Kith", ABOUT, "Europe/Berlin")


def test_the_calendar_is_found_again_by_its_mark(world: World) -> None:
    """A new process, a lost id, another name: still one calendar."""
    world.reminders().create(REMINDER)
    own(world).summary = "My people"
    world.restart()
    world.reminders().create(OTHER)
    assert standing(world) == 2


def test_a_foreign_calendar_with_our_mark_is_not_ours(world: World) -> None:
    """Somebody else's Kith, shared with the user, is left alone."""
    theirs = world.server.user.add_calendar("Kith", role="reader")
    theirs.description = ABOUT
    world.reminders().create(REMINDER)
    assert not theirs.events
    assert len(world.server.account().calendars.calendars) == 3


def test_a_calendar_of_another_oauth_client_is_told_in_words(world: World) -> None:
    """It can be seen and not written into: no second one is made behind the user's back."""
    other = world.server.user.add_calendar("Kith")
    other.description = ABOUT
    with pytest.raises(Unavailable, match="another OAuth client"):
        world.reminders().create(REMINDER)
    assert len(world.server.account().calendars.calendars) == 2


def test_a_calendar_deleted_as_a_whole_is_gone_as_a_whole(world: World) -> None:
    """No reminder is taken for dismissed, nothing is written into it, and a new one comes only when asked for (T6)."""
    receipt = world.reminders().create(REMINDER)
    world.server.user.delete_calendar(own(world).id)
    for _ in range(2):
        with pytest.raises(Gone):
            world.reminders().look([receipt])
    world.reminders().create(OTHER)
    made = [one for one in world.server.account().calendars.calendars.values() if not one.deleted]
    assert len(made) == 2


def test_a_calendar_that_went_while_it_was_written_to_is_not_made_anew(world: World) -> None:
    """The process still knows its id: what is not there any more is Gone, not another calendar."""
    world.reminders().create(REMINDER)
    world.server.user.delete_calendar(own(world).id)
    with pytest.raises(Gone):
        world.reminders().create(OTHER)
    assert [one for one in world.server.account().calendars.calendars.values() if not one.deleted and one.project] == []


def test_events_of_the_users_in_our_calendar_are_left_and_not_counted(world: World) -> None:
    """What somebody else put there is not ours."""
    receipt = world.reminders().create(REMINDER)
    made = world.server.user.add_event("Mine", NOW + DAY, calendar=own(world).id)
    world.reminders().withdraw(receipt)
    assert world.reminders().count() == 0
    assert not own(world).events[made.data["id"]].cancelled


def test_what_we_wrote_is_ours_wherever_it_is_read(world: World) -> None:
    """A reminder dragged into the user's own calendar is no evidence of a meeting."""
    world.reminders().create(REMINDER)
    event = own(world).events.pop(id_of(REMINDER.key))
    world.server.account().calendars.primary.events[event.data["id"]] = event
    (found,) = world.source().pull(None, NOW).items
    assert isinstance(found, Event)
    assert found.ours


# -- the user's no -----------------------------------------------------------------------------------------------------


def test_what_the_user_deleted_is_not_brought_back(world: World) -> None:
    """A row that was never settled meets its tombstone: created is not an error, and the next look says gone."""
    world.reminders().create(REMINDER)
    world.server.user.delete_event(id_of(REMINDER.key))
    assert world.reminders().find(REMINDER.key) is None
    again = world.reminders().create(REMINDER)
    assert standing(world) == 0
    assert states(world, again) == ["gone"]


@pytest.mark.parametrize("revives", ["always", "own", "never"])
def test_a_vanished_tombstone_is_a_no_all_the_same(world: World, revives: Any) -> None:
    """The id stays taken when the bin was emptied; nobody tries to revive it, allowed or not."""
    world.server.switches.revives = revives
    world.reminders().create(REMINDER)
    world.server.user.delete_event(id_of(REMINDER.key))
    world.server.user.empty_bin(own(world).id)
    assert states(world, world.reminders().create(REMINDER)) == ["gone"]


def test_an_edit_made_before_the_answer_arrived_stays_an_edit(world: World) -> None:
    """The answer to the insert was lost and the user was quicker than the next tick: found, and told as edited."""
    world.server.fault("drop after", method="calendar.events.insert")
    with pytest.raises(Unsure):
        world.reminders().create(REMINDER)
    world.server.user.rename_event(id_of(REMINDER.key), "called")
    found = world.reminders().find(REMINDER.key)
    assert found is not None
    assert states(world, found) == ["edited"]
    with pytest.raises(Edited):
        world.reminders().withdraw(found)


# -- requests ----------------------------------------------------------------------------------------------------------


def test_a_look_is_one_request_however_many_stand_there(world: World) -> None:
    """Idle: one listing, no request for each reminder."""
    many = [replace(REMINDER, key=f"reconnect/p-{number}") for number in range(8)]
    receipts = [world.reminders().create(item) for item in many]
    with world.asking() as asked:
        fates = world.reminders().look(receipts)
    assert ([fate.state for fate in fates], asked) == (["untouched"] * 8, [LIST])


def test_a_reminder_costs_two_requests(world: World) -> None:
    """Find, and insert; the calendar was looked up once in this process."""
    world.reminders().create(OTHER)
    with world.asking() as asked:
        sink = world.reminders()
        assert sink.find(REMINDER.key) is None
        sink.create(REMINDER)
    assert asked == [GET, "calendar.events.insert"]


def test_nothing_is_gone_before_it_was_asked_for(world: World) -> None:
    """An empty listing, a purged bin, a day long before: each one missing is asked for by its id."""
    receipts = [world.reminders().create(item) for item in (REMINDER, OTHER)]
    world.server.user.move_event(id_of(OTHER.key), NOW - 300 * DAY)
    world.server.fault("empty", method=LIST)
    with world.asking() as asked:
        fates = world.reminders().look(receipts)
    assert ([fate.state for fate in fates], asked) == (["untouched", "moved"], [LIST, GET, GET])


def test_receipts_of_another_connector_are_left_alone(world: World) -> None:
    """After a change of ``as`` nothing is taken for dismissed, and nothing is deleted by guess."""
    receipt = Receipt(key=REMINDER.key, ref="task:abc/def", fingerprint="x.y")
    with world.asking() as asked:
        assert states(world, receipt) == ["untouched"]
        world.reminders().withdraw(receipt)
    assert asked == []


# -- faults ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "there"),
    [("drop after", 1), ("drop before", 0), ("half body", 1), ("not json", 0), (500, 0), ("redirect", 1)],
)
def test_a_lost_answer_to_a_write_is_settled_by_looking(world: World, what: int | str, there: int) -> None:
    """Sent once; whether it happened is found out under its key; in the end it stands there once."""
    world.reminders().create(OTHER)
    world.server.fault(what, method="calendar.events.insert")
    with pytest.raises(Unavailable):
        world.reminders().create(REMINDER)
    found = world.reminders().find(REMINDER.key)
    assert (found is not None) == bool(there)
    receipt = found or world.reminders().create(REMINDER)
    assert standing(world) == 2
    assert states(world, receipt) == ["untouched"]
    assert sum(entry.verb == "POST" for entry in world.server.requests("calendar.events.insert")) == 3 - there


def test_a_lost_answer_to_the_making_of_the_calendar_makes_no_second(world: World) -> None:
    """It is found by its mark before another is made."""
    world.server.fault("drop after", method="calendar.calendars.insert")
    with pytest.raises(Unsure):
        world.reminders().create(REMINDER)
    world.restart()
    world.reminders().create(REMINDER)
    assert standing(world) == 1


def test_a_lost_answer_to_a_change_is_no_edit(world: World) -> None:
    """The event itself says what we wrote last, so that the old receipt is enough."""
    receipt = world.reminders().create(REMINDER)
    world.server.fault("drop after", method="calendar.events.patch")
    with pytest.raises(Unsure):
        world.reminders().change(receipt, replace(REMINDER, title="Done: Ada"))
    assert states(world, receipt) == ["untouched"]
    world.reminders().withdraw(receipt)
    assert standing(world) == 0


@pytest.mark.parametrize("what", [403, 429, 503, "drop before"])
def test_a_refused_write_changes_nothing(world: World, what: int | str) -> None:
    """Quota and trouble are left to the next tick, and the write is not tried twice in one."""
    receipt = world.reminders().create(REMINDER)
    fault = world.server.fault(what, method="calendar.events.*", verb="[!G]*", times=None)
    with pytest.raises(Unavailable):
        world.reminders().change(receipt, OTHER)
    assert (fault.hits, standing(world)) == (1, 1)
    world.server.calm()
    world.slept += timedelta(hours=7)
    assert states(world, receipt) == ["untouched"]


def test_a_write_that_google_will_never_take_is_rejected(world: World) -> None:
    """A 400 parks the row."""
    world.server.fault(400, method="calendar.events.insert")
    with pytest.raises(Rejected):
        world.reminders().create(REMINDER)


def test_a_change_between_look_and_write_is_looked_at_again(world: World) -> None:
    """412 for an etag that Google changed by itself: looked at again, and written; for an edit: Edited."""
    receipt = world.reminders().create(REMINDER)
    world.server.fault(412, method="calendar.events.patch")
    changed = world.reminders().change(receipt, replace(REMINDER, title="Done: Ada"))
    assert stored(world)["summary"] == "Done: Ada"
    world.server.fault(412, method="calendar.events.delete", times=None)
    with pytest.raises(Unavailable):
        world.reminders().withdraw(changed)
    assert states(world, changed) == ["untouched"]


def test_an_edit_under_our_hands_is_never_overwritten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user edits between our look and our write: If-Match refuses it, and the second look says whose it is."""
    receipt = world.reminders().create(REMINDER)
    once = iter([True])
    real = type(world.wires.calendar).write

    def write(wire: Any, request: Any) -> Any:
        if next(once, False):
            world.server.user.rename_event(id_of(REMINDER.key), "my own words")
        return real(wire, request)

    monkeypatch.setattr(type(world.wires.calendar), "write", write)
    with pytest.raises(Edited):
        world.reminders().change(receipt, replace(REMINDER, title="Done: Ada"))
    assert stored(world)["summary"] == "my own words"


def test_an_event_deleted_under_our_hands_is_fine(world: World) -> None:
    """410 or 404 to a withdrawal: it is gone, which is what was wanted."""
    receipt = world.reminders().create(REMINDER)
    world.server.fault(410, method="calendar.events.delete", effect=True)
    world.reminders().withdraw(receipt)
    assert states(world, receipt) == ["gone"]


def test_a_page_of_somebody_elses_is_no_answer(world: World) -> None:
    """A captive portal between us and Google makes nothing gone."""
    receipt = world.reminders().create(REMINDER)
    world.server.fault("empty", method=LIST)
    world.server.fault("not json", method=GET, times=3)
    with pytest.raises(Unavailable):
        world.reminders().look([receipt])
