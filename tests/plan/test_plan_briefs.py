"""Before which events does Kith say whom to look for, and what gives way to what? (PRACTICE 5.4, C34, C39)"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.records import Event, Guest
from daemon.model import Entry, Plan, State, Target, local_day
from tests.histories import NOW, SETTINGS, ZONE, days, decided, entry, history, person, state, taken, touch
from tests.plan.situations import LUNCHES, friends, local, plan_for, written

EVENING = datetime(2026, 6, 1, 18, 30, tzinfo=ZONE)
"""Tonight: NOW is a Monday, noon."""
CLARA = Guest(address="clara@winter.example", name="Clara Winter", answer="accepted", me=True)
RUTH = touch("gathering", NOW - days(28), person="p-r", address="ruth@steiner.example", title="Founders meetup")


def event(title: str = "Founders meetup", start: datetime | date = EVENING, hours: float = 3, **more: Any) -> Event:
    key = more.pop("key", f"{title}-{start.isoformat()}")
    end = start + timedelta(hours=hours)
    return Event(key=key, uid=key, source_id=key, account="agenda", title=title, start=start, end=end, **more)


def evening(*events: Event, people: dict[str, Any] | None = None, **more: Any) -> State:
    """A world with open events, and Ruth, who was noted at an earlier one."""
    facts = {"p-r": (RUTH,), **(people or {})}
    made = state(facts, calendar=events, persons=[person("p-r", "Ruth Steiner", ("ruth@steiner.example",))], **more)
    return replace(made, open_events=frozenset(item.key for item in events))


def lunch(facts: list[str], start: datetime = EVENING, **more: Any) -> State:
    """A world with a meeting with Ada ahead, whose history is ``facts``."""
    made = event("Lunch", start, 1, key="lunch", **more)
    coming = touch("one-to-one", start.astimezone(ZONE), source="lunch", private=made.private)
    return state({"p-1": history(facts)}, calendar=(made,), ahead={"p-1": (coming,)}, persons=[person()])


def briefs(plan: Plan) -> list[Entry]:
    return written(plan, "brief")


def body(item: Entry) -> str:
    return " ".join(item.body.split())


def stands(item: Entry, **more: Any) -> Entry:
    return replace(item, state="written", ref="r", settled=NOW, **more)


@pytest.mark.parametrize(
    ("hours", "told"), [(-26, False), (-24, True), (-2, True), (-0.1, True), (0, False), (0.5, False), (30, False)]
)
def test_it_is_written_up_to_a_day_ahead_and_never_late(hours: float, told: bool) -> None:
    """At least two hours ahead a phone knows of it (C39); once its hour has come nobody needs it any more."""
    made = evening(event())
    at = EVENING - timedelta(hours=1) + timedelta(hours=hours)
    assert bool(briefs(plan_for(replace(made, now=at)))) is told


def test_it_stands_an_hour_before_and_does_not_ring() -> None:
    """A conference of whole days has it on its first morning (C18)."""
    (found,) = briefs(plan_for(evening(event())))
    assert (found.title, local(found), found.alarm) == ("Founders meetup: look for one person", "Mon 01 17:30", None)
    assert (found.person, found.also, found.reason) == ("", ("p-r",), "open-event")
    (fair,) = briefs(plan_for(evening(event("Founders meetup", date(2026, 6, 2), 48))))
    assert local(fair) == "Tue 02 08:00"


@pytest.mark.parametrize(
    ("why", "more"),
    [
        ("private", {"private": True}),
        ("cancelled", {"status": "cancelled"}),
        ("the family's calendar", {"role": "busy"}),
        ("declined", {"guests": (replace(CLARA, answer="declined"),)}),
    ],
)
def test_nothing_is_said_before(why: str, more: dict[str, Any]) -> None:
    assert not briefs(plan_for(evening(event(**more)))), why


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (["one-to-one -300..-90/30 title=Pumps"], "unseen"),
        (["one-to-one -300..-20/30 title=Pumps"], None),
        (["wrote -40 title=Pumps-for-all"], "somebody-new"),
        (["introduction -30 began=them", "one-to-one -300..-20/30"], "owed"),
        (["gathering -300", "wrote -20"], "unseen"),
        ([], None),
    ],
)
def test_before_a_meeting(facts: list[str], reason: str | None) -> None:
    """With somebody new, owed, or unseen for longer than ideal; nobody of whom there is nothing to say."""
    assert [item.reason for item in briefs(plan_for(lunch(facts)))] == ([] if reason is None else [reason])


def test_a_promise_comes_first_and_is_shown() -> None:
    made = lunch(["one-to-one -300..-20/30 title=Pumps"])
    promise = replace(decided("promise", "p-1", "the Graz study"), reason="2026-06-20")
    (found,) = briefs(plan_for(replace(made, decisions=(promise,))))
    assert (found.person, found.reason) == ("p-1", "promised")
    assert "You promised: the Graz study" in body(found)
    kept = entry("promise", "p-1", state="done", fact=promise.key, evidence=(promise.key,))
    assert not briefs(plan_for(replace(made, decisions=(promise,), entries=(kept,))))


@pytest.mark.parametrize(
    ("why", "more"),
    [("a series", {"series": "weekly"}), ("private", {"private": True})],
)
def test_not_before_every_meeting(why: str, more: dict[str, Any]) -> None:
    assert not briefs(plan_for(lunch(["one-to-one -300..-90/30"], **more))), why


def test_colleagues_and_the_muted_are_no_business() -> None:
    made = lunch(["one-to-one -300..-90/30 title=Pumps"])
    for said in (decided("mark", value="muted"), decided("mark", value="never"), decided("circle", value="household")):
        assert not briefs(plan_for(replace(made, decisions=(said,)))), said.value


def test_two_people_of_two_kinds() -> None:
    """Of three who were met here and a target who was not, one of each; a person talked to of late is none."""
    more = {
        who: (touch("gathering", NOW - days(ago), person=who, address=f"{who}@far.example", title="Founders meetup"),)
        for who, ago in (("p-a", 40), ("p-b", 50))
    }
    more["p-c"] = (
        touch("gathering", NOW - days(20), person="p-c", address="c@far.example", title="Founders meetup"),
        touch("one-to-one", NOW - days(5), person="p-c", address="c@far.example"),
    )
    targets = (Target(kind="a banker", names=("Karim Haddad",)), Target(kind="a printer", words=("ink",)))
    (found,) = briefs(plan_for(evening(event(), people=more, settings=replace(SETTINGS, targets=targets))))
    said = [line for line in found.body.splitlines() if " - " in line]
    assert said == ["Ruth Steiner - met Mon 4 May, not yet known.", "Karim Haddad - on your list: a banker."]
    assert "Nobody you know yet, on your list: a printer." in body(found)
    assert "Met here before: P-C Person, P-A Person, P-B Person." in body(found)


def test_a_kind_that_somebody_covers_is_not_missing() -> None:
    """By a word in a note; whoever is in the network and was in touch both ways covers a kind."""
    note = decided("note", "p-a", "prints with soy ink")
    targets = (Target(kind="a printer", words=("Ink",)),)
    friend = {"p-a": history(LUNCHES, "p-a", "a@far.example")}
    for said, missing in ((), True), ((note,), False):
        made = evening(event(), people=friend, settings=replace(SETTINGS, targets=targets), decisions=said)
        assert ("a printer" in body(briefs(plan_for(made))[0])) is missing


# -- kept true ---------------------------------------------------------------------------------------------------------


def test_it_is_brought_up_to_date_until_the_event_begins() -> None:
    """A note of this afternoon is in it; what the user typed into it stays; after it has begun nothing changes."""
    made = evening(event())
    (found,) = briefs(plan_for(made))
    noted = replace(made, decisions=(decided("note", "p-r", "started B2B"),), entries=(stands(found),))
    (after,) = [item for item in plan_for(noted).amend if item.kind == "brief"]
    assert after.amended is not None
    assert "Your note: started B2B." in after.amended.body
    typed = replace(noted, entries=(stands(found), replace(stands(found), key="x", fact="x", state="edited")))
    assert [item.key for item in plan_for(typed).amend] == [found.key]
    assert not plan_for(replace(noted, now=EVENING + timedelta(minutes=1))).amend
    again = plan_for(
        replace(noted, entries=(replace(after, title=after.amended.title, body=after.amended.body, amended=None),))
    )
    assert (again.amend, again.withdraw, briefs(again)) == ((), (), [])


@pytest.mark.parametrize("mark", ["muted", "never"])
def test_nobody_muted_stays_named(mark: str) -> None:
    """Where nobody else is left to name it goes; it does not come back under another key."""
    made = evening(event())
    (found,) = briefs(plan_for(made))
    plan = plan_for(replace(made, decisions=(decided("mark", "p-r", mark),), entries=(stands(found),)))
    assert [(item.key, item.why) for item in plan.withdraw] == [(found.key, "gone")]
    assert not briefs(plan)


@pytest.mark.parametrize(
    ("after", "why"),
    [("cancelled", "gone"), ("deleted", "gone"), ("a day later", "passed"), ("never delivered", "late")],
)
def test_it_goes(after: str, why: str) -> None:
    tonight = event()
    (found,) = briefs(plan_for(evening(tonight)))
    made = evening(tonight, entries=(stands(found),))
    if after == "cancelled":
        made = evening(replace(tonight, status="cancelled"), entries=(stands(found),))
    elif after == "deleted":
        made = evening(entries=(stands(found),))
    elif after == "a day later":
        made = replace(made, now=EVENING + days(1))
    else:
        made = replace(made, now=EVENING, entries=(replace(found, state="waiting", ref=None),))
    assert [(item.key, item.why) for item in plan_for(made).withdraw] == [(found.key, why)]


def test_it_moves_along_unless_the_day_is_full() -> None:
    """With its event to another day; where three things stand there already it falls out."""
    tonight = event(key="tonight")
    (found,) = briefs(plan_for(evening(tonight)))
    later = replace(
        tonight,
        start=EVENING + days(1),
        end=EVENING
        + days(
            1,
        )
        + timedelta(hours=3),
    )
    made = evening(later, entries=(stands(found),))
    (moved,) = [item for item in plan_for(made).amend if item.kind == "brief"]
    assert moved.amended is not None
    assert local(replace(moved, start=moved.amended.start)) == "Tue 02 17:30"
    full = tuple(entry("promise", f"x-{n}", day=1.1, fact=f"x-{n}", state="done") for n in range(3))
    plan = plan_for(replace(made, entries=(stands(found), *full)))
    assert [(item.key, item.why) for item in plan.withdraw if item.key == found.key] == [(found.key, "displaced")]


# -- what gives way ----------------------------------------------------------------------------------------------------


def standing(kind: str, number: int, day: float) -> Entry:
    return entry(kind, f"{kind}-{number}", day=day, fact=f"{kind}-{number}", state="written", settled=NOW)


def test_a_reconnect_gives_way_to_a_brief_and_a_follow_up_does_not() -> None:
    """What falls out first, from the right: promise, debrief, follow-up, brief, reconnect (C34)."""
    tomorrow = event(start=EVENING + days(0.9))
    fillers = {"p-f": history(LUNCHES, "p-f", "f@far.example"), "p-g": history(LUNCHES, "p-g", "g@far.example")}
    talks = tuple(
        entry("reconnect", who, day=0.9, fact=fillers[who][-1].key, evidence=(fillers[who][-1].key,), settled=NOW)
        for who in fillers
    )
    made = replace(evening(tomorrow, people=fillers, entries=talks), now=NOW + timedelta(hours=8))
    plan = plan_for(made)
    assert len(briefs(plan)) == 1
    assert [item.why for item in plan.withdraw if item.key.startswith("reconnect")] == ["displaced"]
    urgent = tuple(entry("promise", f"x-{n}", day=0.9, fact=f"x-{n}", state="done") for n in range(2))
    assert not briefs(plan_for(replace(made, entries=urgent)))
    assert len(written(plan_for(replace(made, entries=urgent)), "debrief")) == 1


def test_a_debrief_takes_the_place_of_a_brief() -> None:
    """A meetup called for tonight: the week holds eight things, one of them the brief of another evening."""
    other = event("Other evening", EVENING + days(2))
    done = tuple(
        entry("promise", f"x-{n}", day=day, fact=f"x-{n}", state="done")
        for n, day in enumerate((0.1, 0.1, 1.1, 1.1, 3.1, 3.1, 4.1))
    )
    brief = stands(
        entry("brief", "", day=2.3, fact=other.key, key="brief//x/0", evidence=(other.key,), reason="open-event")
    )
    asked = entry("debrief", "", day=-20, fact=other.key, state="noted")
    made = evening(event(), other, entries=(*done, brief, asked))
    plan = plan_for(made)
    assert [item.title for item in written(plan, "debrief")] == ["Who did you meet? (Founders meetup)"]
    assert ("brief//x/0", "displaced") in [(item.key, item.why) for item in plan.withdraw]


@st.composite
def weeks(draw: st.DrawFn) -> State:
    """A fortnight with evenings, lunches, people due and people just met, and what stands already."""
    count = draw(st.integers(1, 9))
    starts = [EVENING + timedelta(days=draw(st.integers(0, 9)), hours=draw(st.integers(-8, 2))) for _ in range(count)]
    evenings = [event(f"Founders meetup {n % 2}", start, 1, key=f"e{n}") for n, start in enumerate(starts)]
    people: dict[str, Any] = friends(draw(st.integers(0, 6)))
    for number in range(draw(st.integers(0, 5))):
        who, title = f"p-{number}", f"Founders meetup {number % 2}"
        facts = [touch("gathering", NOW - days(20 + number), person=who, address=f"{who}@far.example", title=title)]
        fresh = draw(st.booleans())
        facts += [touch("one-to-one", NOW - days(0.5), person=who, address=f"{who}@far.example")] if fresh else []
        people[who] = tuple(facts)
    made = evening(*evenings, people=people)
    marks = tuple(
        decided("mark", who, draw(st.sampled_from(["muted", "never", "target"]))) for who in sorted(people)[::3]
    )
    met = {who: (touch("one-to-one", starts[0], source="e0", person=who),) for who in sorted(people)[:1]}
    opened = frozenset(item.key for item in evenings[draw(st.integers(0, 1)) :])
    return replace(made, decisions=marks, ahead=met, open_events=opened)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(weeks(), st.lists(st.integers(3, 30), min_size=1, max_size=6))
def test_no_limit_is_exceeded_whatever_comes(world: State, hours: list[int]) -> None:
    """Look after look: three things a day and eight a week at most, nobody muted named, nothing decided twice."""
    for later in (0, *hours):
        world = replace(world, now=world.now + timedelta(hours=later))
        plan = plan_for(world)
        world = taken(world, plan)
        again = plan_for(world)
        assert (again.write, again.withdraw, again.amend) == ((), (), ())
        shown = [item for item in world.entries if item.kind != "draft" and item.state not in {"withdrawn", "failed"}]
        daily = Counter(local_day(item.start, ZONE) for item in shown if item.start)
        weekly = Counter(local_day(item.start, ZONE).isocalendar()[:2] for item in shown if item.start)
        assert max(daily.values(), default=0) <= 3
        assert max(weekly.values(), default=0) <= 8
        halted = {item.about for item in world.decisions if item.value in {"muted", "never"}}
        assert not halted & {who for item in briefs(plan) for who in (item.person, *item.also)}
        told = [item.fact for item in world.entries if item.kind == "brief"]
        assert len(told) == len(set(told))
