"""When does the review stand, how often, and when does it go? Friday 16:00 in Vienna, 14:00 UTC, of week 2026-W23."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import Event
from daemon.model import Block, Entry, State
from daemon.plan import decide, is_off, reviewed
from daemon.plan.agenda import agenda
from daemon.plan.budget import budget
from daemon.relate import opinions
from daemon.review import Past, Week
from daemon.vocabulary import load_templates, load_vocabulary
from tests.histories import SETTINGS, entry, history, state, taken
from tests.plan.situations import busy

FRIDAY = datetime(2026, 6, 5, 14, 0, tzinfo=UTC)
TEMPLATES = load_templates()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def world(at: datetime, **more: object) -> State:
    facts = {"p-1": history(["call -5", "call -3", "call +2", "call +9"])}
    return replace(state(facts, now=at, **more), vocabulary=load_vocabulary())  # type: ignore[arg-type]


def reviews(before: State) -> list[Entry]:
    plan = decide(before, opinions(before), TEMPLATES, Past)
    return [entry for entry in plan.write if entry.kind == "review"]


@pytest.mark.parametrize(
    ("at", "start"),
    [
        (FRIDAY - 61 * HOUR / 60, None),
        (FRIDAY - HOUR, FRIDAY),
        (FRIDAY, FRIDAY),
        (FRIDAY + 29 * HOUR / 60, FRIDAY),
        (FRIDAY + 7.9 * HOUR, FRIDAY),
        (FRIDAY + 2 * DAY, FRIDAY + 2 * DAY + HOUR / 4),
        (FRIDAY + 3 * DAY - HOUR / 60, FRIDAY + 3 * DAY),
        (FRIDAY + 3 * DAY, None),
    ],
)
def test_it_is_written_within_the_hour_before(at: datetime, start: datetime | None) -> None:
    """So its numbers are true; a Kith that slept tells it later, up to three days, always of that week."""
    found = reviews(world(at, entries=(entry("handshake", "", day=-3),)))
    assert [item.start for item in found] == ([] if start is None else [start])
    assert all(item.fact == "2026-W23" for item in found)


def test_of_a_week_before_it_came_kith_does_not_speak() -> None:
    """Installed on Saturday: the first review is on the next Friday; on Friday at four: at once."""
    assert reviews(world(FRIDAY + HOUR / 4))
    assert not reviews(world(FRIDAY + HOUR / 2))
    assert not reviews(world(FRIDAY + DAY))


def test_once_a_week_whatever_becomes_of_it() -> None:
    """Written, answered or deleted: none comes again for that week; the next week has its own."""
    before = world(FRIDAY)
    plan = decide(before, opinions(before), TEMPLATES, Past)
    for fate in ("written", "noted", "dismissed", "done"):
        after = taken(before, plan, fate)
        assert not reviews(after)
        assert not reviews(replace(after, now=FRIDAY + HOUR))
        (later,) = reviews(replace(after, now=FRIDAY + 7 * DAY))
        assert (later.fact, later.start) == ("2026-W24", FRIDAY + 7 * DAY)


def test_it_goes_after_thirty_days_if_it_was_left_alone() -> None:
    """Like everything that nobody answered; what was typed into stays."""
    before = world(FRIDAY)
    plan = decide(before, opinions(before), TEMPLATES, Past)
    for fate, gone in (("written", True), ("moved", True), ("edited", False), ("noted", False)):
        for age, expected in ((29, False), (30, gone)):
            after = replace(taken(before, plan, fate), now=FRIDAY + age * DAY)
            left = decide(after, opinions(after), TEMPLATES).withdraw
            assert any(item.key.startswith("review/") for item in left) == expected


def test_it_stands_outside_the_budget() -> None:
    """A week that is full of reminders has its review all the same, and a review takes no place."""
    none = replace(SETTINGS, capacity=replace(SETTINGS.capacity, reminders_week=0, items_week=0, items_day=0))
    assert reviews(world(FRIDAY, settings=none))
    stood = world(FRIDAY, entries=(entry("review", "", day=4), entry("letter", "", day=4)))
    counted = budget(SETTINGS.capacity, agenda(stood, ()), stood.entries, {})
    assert not counted.weeks.total()
    assert not counted.items.total()


@pytest.mark.parametrize("review", [None, Block(weekday=6, at=FRIDAY.time())])
def test_the_hour_is_chosen(review: Block | None) -> None:
    """``[routine] review`` says when; false: never. A Sunday is as good as any day."""
    settings = replace(SETTINGS, routine=replace(SETTINGS.routine, review=review))
    assert not reviews(world(FRIDAY, settings=settings))
    sunday = datetime(2026, 6, 7, 12, 0, tzinfo=UTC)
    found = reviews(world(sunday, settings=settings))
    assert [entry.fact for entry in found] == ([] if review is None else ["2026-W23"])


def test_nothing_is_written_where_no_account_takes_reminders() -> None:
    """A review needs a calendar."""
    assert not reviews(world(FRIDAY, settings=replace(SETTINGS, reminders=None)))


# -- as a draft to oneself ---------------------------------------------------------------------------------------------

WANTED = replace(SETTINGS, routine=replace(SETTINGS.routine, review_draft=True))


def drafts(before: State) -> list[Entry]:
    plan = decide(before, opinions(before), TEMPLATES, Past, lambda found, _: f"<h1>{found.week}</h1>")
    return [entry for entry in plan.write if entry.kind == "review-draft"]


def test_a_draft_to_oneself_only_where_it_is_wanted() -> None:
    """From an own address to the same one, in the account of the drafts, without a time, with the HTML of that week."""
    assert drafts(world(FRIDAY)) == []
    (found,) = drafts(world(FRIDAY, settings=WANTED))
    own = ("clara@winter.example", "Clara Winter")
    assert (found.to, found.to_name, found.sender, found.account) == (*own, own[0], "post")
    assert (found.start, found.end, found.alarm, found.person, found.second) == (None, None, None, "", None)
    assert (found.is_draft, found.is_to_oneself, found.fact, found.html) == (
        True,
        True,
        "2026-W23",
        "<h1>2026-W23</h1>",
    )
    assert drafts(world(FRIDAY, settings=replace(WANTED, drafts=None))) == []
    assert drafts(world(FRIDAY - 61 * HOUR / 60, settings=WANTED)) == []
    assert drafts(world(FRIDAY + 3 * DAY, settings=WANTED, entries=(entry("handshake", "", day=-3),))) == []


def test_where_no_calendar_is_written_the_draft_comes_alone() -> None:
    """Nothing is asked in it, for there is nothing to answer in."""
    (alone,) = drafts(world(FRIDAY, settings=replace(WANTED, reminders=None)))
    (beside,) = drafts(world(FRIDAY, settings=WANTED))
    assert "keep in touch?" in beside.body
    assert "?" not in alone.body
    assert not reviews(world(FRIDAY, settings=replace(WANTED, reminders=None)))


@pytest.mark.parametrize("fate", ["waiting", "written", "edited", "dismissed", "withdrawn", "failed"])
def test_one_draft_a_week_whatever_becomes_of_it(fate: str) -> None:
    """Thrown away or sent, it is not written again; the event of that week and the next draft know nothing of it."""
    before = world(FRIDAY, settings=WANTED)
    (first,) = drafts(before)
    after = replace(before, entries=(replace(first, state=fate, ref="r", settled=FRIDAY),))  # type: ignore[arg-type]
    assert drafts(after) == []
    assert [item.fact for item in reviews(after)] == ["2026-W23"]
    assert drafts(replace(after, now=FRIDAY + 2 * HOUR)) == []
    later = replace(after, now=FRIDAY + 7 * DAY)
    assert [item.fact for item in drafts(later)] == ["2026-W24"]
    plan = decide(later, opinions(later), TEMPLATES, Past)
    gone = [item.why for item in plan.withdraw if item.key == first.key]
    assert gone == (["passed"] if fate in {"waiting", "written"} else [])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["written", "edited", "dismissed"]), min_size=1, max_size=6))
def test_week_after_week_one_stands(fates: list[str]) -> None:
    """Whatever the user does with them: one stands untouched, that of this week; what was edited stays for good."""
    now = world(FRIDAY, settings=WANTED)
    for number, fate in enumerate(fates):
        now = replace(now, now=FRIDAY + number * 7 * DAY)
        now = taken(now, decide(now, opinions(now), TEMPLATES, Past))
        assert drafts(now) == []
        own = [item for item in now.entries if item.kind == "review-draft"]
        assert [item.fact for item in own if item.state == "written"] == [f"2026-W{23 + number}"]
        assert [item.state for item in own if item.state == "edited"] == ["edited"] * fates[:number].count("edited")
        last = replace(own[-1], state=fate, settled=now.now)  # type: ignore[arg-type]
        now = replace(now, entries=tuple(last if item.key == last.key else item for item in now.entries))


def test_a_draft_that_none_follows_goes_after_thirty_days() -> None:
    """The switch was turned off: the last one stands as long as a review in the calendar does."""
    (first,) = drafts(world(FRIDAY, settings=WANTED))
    stood = replace(first, state="written", ref="r", settled=FRIDAY)
    for age, expected in ((8, []), (29, []), (30, ["passed"])):
        after = world(FRIDAY + age * DAY, entries=(stood,))
        assert [item.why for item in decide(after, opinions(after), TEMPLATES, Past).withdraw] == expected


def test_the_draft_is_about_nobody() -> None:
    """It takes no place among drafts and reminders, asks no question that is then not asked again, and changes no
    opinion of whom it names."""
    before = world(FRIDAY, settings=replace(WANTED, reminders=None))
    (first,) = drafts(before)
    stood = replace(first, state="written", ref="r", settled=FRIDAY, also=("p-1",))
    after = replace(before, entries=(stood,), now=FRIDAY + HOUR)
    assert reviewed(after, Week.read("2026-W24")) == frozenset()
    assert opinions(after) == opinions(replace(after, entries=()))
    with_it, without = (decide(each, opinions(each), TEMPLATES) for each in (after, replace(after, entries=())))
    assert (with_it.write, with_it.held) == (without.write, without.held)


def test_what_was_asked_is_not_asked_again() -> None:
    """Three calls with somebody outside: asked in one review, kept silent about in the next; a row never written asked
    nothing."""
    before = world(FRIDAY)
    (first,) = reviews(before)
    assert first.evidence == ("2026-W23", "calls\tp-1")
    assert first.also == ("p-1",)
    plan = decide(before, opinions(before), TEMPLATES, Past)
    after = replace(taken(before, plan), now=FRIDAY + 7 * DAY)
    assert reviewed(after, Week.read("2026-W24")) == {"calls\tp-1"}
    assert reviews(after)[0].evidence == ("2026-W24",)
    unwritten = replace(after, entries=tuple(replace(entry, ref=None) for entry in after.entries))
    assert reviews(unwritten)[0].evidence == ("2026-W24", "calls\tp-1")


def away(first: date, last: date) -> tuple[Event, ...]:
    return (busy(first, 24 * (last - first).days),)


def test_a_week_off_is_one_whose_working_days_were_all_off() -> None:
    """Monday to Friday in the mountains: a week off; back on Friday: none."""
    week = Week.read("2026-W23")
    monday = date(2026, 6, 1)
    assert is_off(world(FRIDAY, calendar=away(monday, monday + 5 * DAY)), week)
    assert not is_off(world(FRIDAY, calendar=away(monday, monday + 4 * DAY)), week)
    (found,) = reviews(world(FRIDAY, calendar=away(monday, monday + 5 * DAY)))
    assert (found.title, found.body) == ("Your week: off", "Week off. Nothing counted.")


def test_once_a_year_a_letter_beside_the_first_review() -> None:
    """In January, if Kith was at work for half of the year before: sums, and Kith's own figures; once."""
    friday = datetime(2027, 1, 8, 15, 0, tzinfo=UTC)
    began = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
    drafts = [
        entry("draft", day=-3, state=fate, key=f"draft/{number}", decided=began, changed=changed)
        for number, (fate, changed) in enumerate((("sent", True), ("sent", False), ("discarded", True)))
    ]
    before = world(friday, entries=(*drafts, entry(day=-3, state="overtaken", decided=began)))
    plan = decide(before, opinions(before), TEMPLATES, Past)
    (letter,) = (item for item in plan.write if item.kind == "letter")
    assert (letter.title, letter.start) == ("Your year 2026", friday + HOUR / 2)
    said = " ".join(letter.body.split())
    assert "3 drafts offered, 2 sent, 1 of them changed first; 1 reminders, 1 acted on." in said
    again = replace(taken(before, plan), now=friday + 7 * DAY)
    assert not [item for item in decide(again, opinions(again), TEMPLATES, Past).write if item.kind == "letter"]


def test_no_letter_on_what_was_hardly_a_year() -> None:
    """Installed in August: there is little to write home about; and in February no letter comes late."""
    for at, began in ((datetime(2027, 1, 8, 15, tzinfo=UTC), 8), (datetime(2027, 2, 5, 15, tzinfo=UTC), 1)):
        first = entry(day=-3, decided=datetime(2026, began, 1, tzinfo=UTC))
        before = world(at, entries=(first,))
        plan = decide(before, opinions(before), TEMPLATES, Past)
        assert [item.kind for item in plan.write if item.kind in {"review", "letter"}] == ["review"]
