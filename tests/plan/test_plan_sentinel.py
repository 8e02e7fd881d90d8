"""The sentinel says by itself that Kith is dead: right when seen early, moved once a day, off when deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.model import Entry, Plan, Routine
from daemon.plan import decide, notices
from daemon.relate import opinions
from daemon.vocabulary import load_templates
from tests.histories import NOW, SETTINGS, ZONE, entry, history, state

TEMPLATES = load_templates()
GREETED = entry("handshake", about="", fact="handshake", account="home", state="dismissed")
STANDING = {"written", "edited", "moved"}


def at(text: str, zone: ZoneInfo = ZONE) -> datetime:
    """The instant of a wall clock in Vienna."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def plan(entries: Sequence[Entry], now: datetime, settings: object = SETTINGS) -> Plan:
    return notices([GREETED, *entries], (), settings, now, TEMPLATES)  # type: ignore[arg-type]


def carried_out(outbox: Mapping[str, Entry], done: Plan, now: datetime) -> dict[str, Entry]:
    """The outbox once every row of the plan was carried out; a time that the user chose stays."""
    after = dict(outbox)
    for gone in done.withdraw:
        after[gone.key] = replace(after[gone.key], state="withdrawn", problem=gone.why, settled=now)
    for item in done.amend:
        new = item.amended
        text = {"title": new.title, "body": new.body, "amended": None} if new else {}
        times = {"start": new.start, "end": new.end} if new and item.state != "moved" else {}
        after[item.key] = replace(item, **text, **times)  # type: ignore[arg-type]
    return after | {item.key: replace(item, state="written", ref="r", settled=now) for item in done.write}


def first(now: datetime) -> Entry:
    """The sentinel as it stands since ``now``."""
    (item,) = carried_out({}, plan((), now), now).values()
    return item


def place(item: Entry, zone: ZoneInfo = ZONE) -> str:
    assert item.start is not None
    return item.start.astimezone(zone).strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("now", "stands"),
    [
        ("2026-06-01T00:00", "Wed 2026-06-03 09:00"),
        ("2026-06-01T23:59", "Wed 2026-06-03 09:00"),
        ("2026-06-02T12:00", "Thu 2026-06-04 09:00"),
        ("2026-06-04T12:00", "Mon 2026-06-08 09:00"),  # Saturday and Sunday are no working mornings
        ("2026-06-05T12:00", "Mon 2026-06-08 09:00"),
        ("2026-06-06T12:00", "Mon 2026-06-08 09:00"),
        ("2026-06-07T12:00", "Tue 2026-06-09 09:00"),
        ("2026-03-27T12:00", "Mon 2026-03-30 09:00"),  # the night of the 29th has no 02:00
        ("2026-10-23T12:00", "Mon 2026-10-26 09:00"),  # the night of the 25th has it twice
    ],
)
def test_it_stands_on_a_working_morning_at_least_two_days_ahead(now: str, stands: str) -> None:
    """At nine by the user's own clock, whatever is done to clocks meanwhile; it rings when it comes due."""
    found = first(at(now))
    assert (place(found), found.alarm, found.title) == (stands, 0, "Kith stopped, if this is today")


def test_holidays_and_the_users_own_hours_are_kept() -> None:
    """Neither a public holiday nor a day off is a working morning; the working day may begin at another hour."""
    routine = Routine(holidays=frozenset({date(2026, 6, 3)}), days_off=frozenset({3, 5, 6}))
    me = replace(SETTINGS.me, hours=(time(7, 30), time(15)))
    (found,) = plan((), at("2026-06-01T12:00"), replace(SETTINGS, routine=routine, me=me)).write
    assert place(found) == "Fri 2026-06-05 07:30"
    never = replace(SETTINGS, routine=Routine(days_off=frozenset(range(7))))
    assert place(plan((), at("2026-06-01T12:00"), never).write[0]) == "Wed 2026-06-03 09:00"


@pytest.mark.parametrize(
    ("language", "says"), [("en", "has not worked since Mon 1 Jun."), ("de", "arbeitet Kith seit Mo, 1. Juni")]
)
def test_its_text_is_right_when_it_is_seen_early(language: str, says: str) -> None:
    """It says first that it means nothing ahead of its day, then since when, and what to do."""
    settings = replace(SETTINGS, me=replace(SETTINGS.me, language=language))
    (found,) = plan((), at("2026-06-01T12:00"), settings).write
    text = " ".join(found.body.split())
    assert text.startswith({"en": "Kith moves this entry", "de": "Kith rückt diesen Eintrag"}[language])
    assert says in text
    assert "kith status" in found.body.splitlines()
    assert max(map(len, found.body.splitlines())) <= 60


@pytest.mark.parametrize("state", sorted({"written", "edited"}))
def test_it_is_moved_once_a_day(state: str) -> None:
    """The first tick of a day moves it and says that day; every other tick of the day leaves it."""
    now = at("2026-06-01T12:00")
    item = replace(first(now), state=state)  # type: ignore[arg-type]
    for hours in (0, 1, 11):
        assert plan([item], now + timedelta(hours=hours)) == Plan()
    (moved,) = plan([item], at("2026-06-02T00:05")).amend
    assert moved.amended is not None
    assert moved.amended.start == at("2026-06-04T09:00")
    assert "since Tue 2 Jun." in moved.amended.body
    assert not plan([moved], at("2026-06-02T00:20")).amend  # still on its way


def test_while_kith_is_dead_it_comes_due_and_the_next_tick_brings_it_back() -> None:
    """Nothing but a tick moves it: after days without one its day is there; the first tick puts it ahead again."""
    item = first(at("2026-06-01T12:00"))
    assert place(item) == "Wed 2026-06-03 09:00"
    (moved,) = plan([item], at("2026-06-05T16:00")).amend
    assert moved.amended is not None
    assert moved.amended.start == at("2026-06-08T09:00")


@pytest.mark.parametrize("later", [timedelta(), timedelta(days=1), timedelta(days=400)])
@pytest.mark.parametrize("account", ["home", "another"])
def test_deleted_it_is_off_for_good(later: timedelta, account: str) -> None:
    """A deletion is the user's word, in whichever calendar it stood."""
    now = at("2026-06-01T12:00")
    assert plan([replace(first(now), state="dismissed", account=account, settled=now)], now + later) == Plan()


@pytest.mark.parametrize(
    ("state", "problem", "again"),
    [
        ("withdrawn", "gone", timedelta()),  # with the whole calendar
        ("done", "", timedelta()),  # ticked off as a task: dealt with, not switched off
        ("withdrawn", "undone", timedelta(days=7)),
        ("failed", "refused", timedelta(days=7)),
    ],
)
def test_what_is_no_deletion_begins_anew(state: str, problem: str, again: timedelta) -> None:
    """At once, or after a week's rest; under a key of its own."""
    now = at("2026-06-01T12:00")
    item = replace(first(now), state=state, problem=problem, settled=now)  # type: ignore[arg-type]
    assert not again or plan([item], now + again - timedelta(hours=1)) == Plan()
    (found,) = plan([item], now + again).write
    assert found.key != item.key


def test_one_that_was_put_too_early_is_replaced_and_one_put_further_ahead_may_stay() -> None:
    """An alarm that the user dragged to tomorrow would be false there; next week it is right, with the day in it."""
    now = at("2026-06-01T12:00")
    tomorrow = replace(first(now), state="moved", start=at("2026-06-02T09:00"))
    found = plan([tomorrow], now)
    assert [(gone.key, gone.why) for gone in found.withdraw] == [(tomorrow.key, "displaced")]
    assert [place(item) for item in found.write] == ["Wed 2026-06-03 09:00"]
    assert plan([replace(tomorrow, leaving="displaced"), *found.write], now) == Plan()
    far = replace(first(now), state="moved", start=at("2026-06-20T09:00"))
    assert plan([far], now) == Plan()
    (told,) = plan([far], now + timedelta(days=1)).amend
    assert told.amended is not None
    assert (told.amended.start, "since Tue 2 Jun." in told.amended.body) == (far.start, True)


def test_one_that_could_not_be_written_yet_is_written_where_it_is_right() -> None:
    """What waited for days for the network is not put into the past."""
    waiting = plan((), at("2026-06-01T12:00")).write[0]
    (found,) = plan([waiting], at("2026-06-09T12:00")).amend
    assert (place(found), found.amended, found.state) == ("Thu 2026-06-11 09:00", None, "waiting")


def test_without_a_calendar_there_is_none() -> None:
    """Where no reminders are written there is no place for it."""
    assert plan((), at("2026-06-01T12:00"), replace(SETTINGS, reminders=None)) == Plan()


def test_it_takes_no_place_in_the_budget_and_no_time() -> None:
    """Eight of them on the morning of a block, and the same is planned as without: it stands outside (PRACTICE 4)."""
    facts = {who: history(["one-to-one -300..-90/30"], who, f"{who}@far.example") for who in ("p-1", "p-2")}
    bare = state(facts)
    item = first(NOW - timedelta(days=1))
    beside = replace(
        bare,
        entries=tuple(
            replace(item, key=f"sentinel//x/{number}", start=at("2026-06-02T09:00"), end=at("2026-06-02T09:15"))
            for number in range(8)
        ),
    )
    written = [decide(each, opinions(each), TEMPLATES).write for each in (bare, beside)]
    assert written[0]
    assert written[0] == written[1]


@given(st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(["", "", "", "early", "late", "edit"])), max_size=40))
def test_as_long_as_kith_ticks_it_never_comes_due(steps: list[tuple[int, str]]) -> None:
    """After every tick exactly one stands, two days ahead on a working day, whatever the user does but delete it; and
    a second tick of the same moment has nothing to do."""
    outbox: dict[str, Entry] = {}
    now = at("2026-02-01T06:00").astimezone(ZoneInfo("UTC"))
    for minutes, done in steps:
        now += timedelta(minutes=minutes)
        outbox = carried_out(outbox, plan(tuple(outbox.values()), now), now)
        assert plan(tuple(outbox.values()), now) == Plan()
        (item,) = (one for one in outbox.values() if one.state in STANDING)
        assert item.start is not None
        day = item.start.astimezone(ZONE).date()
        assert day >= now.astimezone(ZONE).date() + timedelta(days=2)
        assert item.state == "moved" or day.weekday() < 5
        shift = {"early": -timedelta(days=1), "late": timedelta(days=9)}.get(done)
        if shift is not None:
            outbox[item.key] = replace(item, state="moved", start=item.start + shift)
        elif done == "edit" and item.state == "written":
            outbox[item.key] = replace(item, state="edited")
