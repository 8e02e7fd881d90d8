"""Does Kith keep its word for a whole year? Asserted on what stood in the calendar and in Drafts, day by day.

The tests share one year and stay on one worker.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from daemon.model import LOOKING_BACK, NOTICES, PROPOSED, Entry
from tests.year.cast import BEGIN, CAST, DEADLINE, END, HOLIDAY, NEVER_REMINDED, NEWCOMERS, VIENNA
from tests.year.files import Shown, at
from tests.year.life import DAY, is_away, is_ignoring, is_meetup, is_working
from tests.year.year import Look, Year

pytestmark = pytest.mark.xdist_group("year")
REMINDS = PROPOSED | {"promise"}
VISIBLE = REMINDS | {"brief", "debrief"}
TOUCHES = frozenset({"one-to-one", "small-group", "call", "wrote", "heard"})


def placed_by_kith(year: Year, look: Look) -> list[tuple[Entry, Shown]]:
    """What stood in the calendar after a tick where Kith had put it: what Clara moved, by hand or word, is hers."""
    clara = [item for item in year.happenings if item.who == "clara" and item.at <= look.at]
    moved = {item.about for item in clara if "moves" in item.text or "later" in item.text}
    by_uid = {entry.ref: entry for entry in look.entries if entry.kind != "draft"}
    return [(by_uid[item.uid], item) for item in look.shown if item.uid not in moved]


def first_written(year: Year) -> dict[str, Entry]:
    """Everything Kith wrote, by key, as it was when it was written."""
    return {item.about: item.entry for item in year.happenings if item.what == "written" and item.entry is not None}


def about(year: Year, entry: Entry) -> set[str]:
    return {year.name(person) for person in (entry.person, *entry.also) if person}


def day_of(entry: Entry) -> date:
    assert entry.start is not None
    return entry.start.astimezone(VIENNA).date()


def test_the_year_is_full(year: Year) -> None:
    """Two ticks a day, and enough of everything to prove something: reminders, drafts, debriefs, promises, answers."""
    assert len(year.looks) == 2 * 365
    kinds = Counter(entry.kind for entry in year.entries.values())
    assert kinds["reconnect"] > 50
    assert kinds["follow-up"] > 8
    assert kinds["draft"] > 40
    assert kinds["debrief"] > 15
    assert kinds["brief"] > 15
    assert kinds["promise"] > 4
    ends = Counter(entry.state for entry in year.entries.values())
    assert all(ends[state] for state in ("overtaken", "dismissed", "done", "passed", "sent", "noted", "withdrawn"))


@pytest.mark.parametrize(
    ("kinds", "a_week", "a_day"), [(REMINDS, 5, 2), (VISIBLE, 8, 3)], ids=["reminders", "everything visible"]
)
def test_never_too_much(year: Year, kinds: frozenset[str], a_week: int, a_day: int) -> None:
    """Five reminders a week and two a day, eight things a week and three a day: never more, in any look of the year."""
    for look in year.looks:
        days = Counter(item.start.date() for entry, item in placed_by_kith(year, look) if entry.kind in kinds)
        weeks: Counter[date] = Counter()
        for day, number in days.items():
            weeks[day - day.weekday() * DAY] += number
        assert max(days.values(), default=0) <= a_day, (look.at, days)
        assert max(weeks.values(), default=0) <= a_week, (look.at, weeks)


def test_three_drafts_and_one_a_person(year: Year) -> None:
    """Drafts never holds more than three unsent ones, and never two to one person."""
    for look in year.looks:
        assert len(look.drafts) <= 3, look.at
        assert len(set(look.drafts)) == len(look.drafts), look.at


def test_nobody_who_is_no_business_of_kiths(year: Year) -> None:
    """Household, colleague, service, a mail friend and the one who died are never reminded of, and get no draft."""
    for entry in year.entries.values():
        if entry.kind in PROPOSED | {"draft"}:
            assert not about(year, entry) & NEVER_REMINDED, entry.title


def test_never_means_never(year: Year) -> None:
    """After "never" is typed behind a reminder its person is in no entry and no draft again, all year long."""
    said = next(item for item in year.happenings if item.who == "clara" and '"never"' in item.text)
    for key, entry in first_written(year).items():
        if "Viktor Stahl" in about(year, entry):
            assert entry.decided is not None
            assert entry.decided < said.at, key
    for look in year.looks:
        if look.at > said.at:
            assert "viktor@stahl.example" not in look.drafts


def test_a_refusal_is_a_rest(year: Year) -> None:
    """After a deletion or a "no" nothing is proposed about that person for a whole interval, but what an x asks for."""
    looks = {look.at: look for look in year.looks}
    later = [entry for entry in first_written(year).values() if entry.kind == "reconnect" and entry.decided]
    proved = 0
    for refused in year.entries.values():
        if refused.kind not in PROPOSED or refused.state != "dismissed" or refused.settled is None:
            continue
        for entry in later:
            assert entry.decided is not None
            if entry.person == refused.person and entry.decided > refused.settled:
                thought = [looks[when].opinions[refused.person].ideal for when in (refused.settled, entry.decided)]
                assert entry.decided - refused.settled >= timedelta(days=min(thought)), entry.key
                proved += 1
    assert proved > 3


def test_what_was_deleted_never_comes_back(year: Year) -> None:
    """An entry that Clara deleted stands nowhere any more, from the next look to the end of the year."""
    gone = {uid: day for _, uid, day in year.hand.deleted}
    assert len(gone) > 5
    for look in year.looks:
        for item in look.shown:
            assert look.at.date() <= gone.get(item.uid, END), item.title


def test_key_people_are_not_lost(year: Year) -> None:
    """Nobody key is silent for longer than the worst interval without a reminder; holiday and the deadline aside."""
    key = {person for person in year.people if year.name(person) in {"Maria Huber", "Thomas Aigner", "Petra Moser"}}
    assert len(key) == 3
    quiet = 0
    for look in year.looks:
        quiet = 14 if is_away(look.at.date()) or is_ignoring(look.at.date()) else max(quiet - 0.5, 0)
        for person in key:
            thought = look.opinions[person]
            if quiet or thought.silence is None or thought.silence <= thought.worst:
                continue
            since = look.at - timedelta(days=thought.worst)
            asked = [entry for entry in look.entries if entry.person == person and entry.kind in PROPOSED]
            assert any(entry.start and since <= entry.start for entry in asked), (look.at, year.name(person))


def test_two_refusals_lengthen_by_half(year: Year) -> None:
    """Two reminders in a row deleted or left alone: the interval grows by half with the second, not before."""
    grown = []
    for before, after in pairwise(year.looks):
        for person, thought in after.opinions.items():
            old = before.opinions.get(person)
            if old is not None and old.stage == thought.stage and old.key == thought.key and old.ideal:
                ratio = thought.ideal / old.ideal
                if 1.45 < ratio < 1.55:
                    grown.append(person)
                    refused = [
                        entry
                        for entry in after.entries
                        if entry.person == person and entry.kind in PROPOSED and is_refused(entry, after)
                    ]
                    assert len(refused) >= 2, year.name(person)
    assert grown


def is_refused(entry: Entry, look: Look) -> bool:
    stood = entry.start is not None and entry.start + timedelta(days=7) <= look.at
    return entry.state in {"dismissed", "passed"} or (entry.state in {"written", "moved"} and stood)


def test_kith_halves_in_the_deadline_and_not_for_ever(year: Year) -> None:
    """Five weeks without an answer halve the reminders; once Clara acts on them again they are whole again."""
    halved = [look.at.date() for look in year.looks if look.halved]
    assert halved
    assert DEADLINE[0] + 14 * DAY <= halved[0] <= DEADLINE[1]
    assert DEADLINE[1] < halved[-1] < date(2027, 12, 15)
    meanwhile = [
        entry
        for entry in first_written(year).values()
        if entry.kind in PROPOSED and entry.decided and halved[0] < entry.decided.date() <= DEADLINE[1]
    ]
    weeks = Counter(day_of(entry) - day_of(entry).weekday() * DAY for entry in meanwhile)
    assert max(weeks.values()) <= 2


def test_three_growing_places(year: Year) -> None:
    """At most three people are being got to know at a time; over the year more than three are."""
    assert max(len(look.slots) for look in year.looks) <= 3
    assert len({person for look in year.looks for person in look.slots}) > 3


def test_debriefs_after_open_evenings(year: Year) -> None:
    """After each meetup Kith asks whom she met, that evening; what she answers is noted in the title and in people."""
    asked = {day_of(entry): entry for entry in year.entries.values() if entry.kind == "debrief"}
    evenings = [BEGIN + number * DAY for number in range(365) if is_meetup(BEGIN + number * DAY)]
    assert len(evenings) > 15
    assert set(evenings) <= set(asked)
    for day in evenings:
        answered = asked[day].ref in year.hand.answered
        assert asked[day].state == ("noted" if answered else "passed"), day
        assert asked[day].title.startswith("Noted: ") == answered
    names = {person.name for person in year.people.values()}
    assert {one.name for several in NEWCOMERS.values() for one in several if one.name} <= names
    assert not any("student" in name for name in names)


def test_briefs_before_open_evenings(year: Year) -> None:
    """An hour before each meetup but the first ones, and one in a full week, Kith says whom to look for: two people at
    most, and of those whom it names nobody who is no business of its, nobody muted; nothing twice for one event."""
    briefs = [entry for entry in year.entries.values() if entry.kind == "brief"]
    assert len({entry.fact for entry in briefs}) == len(briefs)
    evenings = [BEGIN + number * DAY for number in range(60, 365) if is_meetup(BEGIN + number * DAY)]
    told = {day_of(entry): entry for entry in briefs if entry.reason == "open-event"}
    untold = set(evenings) - set(told)
    assert len(untold) <= 1
    for day in untold:  # promises, meetings and the debrief had taken the week
        monday = day - day.weekday() * DAY
        stood = {
            entry.key
            for look in year.looks
            for entry, item in placed_by_kith(year, look)
            if entry.kind in VISIBLE and monday <= item.start.date() < monday + 7 * DAY
        }
        assert len(stood) >= 7, day
    for entry in briefs:
        assert not about(year, entry) & (NEVER_REMINDED - {"Otto Wieser"}), entry.body
        sought = [line for line in entry.body.split("\n") if " - " in line and not line.startswith(" ")]
        assert len(sought) <= 2, entry.body
        assert entry.alarm is None
        assert all(len(line) <= 60 for line in entry.body.split("\n"))
        assert len(entry.title) <= 40


def test_promises_come_on_their_day(year: Year) -> None:
    """A promise stands a week after it was given, or on the last working day before that."""
    promises = [entry for entry in first_written(year).values() if entry.kind == "promise"]
    for entry in promises:
        assert entry.decided is not None
        due = entry.decided.astimezone(VIENNA).date() + 7 * DAY
        while not is_working(due) or is_away(due):
            due -= DAY
        assert day_of(entry) == due, entry.title


def test_no_heap_after_the_holiday(year: Year) -> None:
    """Nothing stands in the two weeks off, and in the week after there is no more than in any week."""
    for look in year.looks:
        shown = [
            (entry, item) for entry, item in placed_by_kith(year, look) if entry.kind not in NOTICES | LOOKING_BACK
        ]
        inside = [item for _, item in shown if is_away(item.start.date())]
        assert not inside, look.at
    back = HOLIDAY[1] + DAY
    stood = {
        item.uid
        for look in year.looks
        for entry, item in placed_by_kith(year, look)
        if entry.kind in REMINDS and back <= item.start.date() < back + 7 * DAY
    }
    assert 0 < len(stood) <= 5


def test_a_review_each_friday(year: Year) -> None:
    """Each Friday at four one review; the two weeks off say only that, all others what came of them."""
    reviews = {day_of(entry): entry for entry in first_written(year).values() if entry.kind == "review"}
    assert len(reviews) == sum(entry.kind == "review" for entry in year.entries.values())
    days = sorted(reviews)
    assert days == [days[0] + 7 * number * DAY for number in range(len(days))]
    assert days[0].weekday() == 4
    assert len(days) >= 51
    for day, entry in reviews.items():
        assert entry.start is not None
        assert entry.start.astimezone(VIENNA).hour == 16
        off = entry.title == "Your week: off"
        assert off or not is_away(day), day
        assert not off or is_away(day) or is_ignoring(day), day
        assert (entry.body == "Week off. Nothing counted.") == off, day
        assert ("spoke:" in entry.body) == (not off), day
    assert any("half as many" in entry.body.replace("\n", " ") for entry in reviews.values())
    assert all(day_of(entry).month == 1 for entry in year.entries.values() if entry.kind == "letter")


def test_days_of_reminders(year: Year) -> None:
    """Reconnects stand on Tuesdays and Thursdays, everything but debriefs on working days: no weekend, no feast."""
    for key, entry in first_written(year).items():
        if entry.kind in REMINDS:
            assert is_working(day_of(entry)), (key, day_of(entry))
        if entry.kind in {"reconnect", "roundup"}:
            assert day_of(entry).weekday() in {1, 3}, key


def test_what_was_done_on_its_day_says_so(year: Year) -> None:
    """A reminder whose matter was settled on its day or after reads "Done: ..." where Clara left the title alone."""
    shown = {item.uid: item.title for item in year.looks[-1].shown}
    typed = {item.about for item in year.happenings if item.who == "clara" and "types" in item.text}
    done = 0
    for entry in year.entries.values():
        if entry.kind not in PROPOSED or entry.state != "overtaken" or entry.ref in typed or entry.settled is None:
            continue
        if entry.settled.astimezone(VIENNA).date() < day_of(entry):
            assert entry.ref not in shown, entry.title
        else:
            assert shown[entry.ref or ""].startswith("Done: "), entry.title
            done += 1
    assert done > 20


def test_nobody_stands_twice(year: Year) -> None:
    """No look shows two open reminders about one person."""
    for look in year.looks:
        open_ones: dict[str, list[str]] = defaultdict(list)
        for entry in look.entries:
            fresh = entry.start is not None and entry.start + timedelta(days=7) > look.at
            if entry.kind in {"follow-up", "reconnect"} and entry.state in {"written", "moved"} and fresh:
                open_ones[entry.person].append(entry.title)
        assert all(len(titles) == 1 for titles in open_ones.values()), (look.at, open_ones)


def test_at_the_end_the_calendar_holds_what_the_ledger_says(year: Year) -> None:
    """Every entry in the calendar Kith is one the ledger knows, as it says; nothing of Kith's is left besides."""
    known = {entry.ref: entry for entry in year.entries.values() if entry.kind != "draft"}
    kept = {"written", "moved", "edited", "overtaken", "done", "dismissed", "noted"}
    for item in year.looks[-1].shown:
        assert known[item.uid].state in kept
    shown = {item.uid for item in year.looks[-1].shown}
    assert {entry.ref for entry in known.values() if entry.state in {"written", "moved", "noted"}} <= shown


def test_the_cast_is_complete(year: Year) -> None:
    """Kith found everybody of the cast by itself, from the calendar and the sent mail."""
    names = {person.name for person in year.people.values()}
    assert {figure.name for figure in CAST if figure.place != "service"} <= names
    assert at(BEGIN, 7) == year.looks[0].at
