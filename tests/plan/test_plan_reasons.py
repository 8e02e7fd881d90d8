"""Which reasons are there to write, what does each rest on, and when does it rest?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.records import Event, Guest
from daemon.model import Decision, Plan, State
from tests.histories import NOW, YESTERDAY, days, decided, entry, history, person, state, taken, touch
from tests.plan.situations import plan_for, written

KEY = decided("mark", "p-1", "key")


def told(plan: Plan) -> list[tuple[str, str]]:
    """The kinds and reasons of what is written, reminders first."""
    return [(item.kind, item.reason) for item in plan.write]


def friend(*more: Any, every: int = 30, last: float = -20) -> tuple[Any, ...]:
    """Somebody met regularly, and not due."""
    facts = [touch("one-to-one", NOW + days(last - every * count), title="Lunch") for count in range(8)]
    return tuple(sorted((*facts, *more), key=lambda item: (item.at, item.key)))


def on_day(ago: int, **more: Any) -> tuple[Any, ...]:
    """Somebody first met exactly a year before today, at a fair, and in touch both ways since."""
    first = touch("small-group", NOW - days(365) + timedelta(hours=1), title="Valley fair for pumps", source="fair")
    since = [touch("one-to-one", NOW - days(number), title="Lunch") for number in (300, 200, ago)]
    return tuple(sorted((replace(first, **more), *since), key=lambda item: item.at))


# -- anniversary -------------------------------------------------------------------------------------------------------


def test_a_year_after_the_first_meeting() -> None:
    """On the day a reminder and its draft; a week ahead the reminder alone; the day after nothing comes."""
    facts = on_day(30)
    plan = plan_for(state({"p-1": facts}))
    assert told(plan) == [("reconnect", "anniversary"), ("draft", "anniversary")]
    reminder, draft = plan.write
    assert facts[0].key in draft.evidence
    assert "Valley fair for pumps" in draft.title
    assert "1 June 2025" in draft.body
    assert "A year ago" in reminder.body
    ahead = plan_for(replace(state({"p-1": facts}), now=NOW - days(5)))
    assert told(ahead) == [("reconnect", "anniversary")]
    assert ahead.write[0].start is not None
    assert ahead.write[0].start.date() == NOW.date()
    world = taken(replace(state({"p-1": facts}), now=NOW - days(5)), ahead)
    assert told(plan_for(replace(world, now=NOW))) == [("draft", "anniversary")]
    assert told(plan_for(replace(state({"p-1": facts}), now=NOW + days(1)))) == []


@pytest.mark.parametrize(
    ("facts", "earliest"),
    [
        (on_day(30), NOW - days(400)),
        (on_day(30, private=True), NOW - days(800)),
        (on_day(30, kind="gathering", rule="E6"), NOW - days(800)),
        (on_day(30)[:1], NOW - days(800)),
        (on_day(3), NOW - days(800)),
        ((touch("one-to-one", NOW - days(500), title="Lunch"), *on_day(30)), NOW - days(900)),
    ],
    ids=["half-read past", "private", "a crowd without a door", "nothing since", "in touch", "met before"],
)
def test_no_anniversary(facts: Any, earliest: Any) -> None:
    """Not from the first half year of the data (P26), not of what is private, not without anything since."""
    plan = plan_for(state({"p-1": facts}, earliest=earliest))
    assert not [item for item in plan.write if item.reason == "anniversary"]


# -- birthday ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "mark", "ahead", "expected"),
    [
        (-20.0, "key", 0, ["reconnect", "draft"]),
        (-20.0, "key", 4, ["reconnect"]),
        (-20.0, "key", 9, []),
        (-20.0, "admired", 0, []),
        (-740.0, "key", 0, []),
    ],
    ids=["today", "ahead", "far ahead", "not a key person", "silent for two years"],
)
def test_birthdays_of_key_people(last: float, mark: str, ahead: int, expected: list[str]) -> None:
    """A reminder of the day, and a draft on it; never of somebody without a touch in 24 months (S35)."""
    day = f"{NOW + days(ahead):%m-%d}"
    facts = friend(last=last)
    world = state({"p-1": facts}, decisions=(decided("mark", "p-1", mark),), birthdays={"p-1": day})
    plan = plan_for(replace(world, earliest=NOW - days(1500)))
    assert [item.kind for item in plan.write if item.reason == "birthday"] == expected


def test_a_birthday_is_one_whatever_was_written_before() -> None:
    """A mail in the days before does not settle it; one of that day does."""
    world = state({"p-1": friend()}, decisions=(KEY,), birthdays={"p-1": "06-05"})
    world = taken(world, plan_for(world))
    before = (*friend(), touch("wrote", NOW + days(2)))
    world = replace(world, touchpoints={"p-1": before}, now=NOW + days(4))
    assert told(plan_for(world)) == [("draft", "birthday")]
    assert plan_for(world).withdraw == ()
    world = taken(world, plan_for(world))
    wished = replace(world, touchpoints={"p-1": (*before, touch("wrote", NOW + days(4.1)))}, now=NOW + days(4.2))
    assert {item.why for item in plan_for(wished).withdraw} == {"overtaken"}


def test_a_better_reason_takes_the_place_of_a_pick_up() -> None:
    """What the user notes while a pick-up lies there untouched replaces its words; an edited one stays."""
    facts = friend(touch("wrote", NOW - days(89), title="Pumps for the valley"), last=-89)
    world = state({"p-1": facts})
    world = taken(world, plan_for(world))
    (old,) = [item for item in world.entries if item.kind == "draft"]
    joy = decided("note", "p-1", "congratulate: the prize", at=NOW + days(0.5))
    world = replace(world, decisions=(*world.decisions, joy), now=NOW + days(0.6))
    plan = plan_for(world)
    (new,) = written(plan, "draft")
    assert (new.reason, new.place, [item.key for item in plan.withdraw]) == ("congratulation", old.key, [old.key])
    assert told(plan_for(taken(world, plan))) == []
    edited = tuple(replace(item, state="edited") if item is old else item for item in world.entries)
    assert told(plan_for(replace(world, entries=edited))) == []


# -- both going --------------------------------------------------------------------------------------------------------


def summit(*guests: str, ahead: float = 10, answer: str = "accepted", **more: Any) -> Event:
    """An event ahead with a list of guests, the user among them."""
    everybody = [Guest(address="clara@winter.example", me=True, answer="accepted")]
    everybody += [Guest(address=address, answer=answer) for address in guests]  # type: ignore[arg-type]
    everybody += [Guest(address=f"g{number}@crowd.example", answer="accepted") for number in range(12)]
    start = NOW + days(ahead)
    whole: dict[str, Any] = {"title": "Valley water summit", "guests": tuple(everybody), **more}
    whole = {"key": "summit", "uid": "summit", "source_id": "summit", "account": "agenda", **whole}
    return Event(start=start, end=start + timedelta(hours=4), **whole)


def test_both_go_to_the_same_event() -> None:
    """A reminder before the event, a draft that lies until it begins and names it with its day."""
    world = state({"p-1": friend()}, calendar=(summit("p1@far.example", ahead=6),))
    plan = plan_for(world)
    assert told(plan) == [("reconnect", "both-going"), ("draft", "both-going")]
    assert plan.write[1].evidence == ("summit",)
    assert "Valley water summit" in f"{plan.write[1].title} {plan.write[1].body}"
    assert "7 June" in f"{plan.write[1].title} {plan.write[1].body}"
    world = taken(world, plan)
    assert plan_for(replace(world, now=NOW + days(5.9))).withdraw == ()
    gone = plan_for(replace(world, now=NOW + days(6)))
    assert [item.why for item in gone.withdraw if item.key == plan.write[1].key] == ["shelf-life"]
    off = plan_for(replace(world, calendar=()))
    assert [item.why for item in off.withdraw if item.key == plan.write[1].key] == ["gone"]


@pytest.mark.parametrize(
    "event",
    [
        summit("p1@far.example", answer="declined"),
        summit("p1@far.example", answer="none"),
        summit("p1@far.example", guests_hidden=True),
        summit("p1@far.example", private=True),
        summit("p1@far.example", status="cancelled"),
        summit("p1@far.example", ahead=0.5),
        summit("p1@far.example", ahead=20),
        summit("p1@far.example", title="Lunch"),
        summit("p1@far.example", title="Ada / Clara"),
        summit(),
    ],
    ids=[
        "declined",
        "unanswered",
        "hidden",
        "private",
        "cancelled",
        "tomorrow",
        "far",
        "generic",
        "names",
        "not there",
    ],
)
def test_not_both_going(event: Event) -> None:
    """Both have to come, both have to see it, and it has to have a name to be called by."""
    assert told(plan_for(state({"p-1": friend()}, calendar=(event,)))) == []


def test_the_next_edition_of_an_evening() -> None:
    """Somebody noted at two evenings of that title is asked whether they come, not told that they do."""
    evenings = [
        touch("gathering", NOW - days(ago), title="Founders meetup", rule="N1", source=f"e{ago}") for ago in (120, 60)
    ]
    event = summit(ahead=6, title="Founders meetup", guests=())
    world = state({"p-1": friend(*evenings)}, calendar=(event,), open_events=frozenset({"summit"}))
    plan = plan_for(world)
    assert told(plan) == [("reconnect", "both-going"), ("draft", "both-going")]
    assert "guest list" not in plan.write[1].body
    assert "before" in plan.write[1].body or "earlier" in plan.write[1].body
    assert told(plan_for(replace(world, touchpoints={"p-1": friend(evenings[0])}))) == []


# -- what the user said ------------------------------------------------------------------------------------------------


def test_a_word_to_congratulate_on() -> None:
    """What stands behind the label comes into the draft; the free rest of the note does not (C4)."""
    note = decided("note", "p-1", "tired of Linz. Congratulate: new job at Helio")
    plan = plan_for(state({"p-1": friend()}, decisions=(note,)))
    assert told(plan) == [("reconnect", "congratulation"), ("draft", "congratulation")]
    assert "new job at Helio" in plan.write[1].body
    assert "Linz" not in plan.write[1].body + plan.write[1].title
    assert plan.write[1].evidence == (note.key,)
    old = plan_for(state({"p-1": friend()}, decisions=(replace(note, at=NOW - days(15)),)))
    assert told(old) == []


def test_another_company_is_a_line_and_no_draft() -> None:
    """That somebody writes from another firm's domain is a guess for the user, nothing to congratulate on."""
    before = history(["wrote -300..-120/30"], address="ada@zinc.example")
    after = history(["wrote -50"], address="ada@helio.example")
    meetings = history(["one-to-one -330..-90/60 title=Lunch"], address="ada@zinc.example")
    facts = tuple(sorted((*before, *after, *meetings), key=lambda item: item.at))
    ada = person(addresses=("ada@helio.example", "ada@zinc.example"))
    plan = plan_for(state({"p-1": facts}, persons=[ada], decisions=(KEY,)))
    (reminder,) = written(plan, "reconnect")
    assert reminder.reason == "due"
    assert "helio.example" in reminder.body
    assert not [item for item in plan.write if item.kind == "draft"]
    free = tuple(
        replace(item, address="ada@gmail.com") if item.address == "ada@helio.example" else item for item in facts
    )
    (reminder,) = written(plan_for(state({"p-1": free}, persons=[ada], decisions=(KEY,))), "reconnect")
    assert "gmail" not in reminder.body


def promise(text: str = "the Graz study", due: float = 3) -> Decision:
    made = decided("promise", "p-1", text, at=NOW - days(4))
    return replace(made, reason=(NOW + days(due)).date().isoformat())


def test_a_promise_has_a_draft_and_comes_first() -> None:
    """Dated, before everything else, with the words of the promise; a mail in between withdraws the draft, not it."""
    made = promise()
    world = state({"p-1": history(["one-to-one -4 title=Pumps-for-the-valley"])}, decisions=(made,))
    plan = plan_for(world)
    assert told(plan)[0] == ("promise", "promised")
    (draft,) = written(plan, "draft")
    assert (draft.reason, draft.evidence, draft.fact) == ("promised", (made.key,), made.key)
    assert "the Graz study" in draft.body
    world = taken(world, plan)
    assert told(plan_for(world)) == []
    later = replace(
        world, now=NOW + days(1), touchpoints={"p-1": (*world.touchpoints["p-1"], touch("wrote", NOW + days(0.5)))}
    )
    assert {item.key.split("/")[0] for item in plan_for(later).withdraw} >= {"draft"}
    assert not [item for item in plan_for(later).withdraw if item.key.startswith("promise/")]


@pytest.mark.parametrize(
    ("text", "draft"),
    [("the Graz study", True), ("call ada@far.example", False), ("her divorce papers", False), ("x" * 90, False)],
)
def test_what_of_a_promise_may_be_said(text: str, *, draft: bool) -> None:
    """What hurts, is an address or too long stays in the reminder."""
    plan = plan_for(state({"p-1": friend()}, decisions=(promise(text),)))
    assert bool(written(plan, "draft")) == draft
    assert written(plan, "promise")


# -- introductions made ------------------------------------------------------------------------------------------------


def introduced(ago: float = 22, **more: Any) -> State:
    """Two people whom the user introduced to each other in one mail."""
    at = NOW - days(ago)
    mail = {"source": "intro@x.example", "rule": "M5", "mine": "clara@winter.example", "others": True}
    ada = friend(touch("introduction", at, **mail), every=40, last=-30)
    ben = [replace(item, person="p-2", address="ben@far.example") for item in friend(every=40, last=-30)]
    ben.append(touch("introduction", at, person="p-2", address="ben@far.example", **mail))
    persons = [person("p-1", "Ada Lovelace"), person("p-2", "Ben Kranz", addresses=("ben@far.example",))]
    people = {"p-1": ada, "p-2": tuple(sorted(ben, key=lambda item: item.at))}
    return state(people, persons=persons, **more)


def test_three_weeks_after_an_introduction() -> None:
    """One of the two is asked, once, from three weeks on: whoever needed something."""
    assert told(plan_for(introduced(20))) == []
    need = decided("note", "p-2", "needs: a pump")
    plan = plan_for(introduced(decisions=(need,)))
    assert told(plan) == [("reconnect", "introduction-check"), ("draft", "introduction-check")]
    assert [item.person for item in plan.write] == ["p-2", "p-2"]
    assert "Ada Lovelace" in plan.write[1].body
    assert "10 May" in plan.write[1].body
    world = taken(introduced(decisions=(need,)), plan)
    sent = tuple(replace(item, state="sent", settled=NOW) for item in world.entries)
    assert "introduction-check" not in dict(told(plan_for(replace(world, entries=sent, now=NOW + days(20))))).values()
    assert told(plan_for(introduced(60))) == []


# -- competing and resting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "ago", "again"),
    [("sent", 364, False), ("sent", 366, True), ("overtaken", 100, False), ("withdrawn", 100, True)],
)
def test_a_reason_used_rests_for_a_year(status: str, ago: float, *, again: bool) -> None:
    """What was used is not used again for that person within a year; what lay untouched was not used."""
    old = entry("draft", "p-1", day=-ago, state=status, reason="both-going", evidence=("last-summit",))
    world = state({"p-1": friend()}, calendar=(summit("p1@far.example", ahead=6),), entries=(old,))
    assert bool(written(plan_for(world), "draft")) == again


def test_the_better_reason_wins() -> None:
    """Somebody due is written to about what the user noted, not about the last subject."""
    facts = friend(touch("wrote", NOW - days(89), title="Pumps for the valley"), last=-89)
    assert told(plan_for(state({"p-1": facts})))[-1] == ("draft", "pick-up")
    note = decided("note", "p-1", "congratulate: the prize", at=YESTERDAY)
    assert told(plan_for(state({"p-1": facts}, decisions=(note,))))[-1] == ("draft", "congratulation")


def test_nobody_is_pushed() -> None:
    """No reason reaches the muted, colleagues, cards, people to be met soon, or those asked for lately."""
    event = summit("p1@far.example", ahead=6)
    world = state({"p-1": friend()}, calendar=(event,))
    meeting = touch("one-to-one", NOW + days(3))
    asked = entry("reconnect", "p-1", day=-3, state="dismissed")
    for quiet in (
        replace(world, decisions=(decided("mark", "p-1", "muted"),)),
        replace(world, decisions=(decided("circle", "p-1", "colleague"),)),
        replace(world, ahead={"p-1": (meeting,)}),
        replace(world, entries=(asked,)),
        replace(world, people={"p-1": replace(world.people["p-1"], addresses=(), card=True)}),
    ):
        assert not written(plan_for(quiet), "draft")


@pytest.mark.parametrize("days_on", range(4))
def test_nothing_more_on_the_same_day(days_on: int) -> None:
    """Decided and carried out, there is nothing more to decide that day."""
    note = decided("note", "p-1", "congratulate: the prize")
    people = {"p-1": friend(), "p-2": tuple(replace(item, person="p-2") for item in on_day(30))}
    world = state(people, decisions=(note, KEY, replace(promise(), about="p-2")), birthdays={"p-1": "06-04"})
    world = replace(world, now=NOW + days(days_on), calendar=(summit("p1@far.example"),))
    plan = plan_for(world)
    again = plan_for(taken(world, plan))
    assert (again.write, again.withdraw) == ((), ())
